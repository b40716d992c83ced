/** Who this minion is: what an earlier enrolment left, or a new enrolment, by whatever tells it whom to trust. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import type { MinionId } from '../../shared/ids.ts'
import { fingerprintOfCertificate } from '../../shared/pki/fingerprint.ts'
import { type EnrolmentStatus, enrol } from '../enrolment/enrol.ts'
import { type Identity, IdentityFiles } from '../enrolment/identity-files.ts'
import { type Pin, pinOf } from '../enrolment/pin.ts'
import { mastersOf, rememberMaster } from './masters.ts'

export interface IdentitySetup {
  readonly options: MinionOptions
  readonly id: MinionId
  readonly file: string
  readonly clock: Clock
  readonly log: Logger
  /** For a single call. */
  readonly transient?: true
  enrolment?(status: EnrolmentStatus): void
}

export class IdentityKeeper {
  readonly files: IdentityFiles
  readonly #setup: IdentitySetup
  readonly #signal: AbortSignal

  /** @throws TsaltError of secret files */
  constructor(setup: IdentitySetup, signal: AbortSignal) {
    this.#setup = setup
    this.#signal = signal
    this.files = new IdentityFiles(setup.options.pki_dir, setup.clock)
  }

  /** Finds at once what no waiting mends. @throws TsaltError `master-not-pinned` and others of identity and pin */
  check(): void {
    const { options, file, id } = this.#setup
    if (!this.files.identity(id)) pinOf(options, file)
    mastersOf(options)
  }

  async identity(): Promise<Identity> {
    const { options, file, id } = this.#setup
    return this.files.identity(id) ?? this.#enrol(pinOf(options, file))
  }

  /** After the master has let this minion go: the same CA, the same key, a new question. */
  enrolAgain(): Promise<Identity> {
    const { options, file } = this.#setup
    const authority = this.files.authority()
    if (authority === undefined) return this.#enrol(pinOf(options, file))
    const fingerprint = fingerprintOfCertificate(authority)
    return this.#enrol({
      fingerprint,
      source: 'master-ca.crt',
      secret: undefined,
      masters: mastersOf(options),
    })
  }

  async #enrol(pin: Pin): Promise<Identity> {
    const { options, id, clock, log, enrolment, transient } = this.#setup
    const identity = await enrol({
      id,
      pin,
      clock,
      files: this.files,
      logger: log,
      waitTime: options.acceptance_wait_time * 1000,
      reconDefault: options.recon_default,
      reconMax: options.recon_max,
      signal: this.#signal,
      ...(transient ? { once: true } : {}),
      ...(enrolment ? { watch: enrolment } : {}),
    })
    const [first] = pin.masters
    if (pin.source === 'join_token' && first) rememberMaster(options, first)
    return identity
  }
}
