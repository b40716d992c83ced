/** A tree with contents of any kind, for states that fetch files: what `Tree` is for texts of SLS. */
import type { Tree } from '../../shared/sls/tree.ts'
import type { Source, TreeFile } from '../system/reader.ts'

export interface TreeFiles extends Tree {
  /** The file that a path leads to, links followed within the tree. undefined: none. */
  fetch(environment: string, path: string): Promise<Source | undefined>
  /** All files and links beneath a folder, paths relative to it, sorted. `''` is the whole environment. */
  under(environment: string, folder: string): Promise<readonly TreeFile[]>
  /** Folders beneath a folder that hold nothing, paths relative to it, sorted; `''` where it is one itself. */
  emptyUnder(environment: string, folder: string): Promise<readonly string[]>
  /** Modules and states of the tree as plain JavaScript, by path: `_states/disk.js`. Of the environment base. */
  code(): Promise<readonly CodeFile[]>
}

export interface CodeFile {
  readonly path: string
  readonly sha256: string
  content(): Promise<Uint8Array>
}

/** Set in the mode of a manifest's entry that is a symbolic link; its content is what the link says. */
export const linkBit = 0o120_000
const typeBits = 0o170_000

export function isLink(mode: number): boolean {
  return (mode & typeBits) === linkBit
}

export const permissions = (mode: number): number => mode & 0o7777

const decoder = new TextDecoder('utf-8')

/** UTF-8; bytes that are none become U+FFFD, which YAML and templates then point at. A leading BOM goes. */
export function decodeText(content: Uint8Array): string {
  return decoder.decode(content)
}
