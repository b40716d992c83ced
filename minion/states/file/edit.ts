/** What the functions that change a part of a file have in common: looking at it, refusing what is no text, writing. */
import type { Changer } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, unknown } from '../contract.ts'
import type { Attributes } from './attributes.ts'
import { planFile } from './content-plan.ts'
import { type Resolved, resolveLinks } from './link.ts'
import { mayMakeFiles } from './parents.ts'

/** The text of a file; of one that is not UTF-8, each byte is one character. */
export interface FileText {
  readonly text: string
  /** A text of the arguments as it would stand in the file. */
  own(argument: string): string
}

export interface Edited {
  readonly text: string
  /** Salt's words, where a function has its own. */
  readonly would?: string
  readonly done?: string
}

/** A new text, or the decision where there is nothing to change. */
export type Edit = Edited | Exclude<Decision, { kind: 'drift' }>

export interface EditedFile {
  readonly name: string
  readonly show_changes?: boolean
  /** Ending of the copy that is kept beside the file; '': none. */
  readonly backup?: string
  readonly ignore_if_missing?: boolean
  /** A file that is not there is an empty one. */
  readonly create?: boolean
  readonly attributes?: Attributes
}

export const unchanged = 'No changes needed to be made'

/** @param change what the text becomes */
export async function editFile(
  wanted: EditedFile,
  look: Reader,
  run: StateRun,
  change: (file: FileText) => Edit | Promise<Edit>,
): Promise<Decision> {
  const target = await resolveLinks(wanted.name, look)
  const obstacle = obstacleTo(wanted, target, run)
  if (obstacle) return obstacle
  const bytes = target.info ? await look.files.read(target.path) : new Uint8Array()
  const file = textOfFile(bytes)
  if (!file) return failed(`${wanted.name} is a binary file, in which no text can be changed`)
  const edited = await change(file)
  // What is right already may still have another owner or mode.
  const same = 'kind' in edited && edited.kind === 'in-sync' && hasAttributes(wanted, target)
  if ('kind' in edited && !same) return edited
  const { text, ...words } = 'kind' in edited ? file : edited
  return decideEdit(wanted, target, { ...words, content: Buffer.from(text, file.encoding) }, look)
}

const hasAttributes = ({ attributes = {}, create }: EditedFile, { info }: Resolved): boolean =>
  Object.values(attributes).some((value) => value !== undefined) || (create === true && !info)

async function decideEdit(
  wanted: EditedFile,
  { path, info }: Resolved,
  edited: Omit<Edited, 'text'> & { readonly content: Uint8Array },
  look: Reader,
): Promise<Decision> {
  const showChanges = wanted.show_changes ?? true
  const plan = await planFile(
    { path, info, content: edited.content, attributes: wanted.attributes ?? {}, showChanges },
    look,
  )
  if (!plan) return inSync(unchanged)
  return drift(
    plan.changes,
    { would: edited.would ?? 'Changes would be made', done: edited.done ?? 'Changes were made' },
    async (act) => {
      if (info && wanted.backup) await keepBeside(path, info, wanted.backup, act)
      await plan.apply(act)
    },
  )
}

function obstacleTo(
  { name, ignore_if_missing, create }: EditedFile,
  { info }: Resolved,
  run: StateRun,
): Decision | undefined {
  if (info?.type === 'file' || (!info && create)) return undefined
  if (info) return failed(`${name} is a ${info.type}, not a file`)
  if (run.test && run.predicted.some((one) => mayMake(name, one)))
    return unknown(`${name} does not exist yet; an earlier state may make it`)
  return ignore_if_missing ? inSync(unchanged) : failed(`${name}: file not found`)
}

/** An earlier state that changes this very file, or brings files that nobody named. */
export function mayMake(
  name: string,
  one: { readonly state: string; readonly fun: string; readonly name: string },
): boolean {
  if (one.state !== 'file') return mayMakeFiles(one.state)
  return one.fun !== 'absent' && (one.name === name || name.startsWith(`${one.name}/`))
}

async function keepBeside(path: string, info: FileInfo, ending: string, act: Changer): Promise<void> {
  const { mode, uid, gid } = info
  await act.files.write(`${path}${ending}`, await act.look.files.read(path), { mode, user: uid, group: gid })
}

type EncodedText = FileText & { readonly encoding: 'utf8' | 'latin1' }

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOfFile(bytes: Uint8Array): EncodedText | undefined {
  if (bytes.subarray(0, 8_192).includes(0)) return undefined
  try {
    return { text: decoder.decode(bytes), own: (argument) => argument, encoding: 'utf8' }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  const own = (argument: string): string => Buffer.from(argument, 'utf8').toString('latin1')
  return { text: Buffer.from(bytes).toString('latin1'), own, encoding: 'latin1' }
}

/** Lines with their ends, as Python's `splitlines(True)` gives them for `\n` and `\r\n`. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  const whole = lines.map((line) => `${line}\n`)
  return last === '' ? whole : [...whole, last]
}
