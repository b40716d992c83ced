/** The reactor as runners see it. */
import type { Json } from '../../shared/data/codec.ts'
import type { Value } from '../../shared/data/value.ts'
import type { ReactorEntry } from './entry.ts'

/** What a file would do about an event; nothing of it is done. */
export interface Rehearsal {
  readonly file: string
  /** The glob of the entry that names the file. */
  readonly glob: string
  /** For whom it would act. */
  readonly as: string
  readonly reactions: readonly RehearsedReaction[]
  /** What is wrong with the file: then none of it would be done. */
  readonly error?: string
}

export interface RehearsedReaction {
  readonly id: string
  /** `local.state.apply` */
  readonly name: string
  /** What it is called with, in Salt's words: tgt, arg, kwarg. */
  readonly call: Value
  /** Of a job: the minions that the target means now. */
  readonly minions?: readonly string[]
  /** Why it would be refused. */
  readonly error?: string
}

export interface ReactorStatus {
  readonly running: boolean
  /** Everything up to this event is done with. */
  readonly offset: number
  /** Events that come after it. */
  readonly lag: number
  readonly underWay: number
  readonly counts: ReactorCounts
  readonly errors: readonly ReactorMistake[]
}

export interface ReactorCounts {
  readonly reactions: number
  readonly failed: number
  /** Events that were too old when their turn came. */
  readonly skipped: number
}

export interface ReactorMistake {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly sequence: number
  readonly tag: string
  readonly code: string
  /** With the place. */
  readonly error: string
}

export interface ReactorDoor {
  list(): readonly ReactorEntry[]
  /** Why all that an entry wants would be refused now. */
  warningOf(entry: ReactorEntry): string | undefined
  status(): Promise<ReactorStatus>
  rehearse(tag: string, data: Json): Promise<readonly Rehearsal[]>
  /** Kept until it is removed. @throws TsaltError `reactor-entry-exists`, `reactor-option-wrong` */
  add(tag: string, reactors: Value): Promise<void>
  /** @throws TsaltError `reactor-entry-unknown`, `reactor-entry-configured` */
  remove(tag: string): Promise<void>
}
