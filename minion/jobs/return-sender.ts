/** Brings finished results to the master: each again and again, on every connection, until the master has stored it. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { Slots } from './slots.ts'
import type { Spool } from './spool.ts'

/** Results on their way at once; more would only wait in the socket. */
const atOnce = 4
const firstPause = 2_000
const longestPause = 60_000

export interface ReturnSenderParts {
  readonly spool: Spool
  readonly clock: Clock
  readonly log: Logger
  readonly link: {
    connected(): boolean
    /** Resolves when the master has stored it. @throws TsaltError of its refusal or of the connection */
    deliver(result: JobReturn): Promise<void>
  }
}

export class ReturnSender {
  #parts: ReturnSenderParts
  #slots = new Slots(atOnce)
  #underWay = new Set<JobId>()
  #pause = firstPause
  #timer: NodeJS.Timeout | undefined

  constructor(parts: ReturnSenderParts) {
    this.#parts = parts
  }

  /** After every connect: all that the master may not have. */
  async sendAll(): Promise<void> {
    await Promise.all(this.#parts.spool.unsent().map((jid) => this.send(jid)))
  }

  /** @param known the result, where it is at hand and need not be read from the disk */
  async send(jid: JobId, known?: JobReturn): Promise<void> {
    if (this.#underWay.has(jid)) return
    this.#underWay.add(jid)
    try {
      await this.#slots.run(() => this.#sendNow(jid, known))
    } finally {
      this.#underWay.delete(jid)
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  async #sendNow(jid: JobId, known: JobReturn | undefined): Promise<void> {
    const { spool, log, link } = this.#parts
    if (!link.connected()) return
    try {
      const result = known ?? (await spool.result(jid))
      if (!result) return
      await this.#deliver(result)
      this.#pause = firstPause
    } catch (error) {
      if (!isUnwanted(error)) {
        log.warn({ err: error, jid }, 'the result could not be delivered, it is kept and sent again')
        this.#tryLater()
        return
      }
      log.warn({ jid }, 'the master does not know this job any more, its result is dropped')
    }
    try {
      await spool.stored(jid)
    } catch (error) {
      // Still marked unsent: it is sent again, and the master says again that it has it.
      log.warn({ err: error, jid }, 'could not note that the master has the result')
    }
  }

  /** A body that no message can hold (nested too deeply, say) is left out; the verdict arrives all the same. */
  async #deliver(result: JobReturn): Promise<void> {
    const { link, log } = this.#parts
    try {
      await link.deliver(result)
    } catch (error) {
      if (!isTsaltError(error) || error.code !== 'message-unsendable') throw error
      log.warn({ err: error, jid: result.jid }, 'the result cannot be sent as it is, only its verdict is')
      const ret = `The result cannot be sent: ${error.message}`
      await link.deliver({ ...result, ret, format: 'nested', truncated: 'the whole body' })
    }
  }

  #tryLater(): void {
    if (!this.#parts.link.connected()) return
    clearTimeout(this.#timer)
    const pause = this.#pause * (0.5 + this.#parts.clock.random())
    this.#pause = Math.min(longestPause, this.#pause * 2)
    this.#timer = setTimeout(() => void this.sendAll(), pause).unref()
  }
}

/** The master answered that it expects no such result: sending it again would never change that. */
function isUnwanted(error: unknown): boolean {
  return (
    isTsaltError(error) && error.code === 'request-refused' && error.parameters.code === 'return-unexpected'
  )
}
