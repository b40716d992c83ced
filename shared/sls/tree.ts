/** The port through which the language reads files: a manifest on the minion, folders on the master. */
import type { Sha256 } from '../ids.ts'

export interface TreeFileText {
  readonly text: string
  readonly sha256: Sha256
}

export interface Tree {
  /** Environments in configured order, `base` first where present. */
  readonly environments: readonly string[]
  /** A file by its path under the roots of an environment (first root wins). undefined: none. */
  read(environment: string, path: string): Promise<TreeFileText | undefined>
  has(environment: string, path: string): boolean
  /** All paths of an environment, sorted. For globs and suggestions. */
  list(environment: string): readonly string[]
}
