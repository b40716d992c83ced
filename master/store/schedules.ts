/** The schedule of the master: what operators added to it, and what was due last. */
import type { Json } from '../../shared/data/codec.ts'

/** What an entry has come to. */
export interface DueRow {
  readonly name: string
  /** Its times as text: with others it begins anew. */
  readonly timing: string
  /** What was due last; at first, when the entry was seen. Milliseconds since the epoch. */
  readonly anchor: number
  /** What was begun for it and has not ended, as the scheduler writes it: after a crash it is looked after. */
  readonly pending: Json
}

export interface ScheduleStore {
  /** What lies over the configuration: name → entry, and the switch `enabled`. null: nothing was ever changed. */
  edits(): Promise<Json>
  putEdits(edits: Json): Promise<void>
  due(): Promise<readonly DueRow[]>
  /** Replaces what is there of the name. */
  putDue(row: DueRow): Promise<void>
  dropDue(name: string): Promise<void>
}
