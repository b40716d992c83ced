/**
 * The daemon put together: lock, inbox, grains, identity, connection, jobs, the socket for tsalt-call. Everything is
 * made here and handed on; nothing below knows where the rest comes from.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../shared/clock.ts'
import type { MinionOptions } from '../shared/config/minion-options.ts'
import { encodeValue } from '../shared/data/codec.ts'
import { TsaltError } from '../shared/errors/error.ts'
import { IdleMemory } from '../shared/idle-memory.ts'
import type { MinionId } from '../shared/ids.ts'
import type { Redactor } from '../shared/pillar/redactor.ts'
import { version } from '../shared/version.ts'
import { MasterConnection } from './connection/connection.ts'
import type { EnrolmentStatus } from './enrolment/enrol.ts'
import { systemDisk } from './jobs/disk.ts'
import { JobRunner } from './jobs/job-runner.ts'
import { acknowledgingLate } from './jobs/late-acknowledgements.ts'
import { Spool } from './jobs/spool.ts'
import { openMine } from './mine/open-mine.ts'
import { turnOf } from './modules/state/options.ts'
import { removeLeftovers } from './services/after-crash.ts'
import { daemonBeacons } from './services/beacon-service.ts'
import { openOutbox } from './services/event-outbox.ts'
import { IdentityKeeper } from './services/identity-keeper.ts'
import { jobSecrets } from './services/job-secrets.ts'
import { serveLocalCalls } from './services/local-server.ts'
import type { MasterPort } from './services/master-port.ts'
import { mastersOf } from './services/masters.ts'
import type { MinionWorld } from './services/minion-world.ts'
import { prepareWorld, type Telling, type WorldMaker } from './services/prepare-world.ts'
import { openScheduler } from './services/schedule-service.ts'
import { useFolder } from './services/state-folder.ts'
import { lockState } from './services/state-lock.ts'

export interface AgentSetup {
  readonly options: MinionOptions
  readonly id: MinionId
  /** The configuration file, for messages; its folder has the file `grains`. */
  readonly file: string
  readonly folder: string
  readonly clock: Clock
  readonly log: Logger
  readonly redactor: Redactor
  /** For a single call: takes no jobs from the master, serves no socket. */
  readonly transient?: true
  /** Enrolment has news for people. */
  enrolment?(status: EnrolmentStatus): void
  /** The lock is held and the configuration makes sense: the service is up, accepted or not. */
  up?(): void
}

/** The most that `hello` can name; older ones come with their results anyway. */
const unfinishedNamed = 10_000
/** Milliseconds for what runs when the minion is stopped, and for results to get out after it. */
const stopGrace = 20_000
const flushGrace = 2_000

export class Agent {
  readonly #setup: AgentSetup
  readonly #release: () => void
  readonly #memory: IdleMemory
  readonly #port: MasterPort
  readonly #stopping = new AbortController()
  readonly #spool: Spool
  readonly #world: MinionWorld
  readonly #telling: Telling
  readonly jobs: JobRunner
  #connection: MasterConnection | undefined
  /** The master's wall clock and our monotonic one at the last greeting: a step of our wall clock changes neither. */
  #greeting: { readonly master: number; readonly monotonic: number } | undefined
  #resumed = false
  #lastSeen: number | undefined
  #closeSocket: (() => Promise<void>) | undefined

  private constructor(
    setup: AgentSetup,
    release: () => void,
    spool: Spool,
    telling: Telling,
    makeWorld: WorldMaker,
  ) {
    this.#setup = setup
    this.#release = release
    this.#spool = spool
    this.#port = this.#makePort()
    this.#telling = telling
    this.#world = makeWorld(this.#port, () => this.jobs)
    this.#memory = new IdleMemory(
      () => this.#world.release(),
      () => this.jobs.busy,
    )
    this.jobs = this.#makeRunner()
  }

  /** @throws TsaltError `state-directory-unusable`, `minion-already-running`, `provider-unknown`, of the grains file */
  static async open(setup: AgentSetup): Promise<Agent> {
    const { options, clock, log } = setup
    useFolder(options.state_dir)
    const release = lockState(options.state_dir, () =>
      removeLeftovers(options, join(setup.folder, 'grains'), log),
    )
    try {
      const folder = join(options.state_dir, 'jobs')
      const spool = await Spool.open({ disk: systemDisk, folder, limit: options.spool_limit, clock, log })
      let agent: Agent | undefined
      const made = (): Agent => agent as Agent
      const outbox = openOutbox(setup, () => made().#port)
      const daemon = {
        ...setup,
        world: () => made().#world,
        jobs: () => made().jobs,
        isConnected: () => made().#port.isReady,
      }
      const scheduler = openScheduler({ ...daemon, tell: (tag, data) => outbox.put(tag, data) })
      const beacons = daemonBeacons({
        ...daemon,
        tell: (beacon, tag, data) => outbox.see(beacon, tag, data),
      })
      const telling = { outbox, scheduler, beacons, mine: openMine(daemon) }
      agent = new Agent(setup, release, spool, telling, await prepareWorld(setup, telling))
      return agent
    } catch (error) {
      release()
      throw error
    }
  }

  /**
   * Enrols if need be, which may take until an operator comes, then connects and keeps connected.
   * @throws TsaltError of identity and enrolment that no waiting mends
   */
  async start(): Promise<void> {
    const { options, id, log, transient, up } = this.#setup
    const keeper = new IdentityKeeper(this.#setup, this.#stopping.signal)
    keeper.check()
    if (!transient) {
      await this.jobs.recover()
      this.#closeSocket = await serveLocalCalls({ stateFolder: options.state_dir, id, jobs: this.jobs, log })
    }
    if (!transient) {
      this.#telling.scheduler.startWithoutMaster()
      this.#telling.beacons.start()
    }
    up?.()
    const identity = await keeper.identity()
    const { clock } = this.#setup
    this.#connection = new MasterConnection({
      identity,
      files: keeper.files,
      masters: mastersOf(options),
      clock,
      logger: log,
      version,
      reconDefault: options.recon_default,
      reconMax: options.recon_max,
      pingInterval: options.ping_interval * 1000,
      greeting: () => ({
        grains: encodeValue(this.#world.grains.current),
        unfinished: this.#spool.unfinished().slice(-unfinishedNamed),
      }),
      handlers: {
        'job.deliver': ({ body }) => (transient ? undefined : this.jobs.receive(body)),
        'job.kill': ({ body }) => void this.jobs.kill(body.jid, body.signal),
      },
      enrolAgain: () => keeper.enrolAgain(),
    })
    this.#connection.watch({
      ready: (welcome) => this.#ready(welcome.wallTime),
      // Attempts to reach a master that is away leave garbage behind as well.
      phase: () => this.#memory.rested(),
      lost: () => {
        this.#lastSeen = clock.monotonic()
      },
    })
    if (!this.#stopping.signal.aborted) this.#connection.start()
  }

  /**
   * Resolves at the first greeting, for a single call: somebody waits, so the only master's first "no" is the answer.
   * @throws TsaltError why there is no connection, at the latest after so many milliseconds
   */
  async connected(patience: number): Promise<void> {
    const { clock, options } = this.#setup
    const end = clock.monotonic() + patience
    const only = mastersOf(options).length === 1
    while (!this.#port.isReady) {
      const failed =
        this.#connection?.phase.phase === 'disconnected' && this.#whyNot().code !== 'minion-not-connected'
      if ((failed && only) || clock.monotonic() > end) throw this.#whyNot()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Takes no more jobs, lets what runs come to an end, sends what is finished, closes. */
  async stop(): Promise<void> {
    const { clock } = this.#setup
    this.#memory.stop()
    this.#telling.scheduler.stop()
    this.#telling.beacons.stop()
    this.#telling.mine.stop()
    await this.jobs.stop(stopGrace)
    const end = clock.monotonic() + flushGrace
    const unsent = (): number => this.#spool.unsent().length + this.#telling.outbox.waiting
    while (this.#port.isReady && unsent() > 0 && clock.monotonic() < end)
      await new Promise((resolve) => setTimeout(resolve, 10))
    this.#telling.outbox.stop()
    this.#stopping.abort()
    await this.#connection?.stop()
    await this.#closeSocket?.()
    await this.#spool.close()
    this.#release()
  }

  #ready(masterTime: number): void {
    this.#greeting = { master: masterTime, monotonic: this.#setup.clock.monotonic() }
    this.#memory.rested()
    this.#telling.outbox.connected()
    if (this.#setup.transient) return
    this.jobs.connected()
    void this.#telling.scheduler.start()
    this.#telling.mine.connected()
    if (this.#resumed) return
    this.#resumed = true
    this.jobs.resume().catch((error: unknown) => {
      this.#setup.log.error({ err: error }, 'jobs of the last start could not be taken up')
    })
  }

  /** Milliseconds to be added to our wall clock to have the master's. */
  #offset(): number {
    const { clock } = this.#setup
    if (!this.#greeting) return 0
    return this.#greeting.master + clock.monotonic() - this.#greeting.monotonic - clock.now()
  }

  #whyNot(): TsaltError {
    const phase = this.#connection?.phase
    if (phase && 'error' in phase && phase.error) return phase.error
    return new TsaltError('minion-not-connected', {})
  }

  /** The connection comes into being only after enrolment. */
  #makePort(): MasterPort {
    const connection = (): MasterConnection => {
      if (!this.#connection) throw new TsaltError('minion-not-connected', {})
      return this.#connection
    }
    const isReady = (): boolean => this.#connection?.isReady === true
    const lastSeen = (): number | undefined =>
      isReady() ? this.#setup.clock.monotonic() : (this.#lastSeen ?? this.#greeting?.monotonic)
    return {
      get isReady() {
        return isReady()
      },
      get lastSeen() {
        return lastSeen()
      },
      send: (kind, body) => this.#connection?.send(kind, body) === true,
      request: async (kind, body, options) => connection().request(kind, body, options),
    }
  }

  #makeRunner(): JobRunner {
    const { clock, log, redactor, options } = this.#setup
    const port = this.#port
    const link = acknowledgingLate({
      connected: () => port.isReady,
      offset: () => this.#offset(),
      acknowledge: (jid) => void port.send('job.ack', { jid }),
      progress: (progress) => void port.send('job.progress', progress),
      deliver: async (result) => void (await port.request('job.return', result)),
    })
    return new JobRunner({
      clock,
      log,
      link,
      spool: this.#spool,
      functions: {
        names: () => this.#world.functions.names(),
        find: (name) => this.#world.functions.find(name),
        why: (name) => this.#world.functions.why?.(name),
      },
      prepare: ({ fun }, trees) => this.#world.prepareCall(fun, trees),
      open: (job, { fun }, trees) => {
        this.#memory.working()
        return this.#world.openJob(job, fun, trees)
      },
      secrets: jobSecrets(redactor),
      stateTurn: turnOf({ queue: options.state_queue }),
      idle: () => {
        this.#memory.rested()
        // A pillar may have come, or a job was undone.
        void this.#telling.scheduler.refresh()
        void this.#telling.beacons.refresh()
      },
    })
  }
}
