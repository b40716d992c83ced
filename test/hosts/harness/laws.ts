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
    if (predicted?.__unknown__ !== undefined || isBroughtFolder(entry, predicted, real)) continue
    told[tag] = predicted?.changes
    done[tag] = foretold(entry.changes, predicted?.changes)
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

/**
 * A package may bring a file that the dry run finds missing: the state then replaces it instead of making it. That it
 * changes the file is foretold all the same.
 */
const isBrought = (real: unknown, dry: unknown): boolean =>
  typeof real === 'string' &&
  real.startsWith('--- ') &&
  typeof dry === 'string' &&
  dry.startsWith('New file\n')

/** The same for a folder: where the package brought it, nothing is left to change. */
function isBroughtFolder({ changes }: StateEntry, dry: StateEntry | undefined, all: Entries): boolean {
  const [made] = Object.values(dry?.changes ?? {})
  const isNew = JSON.stringify(made) === '{"directory":"new"}'
  const installed = Object.entries(all).some(
    ([tag, entry]) => tag.startsWith('pkg_|-') && Object.keys(entry.changes).length > 0,
  )
  return isNew && installed && Object.keys(changes).length === 0
}

/** In a dry run null stands for what only the real run can tell: the output of a command, a new number. */
function foretold(real: unknown, dry: unknown): unknown {
  if (dry === null) return null
  if (isBrought(real, dry)) return dry
  if (typeof real !== 'object' || real === null || Array.isArray(real) || typeof dry !== 'object') return real
  const expected = new Map(Object.entries(dry))
  const own = Object.entries(real).map(([key, value]) => [key, foretold(value, expected.get(key))])
  const isOfPackage = 'diff' in real && isBrought(real.diff, expected.get('diff'))
  return Object.fromEntries([...(isOfPackage ? attributes(expected) : []), ...own])
}

/** A file of a package may have the owner and mode already that a new one would get. */
const attributes = (expected: ReadonlyMap<string, unknown>): [string, unknown][] =>
  [...expected].filter(([key]) => ['mode', 'user', 'group'].includes(key))
