/** What holds for every tree on every host: the dry run tells what the real run does, and a second run is silent. */
import { expect } from 'vitest'
import { notSilent, type Site, type StateEntry } from './site.ts'

export type Entries = Readonly<Record<string, StateEntry & { readonly __unknown__?: string }>>

export async function apply(site: Site, id: string, words: readonly string[]): Promise<Entries> {
  const { returns, stderr } = await site.states([id, ...words])
  const entries = returns[id]
  if (!entries || Array.isArray(entries))
    throw new Error(`${words.join(' ')}: ${JSON.stringify(entries, null, 1)} ${stderr}`)
  return entries
}

export interface Held {
  readonly dry: Entries
  readonly real: Entries
}

/**
 * Dry run, real run, second run.
 * @param words e.g. `['state.apply', 'redis']`
 */
export async function holds(site: Site, id: string, words: readonly string[]): Promise<Held> {
  const dry = await apply(site, id, [...words, 'test=True'])
  const real = await apply(site, id, words)
  expect(failures(real)).toEqual([])
  expect(Object.keys(real)).toEqual(Object.keys(dry))
  // In one comparison, so that a failure shows every state that differs.
  const told: Record<string, unknown> = {}
  const done: Record<string, unknown> = {}
  for (const [tag, entry] of Object.entries(real)) {
    const predicted = dry[tag]
    const afterPackage = isAfterPackage(entry, real)
    if (predicted?.__unknown__ !== undefined || (afterPackage && isBroughtFolder(entry, predicted))) continue
    told[tag] = predicted?.changes
    done[tag] = foretold(entry.changes, predicted?.changes, afterPackage)
  }
  expect(done).toEqual(told)
  expect(notSilent({ [id]: { ...(await apply(site, id, words)) } })).toEqual([])
  return { dry, real }
}

function failures(entries: Entries): string[] {
  return Object.entries(entries)
    .filter(([, { result }]) => result !== true)
    .map(([tag, { result, comment }]) => `${tag}: ${result} ${comment}`)
}

/** An earlier state of the run installed something: files and folders that the dry run missed may be there now. */
const isAfterPackage = ({ __run_num__: number }: StateEntry, all: Entries): boolean =>
  Object.entries(all).some(
    ([tag, entry]) =>
      tag.startsWith('pkg_|-') && entry.__run_num__ < number && Object.keys(entry.changes).length > 0,
  )

/** A folder that a package brought as it should be: nothing is left to change. */
function isBroughtFolder({ changes }: StateEntry, dry: StateEntry | undefined): boolean {
  const [made] = Object.values(dry?.changes ?? {})
  return JSON.stringify(made) === '{"directory":"new"}' && Object.keys(changes).length === 0
}

/** In a dry run null stands for what only the real run can tell: the output of a command, a new number. */
function foretold(real: unknown, dry: unknown, afterPackage: boolean): unknown {
  if (dry === null) return null
  if (!isMapping(real) || !isMapping(dry)) return real
  if (afterPackage && isBroughtFile(real, dry)) return dry
  return Object.fromEntries(
    Object.entries(real).map(([key, value]) => [key, foretold(value, dry[key], afterPackage)]),
  )
}

/**
 * A package brought the file that the dry run found missing: the state replaces it instead of making it. Owner and
 * mode may be met already; what it does set is what was foretold. (The silence of the second run shows that they are.)
 */
function isBroughtFile({ diff, ...real }: Mapping, { diff: told, ...attributes }: Mapping): boolean {
  return (
    typeof diff === 'string' &&
    diff.startsWith('--- ') &&
    typeof told === 'string' &&
    told.startsWith('New file\n') &&
    Object.keys(attributes).every((key) => ['mode', 'user', 'group'].includes(key)) &&
    Object.entries(real).every(([key, value]) => attributes[key] === value)
  )
}

type Mapping = Readonly<Record<string, unknown>>
const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
