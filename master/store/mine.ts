/** The mine: what functions of minions answered, kept for others to read. It belongs to (id, generation). */
import type { Json } from '../../shared/data/codec.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { MineReaders } from '../../shared/protocol/messages/mine-put.ts'

export interface NewMineEntry {
  readonly name: string
  /** Encoded with shared/data/codec.ts. */
  readonly value: Json
  /** Absent: every minion may read it. */
  readonly readers?: MineReaders | undefined
}

/** A write of one minion, as a whole. */
export interface MineChange {
  readonly id: MinionId
  readonly generation: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** What goes first; `configured`: what entries with that mark had brought. */
  readonly clear: 'nothing' | 'configured' | 'all'
  /** Not cleared. */
  readonly keep: readonly string[]
  readonly remove: readonly string[]
  /** Mark of the entries. */
  readonly configured: boolean
  readonly entries: readonly NewMineEntry[]
}

/** Of one minion, all it has. */
export interface MineLimits {
  readonly names: number
  /** Of the values as JSON, in bytes. */
  readonly bytes: number
}

/** An entry without its value. */
export interface MineRow {
  /** Another after every change. */
  readonly key: number
  readonly id: MinionId
  readonly generation: number
  readonly name: string
  readonly readers: MineReaders | undefined
  readonly configured: boolean
  /** Of the value as JSON. */
  readonly bytes: number
  /** When it changed last, in milliseconds since the epoch. */
  readonly at: number
}

export interface MineStore {
  /**
   * Entries are taken one after another; one that exceeds a limit is left out, and what was under its name goes.
   * An entry that says what is there already is left as it is.
   * @returns the names left out, each with the limit it exceeds and what it would have come to
   */
  put(change: MineChange, limits: MineLimits): Promise<readonly MineExcess[]>
  /** All rows of these names, by name in the order given, then sorted by id and generation. */
  find(names: readonly string[]): Promise<readonly MineRow[]>
  /** Another after every write that changes what is under a name. Cheap: asked before each use of what was read. */
  version(name: string): Promise<string>
  /** Of one minion, sorted by name. */
  of(id: MinionId, generation: number): Promise<readonly MineRow[]>
  /** Values by key; those changed or gone meanwhile are missing. */
  values(keys: readonly number[]): Promise<ReadonlyMap<number, Json>>
  /** All generations. */
  forget(id: MinionId): Promise<void>
}

export interface MineExcess {
  readonly name: string
  readonly exceeds: keyof MineLimits
  readonly size: number
}
