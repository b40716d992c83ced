/** Audits refusals of peers that are nobody, but not so many that they fill the disk: beyond a rate they are counted. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { type Audit, recordRefusal } from '../audit/audit-log.ts'
import { strangersAudited } from './limits.ts'

const minute = 60_000

export class StrangerAudit {
  readonly #audit: Audit
  readonly #clock: Clock
  readonly #logger: Logger
  #start: number
  #count = 0

  constructor(audit: Audit, clock: Clock, logger: Logger) {
    this.#logger = logger
    this.#audit = audit
    this.#clock = clock
    this.#start = clock.monotonic()
  }

  refused(address: string, kind: string, reason: string, serial?: string): void {
    const now = this.#clock.monotonic()
    if (now - this.#start > minute) this.#turn(now)
    this.#count += 1
    if (this.#count > strangersAudited) return
    const entry = { actor: `address:${address}`, kind, reason }
    recordRefusal(this.#audit, this.#logger, serial === undefined ? entry : { ...entry, serial })
  }

  #turn(now: number): void {
    const more = this.#count - strangersAudited
    if (more > 0)
      recordRefusal(this.#audit, this.#logger, {
        actor: 'master',
        kind: 'connection',
        reason: `${more} more refusals of unknown peers were not written down one by one`,
      })
    this.#start = now
    this.#count = 0
  }
}
