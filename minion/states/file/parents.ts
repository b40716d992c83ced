/** The directory that an entry goes into: is it there, will an earlier state make it, and making it. */
import { dirname } from 'node:path'
import { isDict, toValue } from '../../../shared/data/value.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'
import { type Attributes, ownership } from './attributes.ts'

/**
 * `there`; `blocked`: something that is no directory stands in the way; `expected`: an earlier state of this dry run
 * makes it; `uncertain`: an earlier state may (a package, a command); `missing`.
 */
export type ParentState = 'there' | 'blocked' | 'expected' | 'uncertain' | 'missing'

export async function parentState(path: string, look: Reader, run: StateRun): Promise<ParentState> {
  const parent = dirname(path)
  const info = await look.files.infoFollowed(parent)
  if (info) return info.type === 'directory' ? 'there' : 'blocked'
  if (!run.test) return 'missing'
  if (run.predicted.some((change) => change.state === 'file' && makes(change.fun, change.name, parent)))
    return 'expected'
  return run.predicted.some((change) => mayMakeFiles(change.state)) ? 'uncertain' : 'missing'
}

export const parentHint = (path: string): string =>
  `Give "makedirs: True", or let an earlier state make ${dirname(path)}.`

const makes = (fun: string, name: string, parent: string): boolean =>
  fun !== 'absent' && (name === parent || name.startsWith(`${parent}/`) || parent.startsWith(`${name}/`))

/**
 * In a dry run: an earlier state makes this folder, by itself or for what it puts there. Which owner and mode it then
 * has is not told by that state's changes; that they are those wanted is taken for granted.
 */
export function isFolderToCome(path: string, { test, predicted }: StateRun): boolean {
  return (
    test &&
    predicted.some(({ state, fun, name, changes }) => {
      if (state !== 'file' || fun === 'absent') return false
      if (name.startsWith(`${path}/`)) return true
      const own = toValue(changes)
      const made = isDict(own) ? own.get(path) : undefined
      return isDict(made) && made.get('directory') === 'new'
    })
  )
}

/** States whose changes bring files with them that nobody named. */
export function mayMakeFiles(state: string): boolean {
  return state !== 'file' && state !== 'service' && state !== 'group' && state !== 'test'
}

/** Where a directory of the path is something else: that path; Salt's message names it. */
export async function blockingParent(path: string, look: Reader): Promise<string | undefined> {
  let current = dirname(path)
  while (current !== '/') {
    const info = await look.files.infoFollowed(current)
    if (info) return info.type === 'directory' ? undefined : current
    current = dirname(current)
  }
  return undefined
}

/** Mode of directories made for a file: read bits bring execute bits, as Salt derives it from the file's mode. */
export function directoryMode(wanted: Attributes, directoryMode: number | undefined): number | undefined {
  if (directoryMode !== undefined) return directoryMode
  if (wanted.mode === undefined) return undefined
  let mode = wanted.mode & 0o7777
  for (const shift of [0, 3, 6]) if (mode & (0o4 << shift)) mode |= 0o1 << shift
  return mode
}

export async function makeParents(
  path: string,
  wanted: Attributes,
  mode: number | undefined,
  act: Changer,
): Promise<void> {
  const parent = dirname(path)
  if (await act.look.files.infoFollowed(parent)) return
  const derived = directoryMode(wanted, mode)
  await act.files.makeDirectory(parent, {
    ...ownership(wanted),
    ...(derived !== undefined && { mode: derived }),
    parents: true,
  })
}
