/** Who works through the events, and how far each has come: a consumer crashes and goes on where it was. */
import type { Json } from '../../shared/data/codec.ts'

export interface ConsumerRow {
  readonly name: string
  /** Everything up to this event is done with. */
  readonly sequence: number
  /** What the consumer itself keeps: counts, its last errors. */
  readonly data: Json
}

/** A part of the work on one event, so that it is begun once although the event may be worked on again. */
export interface Claim {
  readonly sequence: number
  /** The consumer's own name for the part. */
  readonly part: string
  /** What it made of it: a job's id. */
  readonly token: string
  readonly ended: boolean
}

export interface ConsumerStore {
  find(name: string): Promise<ConsumerRow | undefined>
  /** Replaces what is there of the name, and forgets the claims of events up to the sequence. */
  put(row: ConsumerRow): Promise<void>
  /** @returns undefined where it was free and now is claimed; otherwise what was claimed before */
  claim(name: string, claim: Claim): Promise<Claim | undefined>
  /** Replaces a claim. */
  settle(name: string, claim: Claim): Promise<void>
}
