/** What file.accumulated has gathered in this run, for the files that ask for it. */
import type { StateRun } from '../contract.ts'

/** Texts by the name of their accumulator, both in the order of the run. */
export type Accumulated = ReadonlyMap<string, readonly string[]>

const key = Symbol('accumulators')

interface Gathered {
  readonly files: Map<string, Map<string, string[]>>
  /** Files that were written in this run already. */
  readonly taken: Set<string>
}

function gatheredIn({ memory }: StateRun): Gathered {
  const known = memory?.get(key) as Gathered | undefined
  if (known) return known
  const made: Gathered = { files: new Map(), taken: new Set() }
  memory?.set(key, made)
  return made
}

/** Of several accumulators for one file, a state gets those that it requires; if it requires none, all. */
export function accumulatedFor(file: string, run: StateRun): Accumulated {
  const gathered = gatheredIn(run)
  // What a prereq only tries may be asked for again.
  if (!run.test) gathered.taken.add(file)
  const all = gathered.files.get(file) ?? new Map<string, string[]>()
  const required = new Set(
    (run.required ?? [])
      .filter(({ state, fun }) => state === 'file' && fun === 'accumulated')
      .map(({ name }) => name),
  )
  const chosen = [...all].filter(([name]) => required.has(name))
  return chosen.length > 0 ? new Map(chosen) : all
}

/** @returns false where the file was written before and would never see the texts */
export function accumulate(file: string, name: string, texts: readonly string[], run: StateRun): boolean {
  const gathered = gatheredIn(run)
  const accumulators = gathered.files.get(file) ?? new Map<string, string[]>()
  const kept = accumulators.get(name) ?? []
  const missing = texts.filter((text) => !kept.includes(text))
  if (missing.length > 0 && gathered.taken.has(file)) return false
  gathered.files.set(file, accumulators)
  accumulators.set(name, [...kept, ...missing])
  return true
}
