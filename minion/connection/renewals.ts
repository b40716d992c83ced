/** Keeps the certificate young: asks for a new one over the live connection at two thirds of its life. */
import { X509Certificate } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { renewalTime, validityOf } from '../../shared/pki/certificate.ts'
import { makeRequest } from '../../shared/pki/certificate-request.ts'
import { type Identity, type IdentityFiles, takeCertificate } from '../enrolment/identity-files.ts'
import type { MasterChannel } from './phase.ts'

const answerTime = 60_000
/** The wall clock may be set while a timer runs, and timers end at 2^31 ms: so it is looked at every hour. */
const longestWait = 3_600_000
const retryAfter = 600_000

export class Renewals {
  /** The identity with the newest certificate. */
  current: Identity
  readonly #files: IdentityFiles
  readonly #clock: Clock
  readonly #logger: Logger
  #timer: NodeJS.Timeout | undefined
  #watched: MasterChannel | undefined

  constructor(options: {
    readonly identity: Identity
    readonly files: IdentityFiles
    readonly clock: Clock
    readonly logger: Logger
  }) {
    this.current = options.identity
    this.#files = options.files
    this.#clock = options.clock
    this.#logger = options.logger
  }

  /** While this connection lives. @param offset milliseconds to the master's clock, whose opinion counts */
  watch(channel: MasterChannel, offset: number): void {
    this.stop()
    this.#watched = channel
    const due = renewalTime(this.#certificate) - this.#clock.now() - offset
    // Jittered, for a fleet that was enrolled in one hour is not to renew in one second.
    const wait = Math.max(0, Math.min(longestWait, due)) * (0.9 + 0.2 * this.#clock.random())
    this.#wait(wait + 50, async () => {
      const isDue = this.#clock.now() + offset >= renewalTime(this.#certificate)
      this.#next(channel, offset, !isDue || (await this.#try(channel)))
    })
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#watched = undefined
  }

  /**
   * Asks for a certificate for the same key and stores it; the old one stays in place until then.
   * @throws TsaltError of the request, `certificate-unfitting`, of secret files
   */
  async renew(channel: MasterChannel): Promise<void> {
    const identity = this.current
    const request = makeRequest(identity.keys, identity.id)
    const answer = await channel.request('cert.renew', { request }, { timeout: answerTime })
    const renewed = takeCertificate(answer.body.certificate, identity)
    this.#files.storeCertificate(renewed.certificate)
    this.current = renewed
    this.#logger.info({ until: this.#certificate.validTo }, 'The certificate was renewed')
  }

  get #certificate(): X509Certificate {
    return new X509Certificate(this.current.certificate)
  }

  #retry(channel: MasterChannel, offset: number): void {
    const left = validityOf(this.#certificate).notAfter - this.#clock.now() - offset
    const wait = Math.max(1_000, Math.min(retryAfter, left / 10)) * (0.5 + this.#clock.random())
    this.#wait(wait, async () => this.#next(channel, offset, await this.#try(channel)))
  }

  /** Unless the connection was lost, or replaced, in the meantime. */
  #next(channel: MasterChannel, offset: number, fine: boolean): void {
    if (this.#watched !== channel) return
    if (fine) this.watch(channel, offset)
    else this.#retry(channel, offset)
  }

  async #try(channel: MasterChannel): Promise<boolean> {
    try {
      await this.renew(channel)
      return true
    } catch (error) {
      if (channel.isOpen)
        this.#logger.error({ err: error }, 'The certificate could not be renewed, will try again')
      return false
    }
  }

  #wait(milliseconds: number, then: () => Promise<void>): void {
    this.#timer = setTimeout(() => void then(), milliseconds)
    this.#timer.unref()
  }
}
