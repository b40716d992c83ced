/** What is known of one job, and how the records of the journal lead to it and back. */
import type { Json } from '../../shared/data/codec.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobDelivery } from '../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { LinePosition } from './journal.ts'
import type { JournalRecord } from './journal-record.ts'

export interface StartedJob {
  readonly phase: 'started'
  readonly fun: string
  readonly expires: number
  readonly at: number
  /** Of several functions: what those returned that are done. */
  readonly parts: readonly JobReturn[]
}

export type Entry =
  | { phase: 'received'; job: JobDelivery; at: number; offset: number }
  | StartedJob
  | { phase: 'finished'; line: LinePosition; expires: number }
  | { phase: 'stored'; until: number }

/** @returns the entry of its job after this record; undefined where it says nothing new of one. */
export function entryAfter(
  record: JournalRecord,
  before: Entry | undefined,
  { position, length }: LinePosition,
): Entry | undefined {
  switch (record.is) {
    case 'received': {
      const { job, at, offset } = record
      return { phase: 'received', job, at, offset }
    }
    case 'started': {
      const { fun, expires, at, parts = [] } = record
      return { phase: 'started', fun, expires, at, parts }
    }
    case 'part':
      return before?.phase === 'started' ? { ...before, parts: [...before.parts, record.result] } : undefined
    case 'finished':
      return { phase: 'finished', line: { position, length }, expires: record.expires }
    case 'stored':
      return { phase: 'stored', until: record.until }
  }
}

export function jobOf(record: JournalRecord): JobId {
  switch (record.is) {
    case 'received':
      return record.job.jid
    case 'part':
    case 'finished':
      return record.result.jid
    default:
      return record.jid
  }
}

/** One record that says all of an entry. @param read what stands in the journal */
export async function recordOf(
  jid: JobId,
  entry: Entry,
  read: (line: LinePosition) => Promise<Json>,
): Promise<Json> {
  switch (entry.phase) {
    case 'received':
      return { is: 'received', job: entry.job, at: entry.at, offset: entry.offset } as Json
    case 'started': {
      const { fun, expires, at, parts } = entry
      const done = parts.length === 0 ? {} : { parts: [...parts] as unknown as Json[] }
      return { is: 'started', jid, fun, expires, at, ...done }
    }
    case 'finished':
      return read(entry.line)
    case 'stored':
      return { is: 'stored', jid, until: entry.until }
  }
}
