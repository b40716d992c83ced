/** What the compiler makes of a tree: an ordered list of low chunks, each one call of one state function. */
import type { Place } from '../data/place.ts'
import type { Dict } from '../data/value.ts'

export interface LowChunk {
  /** `file` of `file.managed` */
  readonly state: string
  readonly fun: string
  readonly name: string
  readonly id: string
  readonly sls: string
  readonly environment: string
  /** Salt's order number; chunks come sorted by it. */
  readonly order: number
  /** All other arguments as written, requisites and global ones (`onlyif`, `retry`, …) left out. */
  readonly args: Dict
  /** Global arguments: onlyif, unless, creates, check_cmd, retry, failhard, runas, umask, ... */
  readonly globals: Dict
  /** Requisites resolved to the chunks that they name, as indices into the list. */
  readonly requisites: readonly Requisite[]
  /** Of the ID's function line, e.g. `file.managed:`. */
  readonly place: Place | undefined
  /** What is odd about it, but no mistake; for its result. */
  readonly warnings?: readonly string[]
  /** Of the name, where it is written apart from the ID. */
  readonly namePlace?: Place | undefined
}

export const requisiteKinds = [
  'require',
  'require_any',
  'watch',
  'watch_any',
  'onchanges',
  'onchanges_any',
  'onfail',
  'onfail_any',
  'onfail_all',
  'prereq',
  'prerequired',
  'listen',
] as const
export type RequisiteKind = (typeof requisiteKinds)[number]

export interface Requisite {
  readonly kind: RequisiteKind
  /** As written: `{file: /etc/x}`, for comments such as "One or more requisite failed". */
  readonly state: string | undefined
  readonly reference: string
  /** Indices of the chunks that it names; never empty in a compiled list. */
  readonly targets: readonly number[]
  readonly place: Place | undefined
  /** Of `listen_in`: which it is of all, for listeners are called in the order in which they were asked to listen. */
  readonly askedAs?: number
}

/** Something odd, with the ID of the state that it is told with. */
export interface CompileWarning {
  readonly id: string
  readonly text: string
}

/** `state_|-id_|-name_|-fun`, Salt's key of one result. */
export function chunkTag(chunk: Pick<LowChunk, 'state' | 'id' | 'name' | 'fun'>): string {
  return `${chunk.state}_|-${chunk.id}_|-${chunk.name}_|-${chunk.fun}`
}
