/** Steps of accepted jobs to the disk, however long it takes to have room: a job is not given up for that. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { pause } from '../connection/pause.ts'
import type { ActiveJob } from './active-job.ts'
import type { Spool } from './spool.ts'

/** Milliseconds before what could not be stored is tried again. */
const storePause = 5_000

export interface PatientSpoolParts {
  readonly spool: Spool
  readonly clock: Clock
  readonly log: Logger
}

export class PatientSpool {
  #parts: PatientSpoolParts

  constructor(parts: PatientSpoolParts) {
    this.#parts = parts
  }

  /**
   * Notes that the job is about to run.
   * @returns false where it was ended before
   */
  async start(job: ActiveJob): Promise<boolean> {
    const { spool, clock, log } = this.#parts
    while (!job.signal.aborted) {
      try {
        await spool.start(job.jid, clock.now())
        return true
      } catch (error) {
        log.error({ err: error, jid: job.jid }, 'the start of the job could not be stored, trying again')
        await pause(storePause, job.signal)
      }
    }
    return false
  }

  /** Notes that one of the functions of the job is done. Where the job is to end, it is not insisted on. */
  async part(result: JobReturn, signal: AbortSignal): Promise<void> {
    const { spool, log } = this.#parts
    for (;;) {
      try {
        return await spool.part(result)
      } catch (error) {
        const { jid, fun } = result
        log.error({ err: error, jid, fun }, 'what a function returned could not be stored, trying again')
        if (signal.aborted) return
        await pause(storePause, signal)
      }
    }
  }

  async finish(result: JobReturn): Promise<void> {
    const { spool, log } = this.#parts
    for (;;) {
      try {
        return await spool.finish(result)
      } catch (error) {
        log.error({ err: error, jid: result.jid }, 'the result could not be stored, trying again')
        await pause(storePause, new AbortController().signal)
      }
    }
  }
}
