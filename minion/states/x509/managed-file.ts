/** A file of x509 with its owner and mode: in sync, or written with what is made for it. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, formatMode, mode } from '../../../shared/schema/paths.ts'
import { account, flag } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun } from '../contract.ts'
import { makeParents } from '../file/parents.ts'
import { given } from '../given.ts'
import { readTextFile } from '../text-file.ts'
import { Unreadable } from './extensions.ts'

export const fileEntries = {
  user: optional(account, 'Owner of the file.'),
  group: optional(account, 'Group of the file.'),
  mode: optional(mode, 'Its permissions.'),
  makedirs: defaulted(flag, false, 'Also make the folders above it.'),
  backup: optional(flag, 'Accepted for trees of Salt.'),
}
export const pathArgument = absolutePath
export type FileWishes = v.InferOutput<ReturnType<typeof fileSchema>>
const fileSchema = () => v.strictObject(fileEntries)

export interface Made {
  readonly name: string
  readonly what: string
  readonly wanted: FileWishes
  /** Permissions of a new file that the state says nothing of. */
  readonly freshMode: number
  /** Why the file that is there will not do; undefined: it will. */
  reason(text: string): string | undefined
  /** @throws Unreadable, where what it is made of is not there */
  make(look: Reader): Promise<string>
}

/** Decides by what is there; what is new is made only while changes are made. */
export async function manage(made: Made, look: Reader): Promise<Decision> {
  const { name, what, wanted } = made
  const file = await readTextFile(name, look)
  if (file.kind !== 'text') return file
  const reason = file.info ? made.reason(file.text) : 'it is not there'
  const wrong = file.info ? rights(wanted, file.info) : {}
  if (reason === undefined && Object.keys(wrong).length === 0)
    return inSync(`The ${what} is in the correct state`)
  const changes: Record<string, Plain> =
    reason === undefined ? wrong : file.info ? { replaced: name, reason, ...wrong } : { created: name }
  const verb = reason === undefined ? 'updated' : file.info ? 'recreated' : 'created'
  const comments = { would: `The ${what} would have been ${verb}`, done: `The ${what} has been ${verb}` }
  return drift(changes, comments, async (act) => {
    if (reason === undefined) return fix(name, wanted, wrong, act)
    const owner = given({ user: wanted.user, group: wanted.group })
    if (!file.info && wanted.makedirs) await makeParents(file.path, owner, undefined, act)
    const options = {
      ...owner,
      ...(wanted.mode === undefined ? (file.info ? {} : { mode: made.freshMode }) : { mode: wanted.mode }),
    }
    try {
      await act.files.write(file.path, Buffer.from(await made.make(act.look), 'utf8'), options)
      return undefined
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      return { ok: false, comment: `The ${what} was not made: ${error.argument}: ${error.message}` }
    }
  })
}

function rights({ user, group, mode: bits }: FileWishes, info: FileInfo): Record<string, Plain> {
  const other = (wish: string | number | undefined, name: string, id: number): boolean =>
    wish !== undefined && wish !== name && wish !== id
  return {
    ...(other(user, info.user, info.uid) && { user: String(user) }),
    ...(other(group, info.group, info.gid) && { group: String(group) }),
    ...(bits !== undefined && bits !== info.mode && { mode: formatMode(bits) }),
  }
}

async function fix(
  name: string,
  wanted: FileWishes,
  wrong: Record<string, Plain>,
  act: Changer,
): Promise<undefined> {
  if ('user' in wrong || 'group' in wrong)
    await act.files.setOwner(name, given({ user: wanted.user, group: wanted.group }))
  if (wanted.mode !== undefined && 'mode' in wrong) await act.files.setMode(name, wanted.mode)
  return undefined
}

/** What a state is made of: a file, or the PEM itself. undefined: an earlier state makes it. @throws Unreadable */
export async function pemOf(
  argument: string,
  value: string,
  look: Reader,
  run?: StateRun,
): Promise<string | undefined> {
  if (value.includes('-----BEGIN')) return value
  if (!value.startsWith('/')) throw new Unreadable(argument, `${argument} is neither a file nor PEM`)
  if ((await look.files.infoFollowed(value)) !== undefined)
    return Buffer.from(await look.files.read(value)).toString('utf8')
  const isPredicted =
    run?.test === true &&
    run.predicted.some(
      ({ state, name }) =>
        (state === 'x509' || state === 'file' || state === 'cmd') && (name === value || state === 'cmd'),
    )
  if (isPredicted) return undefined
  throw new Unreadable(argument, `${value} does not exist`)
}

/** Answers Failed where something that is needed cannot be read. */
export async function unlessUnreadable(work: () => Promise<Decision>): Promise<Decision> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Unreadable)
      return failed(`${error.argument}: ${error.message}`, 'Make it in an earlier state, and require that.')
    throw error
  }
}
