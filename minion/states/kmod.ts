/** kmod.*: modules of the kernel. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import {
  type Applied,
  type ArgumentRefusal,
  type Decision,
  drift,
  inSync,
  type StateFunction,
  stateFunction,
  stateModule,
} from './contract.ts'
import { saidBy } from './said-by.ts'
import { linesOf, readTextFile, textOf, writeTextFile } from './text-file.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'The module; with `mods` only a name for the state.'),
  persist: defaulted(flag, false, 'Also at the next start, by `/etc/modules`.'),
  mods: optional(textList, 'Several modules.'),
})
type Arguments = v.InferOutput<typeof args>

const modulesOf = ({ name, mods }: Arguments): readonly string[] => mods ?? [name]
/** The kernel writes `_` where people write `-`. */
const plain = (name: string): string => name.replaceAll('-', '_')

function refuse(wanted: Arguments): ArgumentRefusal | undefined {
  const wrong = modulesOf(wanted).find((name) => !/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(name))
  return wrong === undefined
    ? undefined
    : { argument: wanted.mods ? 'mods' : 'name', reason: `"${wrong}" is not a module` }
}

/** Loaded, or built into the kernel where /sys tells so. */
async function isLoaded(name: string, look: Reader): Promise<boolean> {
  if (await look.files.infoFollowed(`/sys/module/${plain(name)}`)) return true
  const list = (await look.files.infoFollowed('/proc/modules'))
    ? await look.files.read('/proc/modules')
    : new Uint8Array()
  return linesOf(Buffer.from(list).toString('utf8')).some((line) => line.split(' ')[0] === plain(name))
}

const entryOf = (line: string): string =>
  plain(
    line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)[0] ?? '',
  )

async function check(wanted: Arguments, look: Reader, load: boolean): Promise<Decision> {
  const names = modulesOf(wanted)
  const file = await readTextFile('/etc/modules', look)
  if (file.kind !== 'text') return file
  const wrong: string[] = []
  for (const name of names) if ((await isLoaded(name, look)) !== load) wrong.push(name)
  const lines = linesOf(file.text)
  const kept = (name: string): boolean => lines.some((line) => entryOf(line) === plain(name))
  const files = wanted.persist ? names.filter((name) => kept(name) !== load) : []
  const told = [...new Set([...wrong, ...files])]
  const many = names.length > 1 ? 'modules' : 'module'
  if (told.length === 0)
    return inSync(
      load
        ? `Kernel ${many} ${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} already present`
        : `Kernel ${many} ${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} already removed`,
    )
  const comments = load
    ? {
        would: `Kernel ${many} ${told.join(', ')} would be loaded`,
        done: `Loaded kernel ${many} ${told.join(', ')}`,
      }
    : {
        would: `Kernel ${many} ${told.join(', ')} would be removed`,
        done: `Removed kernel ${many} ${told.join(', ')}`,
      }
  return drift(
    Object.fromEntries(told.map((name) => [name, load ? 'loaded' : 'removed'])),
    comments,
    async (act): Promise<Applied | undefined> => {
      for (const name of wrong) {
        const modprobe = (loads: boolean): string[] => ['modprobe', ...(loads ? [] : ['-r']), name]
        const { code, stderr } = await act.commands.run(modprobe(load), { undo: [{ argv: modprobe(!load) }] })
        if (code !== 0)
          return {
            ok: false,
            comment: `Failed to ${load ? 'load' : 'remove'} kernel module ${name}: ${saidBy({ code, stderr })}`,
          }
      }
      const gone = new Set(files.map(plain))
      const after = load ? [...lines, ...files] : lines.filter((line) => !gone.has(entryOf(line)))
      if (files.length > 0) await writeTextFile(file, textOf(after), act, { mode: 0o644 })
      return undefined
    },
  )
}

const kmodFunction = (load: boolean, summary: string, example: string): StateFunction =>
  stateFunction({
    summary,
    args,
    examples: [example],
    refuse,
    check: (wanted, look) => check(wanted, look, load),
  })

export const kmod = stateModule({
  summary: 'Modules of the kernel.',
  functions: {
    present: kmodFunction(
      true,
      'Makes sure that modules of the kernel are loaded.',
      'br_netfilter:\n  kmod.present:\n    - persist: True\n',
    ),
    absent: kmodFunction(
      false,
      'Makes sure that modules of the kernel are not loaded.',
      'pcspkr:\n  kmod.absent:\n    - persist: True\n',
    ),
  },
})
