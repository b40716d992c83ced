/** The event bus on disk: what happened, in one order for everybody. */
import type { Json } from '../../shared/data/codec.ts'
import type { MinionId } from '../../shared/ids.ts'

export interface NewEvent {
  /** Salt's words with slashes: `salt/job/20260102030405000000/new`. */
  readonly tag: string
  /** Encoded with shared/data/codec.ts. */
  readonly data: Json
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The minion that told it; undefined: the master saw it itself. */
  readonly origin?: MinionId | undefined
  /** The teller's own name for it: told twice, it counts once. */
  readonly key?: string | undefined
}

export interface EventRow extends NewEvent {
  /** From 1; later events have greater ones, gaps may be. */
  readonly sequence: number
}

export interface EventStore {
  /** @returns its sequence number; undefined: this teller has told it before */
  add(event: NewEvent): Promise<number | undefined>
  /** Those after a sequence number, in order. */
  since(sequence: number, limit: number): Promise<readonly EventRow[]>
  /** The number of the newest event; 0 where there never was one. */
  last(): Promise<number>
  /** The number of the last event before a moment; 0 where all are later. */
  before(at: number): Promise<number>
  /** Removes those before a moment, and the oldest beyond so many. @returns how many went */
  prune(before: number, most: number, limit: number): Promise<number>
}
