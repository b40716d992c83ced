/** selinux.boolean: switches of the policy. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { flag, readFlag } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { requires, word } from './requirements.ts'

const onOff = shaped<'on' | 'off'>({
  words: 'on or off',
  json: { type: ['boolean', 'string', 'integer'] },
  read(value) {
    const read = value === '' ? undefined : readFlag(value)
    if (read === undefined)
      return new Mismatch(`${describeValue(value)} is not a valid value for the boolean`)
    return read ? 'on' : 'off'
  },
})

export const boolean = stateFunction({
  summary: 'Makes sure that a switch of SELinux is on or off.',
  args: v.strictObject({
    name: needed(word, 'The switch: `httpd_can_network_connect`.'),
    value: needed(onOff, 'on or off.'),
    persist: defaulted(flag, false, 'Also after the next start.'),
  }),
  examples: ['httpd_can_network_connect:\n  selinux.boolean:\n    - value: True\n    - persist: True\n'],
  async check({ name, value, persist }, look, run) {
    const lacking = await requires('getsebool', look, run)
    if (lacking) return lacking
    const { code, stdout, stderr } = await look.commands.query(['getsebool', name])
    const now = /--> (on|off)(?:\s+pending: (on|off))?/.exec(stdout)?.[1]
    if (code !== 0 || now === undefined)
      return failed(
        /disabled/i.test(stderr) ? 'SELinux is disabled on this machine' : `Boolean ${name} is not available`,
      )
    const kept = persist ? await keptValue(name, look) : undefined
    const keeps = persist && kept !== undefined && kept !== value
    if (now === value && !keeps) return inSync('Boolean is in the correct state')
    const changes: Plain = {
      State: { old: now, new: value },
      ...(keeps && { Default: { old: kept, new: value } }),
    }
    return drift(
      changes,
      {
        would: `Boolean ${name} is set to be changed to ${value}`,
        done: `Boolean ${name} has been set to ${value}`,
      },
      async (act): Promise<Applied | undefined> => {
        const argv = (to: string): string[] => ['setsebool', ...(persist ? ['-P'] : []), name, to]
        const set = await act.commands.run(argv(value), { undo: [{ argv: argv(now) }], timeout: 600_000 })
        return set.code === 0
          ? undefined
          : { ok: false, comment: `Failed to set the boolean ${name} to ${value}: ${saidBy(set)}` }
      },
    )
  },
})

/** What it is after a start: `name (on , off)  …`. undefined: semanage does not tell. */
async function keptValue(name: string, look: Reader): Promise<string | undefined> {
  const { code, stdout } = await look.commands.query(['semanage', 'boolean', '--list', '--noheading'])
  if (code !== 0) return undefined
  const line = stdout.split('\n').find((one) => one.split(/\s+/)[0] === name)
  return /\((?:on|off)\s*,\s*(on|off)\s*\)/.exec(line ?? '')?.[1]
}
