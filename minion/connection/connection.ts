/**
 * The minion's one connection to its master: made, greeted, kept, and made again for as long as the minion runs.
 * Nothing is queued while there is none, so a long absence of the master costs no memory.
 */
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import type { Clock } from '../../shared/clock.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { privateKeyToPem } from '../../shared/pki/key-pair.ts'
import type { AnswerKind, Body, KindFrom, Message, RequestKind } from '../../shared/protocol/registry.ts'
import type { Identity, IdentityFiles } from '../enrolment/identity-files.ts'
import { Backoff } from './backoff.ts'
import { type DialSetup, dial } from './dial.ts'
import { FailureLog } from './failure-log.ts'
import { type Greeted, greet } from './greet.ts'
import { openLife } from './life.ts'
import { formatMasterAddress, type MasterAddress } from './master-address.ts'
import { aborted, pause } from './pause.ts'
import type { Greeting, MasterChannel, MasterHandlers, Phase, Watcher } from './phase.ts'
import { Renewals } from './renewals.ts'

export interface ConnectionSetup {
  readonly identity: Identity
  readonly files: IdentityFiles
  /** In order of preference; the one that works is kept to. */
  readonly masters: readonly MasterAddress[]
  readonly clock: Clock
  readonly logger: Logger
  /** Of this program. */
  readonly version: string
  /** Milliseconds: the options recon_default, recon_max and ping_interval. */
  readonly reconDefault: number
  readonly reconMax: number
  readonly pingInterval: number
  readonly handlers: MasterHandlers
  /** What `hello` says; asked for on every connection. */
  greeting(): Greeting | Promise<Greeting>
  /** The master does not take the certificate any more: get another one. Without it, attempts go on slowly. */
  enrolAgain?(refusal: TsaltError, signal: AbortSignal): Promise<Identity>
}

/** Refusals that no repetition changes: the key was deleted, revoked, or forgotten for longer than the grace. */
const outcast: ReadonlySet<string> = new Set([
  'certificate-revoked',
  'certificate-expired',
  'key-not-accepted',
])
/** They are tried again all the same, so many times more slowly than the longest pause. */
const outcastPause = 6

export class MasterConnection {
  readonly #setup: ConnectionSetup
  readonly #watchers = new Set<Watcher>()
  readonly #stopping = new AbortController()
  readonly #backoff: Backoff
  readonly #failures: FailureLog
  readonly #renewals: Renewals
  #phase: Phase = { phase: 'disconnected' }
  /** Which of the masters is next or in use. */
  #turn = 0
  #underWay = 0
  #last: { readonly identity: Identity; readonly client: NonNullable<DialSetup['client']> } | undefined
  #running: Promise<void> | undefined

  constructor(setup: ConnectionSetup) {
    this.#setup = setup
    this.#backoff = new Backoff(setup.reconDefault, setup.reconMax, setup.clock)
    this.#failures = new FailureLog(setup.logger, setup.clock)
    this.#renewals = new Renewals(setup)
  }

  get phase(): Phase {
    return this.#phase
  }

  get isReady(): boolean {
    return this.#phase.phase === 'ready'
  }

  /** Begins, and never ends by itself. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Closes the connection after what is queued, and resolves when the socket is gone. */
  async stop(): Promise<void> {
    if ('channel' in this.#phase) {
      const { channel } = this.#phase
      await Promise.race([channel.drained(), pause(2_000, new AbortController().signal)])
      channel.close('this minion is stopping')
    }
    this.#stopping.abort()
    await this.#running
  }

  /** @returns the function that stops it */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** @returns false where there is no connection: the message is dropped @throws TsaltError `message-unsendable` */
  send<K extends KindFrom<'minion'>>(kind: K, body: Body<K>): boolean {
    if (this.#phase.phase !== 'ready' && this.#phase.phase !== 'draining') return false
    this.#phase.channel.send(kind, body)
    return true
  }

  /**
   * @param options.timeout milliseconds, 120,000 by default
   * @throws TsaltError `not-connected`, and those of `Channel.request`
   */
  async request<K extends KindFrom<'minion'> & RequestKind>(
    kind: K,
    body: Body<K>,
    options: { readonly timeout?: number; readonly attachment?: Uint8Array } = {},
  ): Promise<Message<AnswerKind<K>>> {
    if (this.#phase.phase !== 'ready') throw new TsaltError('not-connected', { kind })
    this.#underWay++
    try {
      return await this.#phase.channel.request(kind, body, options)
    } finally {
      this.#underWay--
      this.#leaveIfDrained()
    }
  }

  async #run(): Promise<void> {
    const { masters } = this.#setup
    while (!this.#stopping.signal.aborted) {
      const address = masters[this.#turn % masters.length]
      if (address === undefined) return
      const wait = await this.#attempt(address)
      await pause(wait, this.#stopping.signal)
    }
    this.#enter({ phase: 'disconnected' })
  }

  /** @returns milliseconds to wait before the next attempt */
  async #attempt(address: MasterAddress): Promise<number> {
    const { files } = this.#setup
    const master = formatMasterAddress(address)
    this.#enter({ phase: 'connecting', master })
    const { authority } = this.#renewals.current
    try {
      const socket = await dial({
        address,
        path: '/minion',
        authority,
        client: this.#client(this.#renewals.current),
        folder: files.folder,
        signal: this.#stopping.signal,
      })
      return await this.#converse(socket, master)
    } catch (error) {
      return this.#failed(error, master)
    }
  }

  /** The same object for the same identity: what is made of it for TLS is kept with it. */
  #client(identity: Identity): NonNullable<DialSetup['client']> {
    if (this.#last?.identity !== identity) {
      const { keys, certificate } = identity
      this.#last = { identity, client: { key: privateKeyToPem(keys), certificate } }
    }
    return this.#last.client
  }

  /** The whole life of an open socket. */
  async #converse(socket: WebSocket, master: string): Promise<number> {
    let comeBackAfter: number | undefined
    const life = openLife(socket, this.#setup, (milliseconds) => {
      comeBackAfter = milliseconds
      this.#enter({ phase: 'draining', master, channel: life.channel })
      this.#leaveIfDrained()
    })
    const { channel, ended } = life
    this.#enter({ phase: 'greeting', master, channel })
    let greeted: Greeted | undefined
    try {
      greeted = await this.#greet(channel)
      if (greeted !== undefined) this.#ready(master, channel, greeted)
    } catch (error) {
      if (comeBackAfter === undefined) throw error
    } finally {
      life.greeted(greeted !== undefined)
      if (greeted === undefined) channel.close('not greeted')
    }
    const end = await ended
    this.#renewals.stop()
    this.#enter({ phase: 'disconnected' })
    if (greeted === undefined) return comeBackAfter ?? this.#backoff.next()
    this.#tell((watcher) => watcher.lost?.(end))
    if (!this.#stopping.signal.aborted) this.#setup.logger.warn({ master, ...end }, 'The connection was lost')
    return comeBackAfter ?? this.#backoff.next()
  }

  /** @returns undefined where a new certificate was fetched, with which to come again */
  async #greet(channel: MasterChannel): Promise<Greeted | undefined> {
    try {
      return await greet(channel, await this.#setup.greeting(), this.#setup)
    } catch (error) {
      // The certificate has expired, and it is the master's clock that counts.
      if (!isTsaltError(error) || error.parameters.code !== 'certificate-renewal-due') throw error
      await this.#renewals.renew(channel)
      return undefined
    }
  }

  #ready(master: string, channel: MasterChannel, { welcome, offset }: Greeted): void {
    this.#backoff.reset()
    this.#failures.reset()
    this.#renewals.watch(channel, offset)
    // Asked to leave in the same moment: so it stays at that.
    if (this.#phase.phase !== 'draining') this.#enter({ phase: 'ready', master, channel, welcome })
    this.#tell((watcher) => watcher.ready?.(welcome, master))
    this.#setup.logger.info({ master, version: welcome.version }, 'Connected to the master')
  }

  /** @returns milliseconds to wait before the next attempt */
  async #failed(error: unknown, master: string): Promise<number> {
    if (this.#stopping.signal.aborted) return 0
    const { reconDefault, reconMax, masters, clock, enrolAgain } = this.#setup
    this.#failures.failed(error, master)
    this.#enter({ phase: 'disconnected', ...(isTsaltError(error) ? { error } : {}) })
    this.#turn++
    if (
      isTsaltError(error) &&
      error.code === 'master-refused' &&
      outcast.has(String(error.parameters.code))
    ) {
      if (enrolAgain && (await this.#enrolAgain(error, enrolAgain))) return 0
      return outcastPause * reconMax * (0.5 + 0.5 * clock.random())
    }
    // The whole list is gone through before the pauses grow.
    return this.#turn % masters.length === 0 ? this.#backoff.next() : reconDefault * clock.random()
  }

  async #enrolAgain(
    refusal: TsaltError,
    enrolAgain: NonNullable<ConnectionSetup['enrolAgain']>,
  ): Promise<boolean> {
    this.#enter({ phase: 'enrolling', error: refusal })
    try {
      const { signal } = this.#stopping
      // Waiting for an operator may take days: stopping does not wait with it.
      const identity = await Promise.race([enrolAgain(refusal, signal), aborted(signal)])
      if (identity === undefined) return false
      this.#renewals.current = identity
      return true
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#setup.logger.error({ err: error }, 'This minion could not enrol again')
      return false
    }
  }

  #leaveIfDrained(): void {
    const phase = this.#phase
    if (phase.phase !== 'draining' || this.#underWay > 0) return
    void phase.channel.drained().then(() => phase.channel.close('drained'))
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#tell((watcher) => watcher.phase?.(phase))
  }

  #tell(what: (watcher: Watcher) => void): void {
    for (const watcher of this.#watchers) {
      try {
        what(watcher)
      } catch (error) {
        this.#setup.logger.error({ err: error }, 'A watcher of the connection failed')
      }
    }
  }
}
