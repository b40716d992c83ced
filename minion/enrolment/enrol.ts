/**
 * Brings a minion from nothing to a certificate: pins the CA, submits its request, waits to be accepted. It never
 * gives up on a pending key; only a CA with the wrong fingerprint, or a fault of its own files, ends it.
 */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { type Fingerprint, formatFingerprint, type MinionId } from '../../shared/ids.ts'
import { makeRequest } from '../../shared/pki/certificate-request.ts'
import { fingerprintOfCertificate, fingerprintOfKey, sameFingerprint } from '../../shared/pki/fingerprint.ts'
import { Backoff } from '../connection/backoff.ts'
import { dial } from '../connection/dial.ts'
import { FailureLog } from '../connection/failure-log.ts'
import { formatMasterAddress, type MasterAddress } from '../connection/master-address.ts'
import { pause } from '../connection/pause.ts'
import { EnrolmentTalk } from './enrolment-talk.ts'
import { fetchAuthority } from './fetch-authority.ts'
import { type Identity, type IdentityFiles, takeCertificate } from './identity-files.ts'
import { type Pin, requirePinned } from './pin.ts'

/** Where an enrolment is, for people. */
export interface EnrolmentStatus {
  /** rejected: by an operator. denied: the master knows this id with another key. */
  readonly state: 'pending' | 'rejected' | 'denied'
  readonly master: string
  /** Of this minion's key: what an operator compares before accepting it. */
  readonly fingerprint: Fingerprint
  /** Why the join token was not taken, if one was given: a sentence. */
  readonly tokenRefused?: string
}

export interface EnrolmentSetup {
  readonly id: MinionId
  readonly pin: Pin
  readonly files: IdentityFiles
  readonly clock: Clock
  readonly logger: Logger
  /** Milliseconds between questions: the option acceptance_wait_time. */
  readonly waitTime: number
  /** Milliseconds: the options recon_default and recon_max. */
  readonly reconDefault: number
  readonly reconMax: number
  readonly signal: AbortSignal
  /** For a single call, where somebody waits: the first failure ends it. An operator is waited for all the same. */
  readonly once?: true
  /** Called whenever the state changes. */
  watch?(status: EnrolmentStatus): void
}

/** After a "no", the operator has to act first; asking is cheap but pointless. */
const slowest = 60_000
/** Trying again changes nothing about these. */
const fatal: ReadonlySet<string> = new Set([
  'master-fingerprint-differs',
  'secret-file-loose',
  'secret-file-unreadable',
  'secret-file-unwritable',
  'key-invalid',
  'certificate-invalid',
])

/**
 * The identity, once accepted and stored.
 * @throws TsaltError `master-fingerprint-differs` (with both), of secret files; `connection-lost` after `signal`
 */
export function enrol(setup: EnrolmentSetup): Promise<Identity> {
  return new Enrolment(setup).run()
}

class Enrolment {
  readonly #setup: EnrolmentSetup
  readonly #backoff: Backoff
  readonly #fingerprint: Fingerprint
  readonly #request: string
  readonly #failures: FailureLog
  #secret: string | undefined
  #tokenRefused: string | undefined
  #told = ''

  constructor(setup: EnrolmentSetup) {
    this.#setup = setup
    this.#backoff = new Backoff(setup.reconDefault, setup.reconMax, setup.clock)
    this.#failures = new FailureLog(setup.logger, setup.clock, 'Enrolment failed, will try again')
    const keys = setup.files.keys()
    this.#fingerprint = fingerprintOfKey(keys.publicKey)
    this.#request = makeRequest(keys, setup.id)
    this.#secret = setup.pin.secret
  }

  async run(): Promise<Identity> {
    const { pin, signal } = this.#setup
    for (let attempt = 0; !signal.aborted; attempt++) {
      const address = pin.masters[attempt % pin.masters.length]
      if (address === undefined) break
      const outcome = await this.#attempt(address)
      if (typeof outcome !== 'number') return outcome
      await pause(outcome, signal)
    }
    throw new TsaltError('connection-lost', { kind: 'csr.submit' })
  }

  /** @returns the identity, or how many milliseconds to wait before the next attempt */
  async #attempt(address: MasterAddress): Promise<Identity | number> {
    const { signal, waitTime, once } = this.#setup
    const master = formatMasterAddress(address)
    try {
      const authority = await this.#authority(address)
      const identity = await this.#ask(address, authority)
      return identity ?? this.#jittered(Math.max(waitTime, slowest))
    } catch (error) {
      if (signal.aborted || once || !isTsaltError(error) || fatal.has(error.code)) throw error
      this.#failures.failed(error, master)
      return this.#backoff.next()
    }
  }

  /** PEM of the pinned CA: the stored one if it fits the pin, else fetched and compared. */
  async #authority(address: MasterAddress): Promise<string> {
    const { files, pin, logger, signal } = this.#setup
    const stored = files.authority()
    if (stored !== undefined && fits(stored, pin.fingerprint)) return stored
    const pem = await fetchAuthority(address, files.folder, signal)
    const fingerprint = fingerprintOfCertificate(pem)
    const master = formatMasterAddress(address)
    requirePinned(fingerprint, pin, master)
    if (pin.fingerprint === undefined)
      logger.warn(
        { master, fingerprint: formatFingerprint(fingerprint) },
        'Trusting the CA that answered first',
      )
    files.storeAuthority(pem)
    return pem
  }

  /** @returns undefined after a no */
  async #ask(address: MasterAddress, authority: string): Promise<Identity | undefined> {
    const { files, signal, clock, logger } = this.#setup
    const socket = await dial({ address, path: '/enrol', authority, folder: files.folder, signal })
    const talk = new EnrolmentTalk(socket, clock, logger, signal)
    try {
      for (;;) {
        const decision = talk.takeDecision() ?? (await this.#submit(talk))
        this.#backoff.reset()
        this.#failures.reset()
        if (decision.state === 'accepted') return this.#accepted(decision.certificate, authority)
        this.#tell(decision.state, formatMasterAddress(address))
        if (decision.state !== 'pending') return undefined
        await talk.wait(this.#jittered(this.#setup.waitTime))
      }
    } finally {
      talk.close()
    }
  }

  async #submit(talk: EnrolmentTalk): ReturnType<EnrolmentTalk['submit']> {
    const { id, logger } = this.#setup
    const body = { id, request: this.#request }
    if (this.#secret === undefined) return talk.submit(body)
    try {
      return await talk.submit({ ...body, token: this.#secret })
    } catch (error) {
      if (!isTsaltError(error) || !String(error.parameters.code ?? '').startsWith('token-')) throw error
      // The key can still be accepted by its fingerprint, so the machine is not lost over an old token.
      this.#tokenRefused = String(error.parameters.message ?? error.message)
      logger.error(
        { reason: this.#tokenRefused, code: error.parameters.code, hint: error.hint },
        'The join token is not taken; asking to be accepted by an operator',
      )
      this.#secret = undefined
      return talk.submit(body)
    }
  }

  #accepted(pem: string, authority: string): Identity {
    const { id, files, logger } = this.#setup
    const identity = takeCertificate(pem, { id, keys: files.keys(), authority })
    files.storeCertificate(pem)
    logger.info({ id }, 'Accepted by the master')
    return identity
  }

  #tell(state: EnrolmentStatus['state'], master: string): void {
    if (this.#told === `${state} ${master}`) return
    this.#told = `${state} ${master}`
    const { id, logger, watch, files } = this.#setup
    const fingerprint = formatFingerprint(this.#fingerprint)
    const tokenRefused = this.#tokenRefused
    watch?.({ state, master, fingerprint: this.#fingerprint, ...(tokenRefused ? { tokenRefused } : {}) })
    if (state === 'pending') {
      const command = `tsalt-key -a ${id}`
      logger.warn(
        { id, master, fingerprint, command },
        'Waiting to be accepted: compare the fingerprint on the master',
      )
    } else if (state === 'rejected') {
      const command = `tsalt-key -d ${id}`
      logger.error(
        { id, master, fingerprint, command },
        'The key was rejected; the command lets it ask again',
      )
    } else {
      const hint = `If this machine replaces the other: tsalt-key -d ${id}. Else give it another id. Its own key is in ${files.folder}.`
      logger.error({ id, master, fingerprint, hint }, 'Denied: the master knows this id with another key')
    }
  }

  #jittered(milliseconds: number): number {
    return milliseconds * (0.8 + 0.4 * this.#setup.clock.random())
  }
}

function fits(pem: string, pinned: Fingerprint | undefined): boolean {
  return pinned === undefined || sameFingerprint(fingerprintOfCertificate(pem), pinned)
}
