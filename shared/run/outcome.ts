/** What became of one state, and its form in a return: Salt's keys, `__unknown__` (why a dry run cannot tell), `__place__` (of a failure), `__event__` (its tag). */
import type { Place } from '../data/place.ts'
import type { Plain } from '../data/value.ts'
import { isDict, isList, toValue } from '../data/value.ts'
import { chunkTag, type LowChunk } from '../sls/low.ts'

export interface StateOutcome {
  /** True fine, false failed, null would change (or can't be told) in a dry run. */
  readonly result: boolean | null
  readonly comment: string
  readonly changes: Plain
  /** False where requisites or a guard kept it from running. */
  readonly ran: boolean
  /** A guard held: `watch` does nothing either. */
  readonly skipWatch?: true
  /** Of a failure: the argument at fault, where it is more precise than the state's own place. */
  readonly place?: Place | undefined
  /** A dry run can't tell, and why. */
  readonly unknown?: string
  readonly warnings?: readonly string[]
  /** The job that it was, of an orchestration. */
  readonly jid?: string | undefined
}

/** Of a chunk that has been called. */
export interface Finished {
  readonly chunk: LowChunk
  readonly outcome: StateOutcome
  /** From 0, in order of execution. */
  readonly number: number
  /** Wall time, milliseconds since the epoch. */
  readonly started: number
  /** Milliseconds. */
  readonly duration: number
  /** Tag of the event that the result is (`fire_event`, `state_events`). */
  readonly event?: string | undefined
}

export const fine = (comment: string, changes: Plain = {}): StateOutcome => ({
  result: true,
  comment,
  changes,
  ran: true,
})
export const failure = (comment: string, changes: Plain = {}): StateOutcome => ({
  result: false,
  comment,
  changes,
  ran: true,
})
export const wouldChange = (comment: string, changes: Plain): StateOutcome => ({
  result: null,
  comment,
  changes,
  ran: true,
})
export const cannotTell = (reason: string): StateOutcome => ({
  result: null,
  comment: `Cannot be told in a dry run: ${reason}`,
  changes: {},
  ran: true,
  unknown: reason,
})
export const skipped = (result: boolean, comment: string): StateOutcome => ({
  result,
  comment,
  changes: {},
  ran: false,
})

/** True where `changes` holds anything, as Python's truthiness has it. */
export function hasChanges(outcome: StateOutcome): boolean {
  const changes = toValue(outcome.changes)
  if (isDict(changes)) return changes.size > 0
  if (isList(changes)) return changes.length > 0
  return changes !== null && changes !== '' && changes !== false && changes !== 0
}

/** The mapping that a state run returns, keyed by tag, in order of execution. */
export function returnOf(finished: readonly Finished[]): Plain {
  return new Map(finished.map((one) => [chunkTag(one.chunk), toValue(entryOf(one))]))
}

function entryOf({ chunk, outcome, number, started, duration, event }: Finished): Plain {
  return {
    name: chunk.name,
    result: outcome.result,
    comment: outcome.comment,
    changes: outcome.changes,
    __run_num__: number,
    __id__: chunk.id,
    __sls__: chunk.sls,
    start_time: timeOfDay(started),
    duration: Math.round(duration * 1000) / 1000,
    __state_ran__: outcome.ran ? undefined : false,
    skip_watch: outcome.skipWatch,
    warnings: outcome.warnings?.length ? [...outcome.warnings] : undefined,
    __unknown__: outcome.unknown,
    __jid__: outcome.jid,
    __event__: event,
    __place__: outcome.ran && outcome.result === false ? placeText(outcome.place ?? chunk.place) : undefined,
  }
}

/** `nginx/init.yaml:12:3` */
const placeText = (place: Place | undefined): string | undefined =>
  place && `${place.file}:${place.line}:${place.column}`

/** `HH:MM:SS.ffffff`, local time, as Salt's start_time. */
function timeOfDay(milliseconds: number): string {
  const date = new Date(milliseconds)
  const two = (part: number): string => String(part).padStart(2, '0')
  const fraction = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}000`
}
