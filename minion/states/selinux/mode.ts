/** selinux.mode: enforcing, permissive or disabled. */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import { type Applied, drift, inSync, stateFunction } from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { linesOf, readTextFile, textOf, writeTextFile } from '../text-file.ts'
import { requires } from './requirements.ts'

const modes = ['Enforcing', 'Permissive', 'Disabled'] as const
const modeName = shaped<(typeof modes)[number]>({
  words: 'enforcing, permissive or disabled',
  json: { type: 'string' },
  read(value) {
    const word = (typeof value === 'boolean' ? (value ? 'on' : 'off') : (readText(value) ?? '')).toLowerCase()
    if (/^(?:e|1$|on$)/.test(word)) return 'Enforcing'
    if (/^(?:p|0$|off$)/.test(word)) return 'Permissive'
    return word.startsWith('d') ? 'Disabled' : new Mismatch(`${describeValue(value)} is not an accepted mode`)
  },
})
const config = '/etc/selinux/config'

export const mode = stateFunction({
  summary: 'Makes sure that SELinux is in a mode, now and after the next start.',
  args: v.strictObject({ name: needed(modeName, 'The mode: `enforcing`, `permissive`, `disabled`.') }),
  examples: ['enforcing:\n  selinux.mode: []\n'],
  async check({ name }, look, run) {
    const lacking = await requires('getenforce', look, run)
    if (lacking) return lacking
    const now = (await look.commands.query(['getenforce'])).stdout.trim()
    const file = await readTextFile(config, look)
    if (file.kind !== 'text') return file
    const lines = linesOf(file.text)
    const at = lines.findLastIndex((line) => /^\s*SELINUX\s*=/.test(line))
    const kept = lines[at]?.split('=')[1]?.trim().toLowerCase()
    // To or from Disabled there is no way but a start of the machine.
    const switches = now !== name && now !== 'Disabled' && name !== 'Disabled'
    const writes = kept !== name.toLowerCase()
    if (!switches && !writes) return inSync(`SELinux is already in ${name} mode`)
    const old = switches || now !== name ? now : (kept ?? '')
    return drift(
      { old, new: name },
      {
        would: `SELinux mode is set to be changed to ${name}`,
        done: `SELinux has been set to ${name} mode${now === 'Disabled' || name === 'Disabled' ? '; it counts from the next start of the machine on' : ''}`,
      },
      async (act): Promise<Applied | undefined> => {
        if (switches) {
          const undo = [{ argv: ['setenforce', now] }]
          const { code, stderr } = await act.commands.run(['setenforce', name], { undo })
          if (code !== 0)
            return {
              ok: false,
              comment: `Failed to set SELinux to ${name} mode: ${saidBy({ code, stderr })}`,
            }
        }
        const line = `SELINUX=${name.toLowerCase()}`
        if (writes)
          await writeTextFile(file, textOf(at < 0 ? [...lines, line] : lines.with(at, line)), act, {
            mode: 0o644,
          })
        return undefined
      },
    )
  },
})
