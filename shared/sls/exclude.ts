/** What `exclude:` and `exclude=` leave out of a run. */
import { compileGlob } from '../targeting/glob.ts'
import type { ExcludeEntry } from './document.ts'
import { plainSls } from './names.ts'

export interface Exclusion {
  sls(name: string): boolean
  id(id: string): boolean
  readonly isEmpty: boolean
}

/** Globs for SLS; IDs as they are. */
export function exclusion(entries: readonly ExcludeEntry[]): Exclusion {
  const globs = entries.filter(({ kind }) => kind === 'sls').map(({ name }) => compileGlob(name))
  const ids = new Set(entries.filter(({ kind }) => kind === 'id').map(({ name }) => name))
  return {
    sls: (name) => globs.some((matches) => matches(name) || matches(plainSls(name))),
    id: (id) => ids.has(id),
    isEmpty: entries.length === 0,
  }
}
