/**
 * What this minion knows of its jobs, durably: received, started, finished, stored by the master. A job is in
 * exactly one of these; every step forward is on the disk before anybody hears of it.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import * as v from 'valibot'
import type { Clock } from '../../shared/clock.ts'
import type { Json } from '../../shared/data/codec.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobDelivery } from '../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { cutBody } from './cut-body.ts'
import type { Disk } from './disk.ts'
import { Journal, type LinePosition } from './journal.ts'
import type { JournalLine } from './journal-line.ts'
import { JournalRecord } from './journal-record.ts'
import { Reserve } from './reserve.ts'
import { type Entry, entryAfter, jobOf, recordOf, type StartedJob } from './spool-entry.ts'

/** How long after a job's expiry its id is remembered: more than a day, which a clock may be wrong by. */
const rememberedAfterExpiry = 26 * 3_600_000
/** A journal smaller than this is not worth writing anew. */
const smallJournal = 256 * 1024
/** Largest body of one result: what one message may carry, with room for the rest of it. */
const largestBody = 60 * 1024 * 1024
/** What a body may still have where the disk or the spool is full. */
const leastBody = 4096

type Written = (line: LinePosition) => void
type WithResult = Extract<JournalRecord, { is: 'finished' | 'part' }>

export interface SpoolSettings {
  readonly disk: Disk
  /** Made where it is missing. */
  readonly folder: string
  /** Bytes of results that the master has not stored yet; bodies beyond it are cut. */
  readonly limit: number
  readonly clock: Clock
  readonly log: Logger
}

export interface ReceivedJob {
  readonly job: JobDelivery
  readonly at: number
  readonly offset: number
}

export class Spool {
  #settings: SpoolSettings
  #journal: Journal
  #reserve: Reserve
  #jobs = new Map<JobId, Entry>()
  #unsentBytes = 0

  private constructor(settings: SpoolSettings, journal: Journal, reserve: Reserve) {
    this.#settings = settings
    this.#journal = journal
    this.#reserve = reserve
  }

  /** Reads what an earlier process left. Damaged lines are set aside and logged, never fatal. */
  static async open(settings: SpoolSettings): Promise<Spool> {
    const { journal, lines } = await Journal.open(settings.disk, join(settings.folder, 'journal'))
    const spool = new Spool(settings, journal, new Reserve(settings.disk, settings.folder))
    const damaged = lines.filter((line) => !spool.#replay(line))
    if (damaged.length > 0) await spool.#setAside(damaged, lines)
    else if (journal.size > smallJournal) await spool.#tidy()
    await spool.#reserve.fill()
    return spool
  }

  phase(jid: JobId): Entry['phase'] | undefined {
    return this.#jobs.get(jid)?.phase
  }

  /** Not yet stored by the master, oldest first. */
  unfinished(): JobId[] {
    return [...this.#jobs].filter(([, entry]) => entry.phase !== 'stored').map(([jid]) => jid)
  }

  /** Finished and not yet stored by the master, oldest first. */
  unsent(): JobId[] {
    return [...this.#jobs].filter(([, entry]) => entry.phase === 'finished').map(([jid]) => jid)
  }

  /** Received and not started. */
  received(): ReceivedJob[] {
    return [...this.#jobs.values()].filter((entry) => entry.phase === 'received')
  }

  /** Started by an earlier process and without a result. */
  started(): (StartedJob & { readonly jid: JobId })[] {
    return [...this.#jobs].flatMap(([jid, entry]) => (entry.phase === 'started' ? [{ ...entry, jid }] : []))
  }

  /** @throws where it can't be stored; then it must not be acknowledged. */
  async receive(job: JobDelivery, at: number, offset: number): Promise<void> {
    await this.#append({ is: 'received', job, at, offset }, () =>
      this.#jobs.set(job.jid, { phase: 'received', job, at, offset }),
    )
  }

  /** After it the job is never run again. @throws where it can't be stored; then it must not be started. */
  async start(jid: JobId, at: number): Promise<void> {
    const entry = this.#jobs.get(jid)
    if (entry?.phase !== 'received')
      throw new TsaltError('job-not-startable', { jid, phase: entry?.phase ?? 'unknown' })
    const { fun, expires } = entry.job
    await this.#appendUrgently({ is: 'started', jid, fun, expires, at }, () =>
      this.#jobs.set(jid, { phase: 'started', fun, expires, at, parts: [] }),
    )
  }

  /** One of several functions of a job that was noted as started is done; of others nothing is kept. @throws as `finish` */
  async part(result: JobReturn): Promise<void> {
    const { jid } = result
    if (this.#jobs.get(jid)?.phase !== 'started') return
    const kept = this.#fitting(result)
    await this.#store({ is: 'part', result: kept }, () => {
      const entry = this.#jobs.get(jid)
      if (entry?.phase === 'started') this.#jobs.set(jid, { ...entry, parts: [...entry.parts, kept] })
    })
  }

  /** Stores a result; its body is cut where there is no room. @throws where not even the verdict can be stored */
  async finish(result: JobReturn): Promise<void> {
    const { jid } = result
    const expires = this.#expiry(jid)
    await this.#store({ is: 'finished', result: this.#fitting(result), expires }, (line) => {
      this.#jobs.set(jid, { phase: 'finished', line, expires })
      this.#unsentBytes += line.length
    })
  }

  /** A finished job's result, read from the disk. */
  async result(jid: JobId): Promise<JobReturn | undefined> {
    return this.#journal.exclusively(async () => {
      const entry = this.#jobs.get(jid)
      if (entry?.phase !== 'finished') return undefined
      const record = v.parse(JournalRecord, await this.#journal.read(entry.line))
      return record.is === 'finished' ? record.result : undefined
    })
  }

  /** The master has it: only the id is kept, until no delivery of it can come any more. */
  async stored(jid: JobId): Promise<void> {
    const entry = this.#jobs.get(jid)
    if (entry?.phase !== 'finished') return
    const until = entry.expires + rememberedAfterExpiry
    await this.#appendUrgently({ is: 'stored', jid, until }, () => {
      this.#jobs.set(jid, { phase: 'stored', until })
      this.#unsentBytes -= entry.line.length
    })
    await this.#tidy()
  }

  async close(): Promise<void> {
    await this.#journal.close()
  }

  #expiry(jid: JobId): number {
    const entry = this.#jobs.get(jid)
    if (entry?.phase === 'received') return entry.job.expires
    if (entry?.phase === 'started') return entry.expires
    throw new TsaltError('job-not-startable', { jid, phase: entry?.phase ?? 'unknown' })
  }

  #fitting(result: JobReturn): JobReturn {
    const room = Math.max(leastBody, this.#settings.limit - this.#unsentBytes)
    return cutBody(result, Math.min(room, largestBody))
  }

  async #store(record: WithResult, written: Written): Promise<void> {
    try {
      await this.#append(record, written)
    } catch (error) {
      const { result } = record
      this.#settings.log.error({ err: error, jid: result.jid }, 'no room for the result, storing its verdict')
      await this.#appendUrgently({ ...record, result: cutBody(result, leastBody) }, written)
    }
  }

  /** Gives up the reserve where the disk is full. */
  async #appendUrgently(record: JournalRecord, written: Written): Promise<void> {
    try {
      await this.#append(record, written)
    } catch (error) {
      if (!(await this.#reserve.release())) throw error
      await this.#append(record, written)
    }
  }

  async #append(record: JournalRecord, written: Written): Promise<void> {
    if (this.#journal.failed) await this.#compact()
    await this.#journal.append(record as Json, written)
  }

  async #tidy(): Promise<void> {
    await this.#reserve.fill()
    if (this.#journal.size < smallJournal || this.#journal.size < 2 * this.#unsentBytes) return
    try {
      await this.#compact()
    } catch (error) {
      this.#settings.log.warn({ err: error }, 'could not write the job journal anew; tried again later')
    }
  }

  async #compact(): Promise<void> {
    await this.#journal.exclusively(async () => {
      const now = this.#settings.clock.now()
      for (const [jid, entry] of this.#jobs)
        if (entry.phase === 'stored' && entry.until < now) this.#jobs.delete(jid)
      const entries = [...this.#jobs]
      await this.#journal.rewrite(this.#records(entries), (lines) => {
        for (const [index, [, entry]] of entries.entries()) {
          const line = lines[index]
          if (entry.phase === 'finished' && line) entry.line = line
        }
      })
    })
  }

  async *#records(entries: readonly (readonly [JobId, Entry])[]): AsyncGenerator<Json> {
    for (const [jid, entry] of entries) yield recordOf(jid, entry, (line) => this.#journal.read(line))
  }

  /** @returns false where the line is damaged. */
  #replay(line: JournalLine): boolean {
    if (line.record === undefined) return false
    const parsed = v.safeParse(JournalRecord, line.record)
    if (!parsed.success) return false
    const record = parsed.output
    const jid = jobOf(record)
    const before = this.#jobs.get(jid)
    const entry = entryAfter(record, before, line)
    if (entry === undefined) return true
    if (entry.phase === 'finished') this.#unsentBytes += entry.line.length
    if (entry.phase === 'stored' && before?.phase === 'finished') this.#unsentBytes -= before.line.length
    this.#jobs.set(jid, entry)
    return true
  }

  /** A line cut off at the end is what a crash leaves and was never promised; anything else is kept for a look. */
  async #setAside(damaged: readonly JournalLine[], lines: readonly JournalLine[]): Promise<void> {
    const { log } = this.#settings
    const last = damaged.at(-1)
    const torn = last !== undefined && last === lines.at(-1)
    if (torn && damaged.length === 1) {
      log.warn({ file: this.#journal.path }, 'the last line of the job journal was cut off by a crash')
      return this.#journal.cut(last.position)
    }
    const keptAs = await this.#copyOfDamaged()
    log.error(
      { file: this.#journal.path, keptAs, lines: damaged.length },
      'the job journal had damaged lines; jobs in them are lost to this minion',
    )
    try {
      await this.#compact()
    } catch (error) {
      // No room to write it anew: what is damaged stays where it is, and the next line must not be glued to it.
      log.warn({ err: error }, 'could not write the job journal anew; tried again at the next start')
      if (torn) await this.#journal.cut(last.position)
    }
  }

  /** @returns its path; undefined where there was no room for a copy */
  async #copyOfDamaged(): Promise<string | undefined> {
    const { disk, clock } = this.#settings
    const aside = `${this.#journal.path}.damaged-${clock.now()}`
    try {
      const content = await disk.load(this.#journal.path)
      const copy = await disk.open(aside, true)
      try {
        if (content) await copy.write(content, 0)
      } finally {
        await copy.close()
      }
      return aside
    } catch {
      await disk.remove(aside).catch(() => undefined)
      return undefined
    }
  }
}
