/** The master put together: store, keys, trees, pillars, jobs, the minions' port and the operators' socket. */

import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../shared/clock.ts'
import type { MasterOptions } from '../shared/config/master-options.ts'
import { IdleMemory } from '../shared/idle-memory.ts'
import type { Fingerprint } from '../shared/ids.ts'
import { version } from '../shared/version.ts'
import { makeApi } from './api/make-api.ts'
import type { Target } from './api/schemas.ts'
import { type Audit, openAuditLog } from './audit/audit-log.ts'
import type { EventBus } from './events/event-bus.ts'
import { makeEventDesk } from './events/event-desk.ts'
import { openEvents } from './events/open-events.ts'
import type { FileService } from './files/file-service.ts'
import { openPushedFiles, type PushedFiles } from './files/pushed-files.ts'
import { openFileService } from './files/tree-file-service.ts'
import { watchClock } from './gateway/clock-step.ts'
import { type Gateway, openGateway } from './gateway/gateway.ts'
import { LiveSessions } from './gateway/live-sessions.ts'
import { type JobServiceHandle, makeJobService } from './jobs/make-job-service.ts'
import { nodegroupsOf, openPillars } from './pillar/open-pillars.ts'
import type { PillarService } from './pillar/pillar-service.ts'
import { openAuthority } from './pki/authority.ts'
import { tokenMemory } from './pki/join-tokens.ts'
import { KeyChanges, type KeyDesk, renewalGrace } from './pki/key-desk.ts'
import { openKeyService } from './pki/operator-keys.ts'
import { makePrivateFolder } from './private-folder.ts'
import { openRollouts, type RolloutService } from './rollouts/rollout-service.ts'
import { makeCallRunner } from './runners/call.ts'
import { keyMigrations, openKeyStore } from './store/sqlite/keys.ts'
import { takeOwnerLock } from './store/sqlite/owner-lock.ts'
import { openStore, type SqliteStore } from './store/sqlite/store.ts'
import { makeResolveTarget, type ResolveTarget } from './targeting/resolve.ts'

export interface MasterSetup {
  readonly options: MasterOptions
  readonly clock: Clock
  readonly logger: Logger
}

export interface RunningMaster {
  /** Where minions connect to. */
  readonly address: { readonly host: string; readonly port: number }
  /** Path of the operators' socket. */
  readonly socket: string
  /** Of the CA, what minions pin. */
  readonly fingerprint: Fingerprint
  /** Lets out what is under way and ends, within half a minute. */
  stop(): Promise<void>
}

const hour = 3_600_000

/** @throws TsaltError `master-already-running`, `listen-failed`, `secret-file-loose`, `store-…`, … */
export async function startMaster(setup: MasterSetup): Promise<RunningMaster> {
  const stops: (() => void | Promise<void>)[] = []
  // Ended in the opposite order, also where a later step of the start fails.
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) {
      try {
        await end()
      } catch (error) {
        setup.logger.error({ err: error }, 'a part of the master did not stop in order')
      }
    }
  }
  try {
    return { ...(await start(setup, stops)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(
  setup: MasterSetup,
  stops: (() => void | Promise<void>)[],
): Promise<Omit<RunningMaster, 'stop'>> {
  const { options, clock, logger } = setup
  const { store, audit } = openGround(setup, stops)
  const desk = openDesk(setup, store, audit, stops)
  const sessions = new LiveSessions(logger)
  const { files, pushes } = openFiles(setup)
  const pillars = openPillars(setup, store, desk)
  const resolveTarget = makeResolveTarget({
    accepted: () => desk.store.accepted(),
    minions: store.minions,
    pillarOf: async ({ id }) => {
      const { pillar, errors } = await pillars.show(id)
      if (errors[0] !== undefined) throw errors[0]
      return pillar
    },
    nodegroups: nodegroupsOf(options),
  })
  const events = openEvents(setup, store, sessions, stops)
  const jobs = await openJobs(setup, { store, audit, desk, sessions, files, resolveTarget, events })
  stops.push(() => jobs.stop())
  const rollouts = await openRollouts({
    jobs: jobs.held,
    store,
    events,
    resolveTarget,
    clock,
    log: logger,
    audit: (entry) => audit.record(entry),
    options: { timeout: options.timeout },
  })
  stops.push(() => rollouts.stop())
  jobs.tellRollouts(rollouts.account)
  desk.changes.watch({ deleted: (id) => jobs.minionDeleted(id) })
  const told = makeEventDesk(events, clock)
  const gateway = await openGateway({
    services: { desk, minions: store.minions, jobs, files, pillars, pushes, events: told, audit },
    sessions,
    pressure: store.pressure,
    host: options.interface,
    port: options.port,
    maxMinions: options.max_minions,
    handshakesPerSecond: options.handshakes_per_second,
    pingInterval: options.ping_interval,
  })
  stops.push(() => gateway.close())
  stops.push(
    watchClock(clock, (step) => {
      logger.warn({ step }, 'the clock of this machine was set, minions are asked to measure it again')
      for (const { id } of sessions.connected()) {
        sessions.send(id, 'drain', { comeBackAfter: Math.floor(clock.random() * 2_000) })
      }
    }),
  )
  await openOperatorSocket(
    setup,
    { store, desk, sessions, jobs, pillars, gateway, files, audit, resolveTarget, events, rollouts },
    stops,
  )
  // Read once now, so that the first job does not wait for it.
  files.treeHashes().catch((error: unknown) => logger.error({ err: error }, 'could not read the file trees'))
  const { address } = gateway
  logger.info({ address, socket: options.socket }, 'master is ready')
  return { address, socket: options.socket, fingerprint: desk.authority.fingerprint }
}

function openFiles({ options, clock, logger }: MasterSetup): { files: FileService; pushes: PushedFiles } {
  const cacheFile = join(dirname(options.store), 'file-hashes')
  const files = openFileService({ roots: options.file_roots, clock, logger, cacheFile })
  return { files, pushes: openPushedFiles(options, clock) }
}

function openGround(
  { options, clock, logger }: MasterSetup,
  stops: (() => void | Promise<void>)[],
): { store: SqliteStore; audit: Audit } {
  const folder = dirname(options.store)
  makePrivateFolder(folder)
  const since = new Date(clock.now()).toISOString()
  const lock = takeOwnerLock(options.store, `process ${process.pid} on ${hostname()}, since ${since}`)
  stops.push(() => lock.release())
  const audit = openAuditLog(options.audit_log, clock)
  stops.push(() => audit.close())
  const store = openStore(options.store, [keyMigrations])
  stops.push(() => store.close())
  logger.debug({ store: options.store }, 'store is open')
  return { store, audit }
}

function openDesk(
  { options, clock, logger }: MasterSetup,
  store: SqliteStore,
  audit: Audit,
  stops: (() => void | Promise<void>)[],
): KeyDesk {
  const desk: KeyDesk = {
    store: openKeyStore(store.database),
    authority: openAuthority(options.pki_dir, clock),
    audit,
    clock,
    logger,
    certificateDays: options.certificate_days,
    maxPending: options.max_pending,
    changes: new KeyChanges(),
  }
  desk.changes.watch({
    deleted: (id) => {
      store.minions.forget(id).catch((error: unknown) => {
        logger.error({ err: error, id }, 'could not forget a deleted minion')
      })
    },
  })
  const forget = (): void => {
    const now = clock.now()
    try {
      desk.store.forget({ certificates: now - renewalGrace, tokens: now - tokenMemory })
    } catch (error) {
      // A full disk: what is old stays for another hour.
      logger.warn({ err: error }, 'old certificates and tokens could not be forgotten')
    }
  }
  forget()
  const timer = setInterval(forget, hour)
  timer.unref()
  stops.push(() => clearInterval(timer))
  return desk
}

interface JobNeeds {
  readonly store: SqliteStore
  readonly audit: Audit
  readonly desk: KeyDesk
  readonly sessions: LiveSessions
  readonly files: FileService
  readonly resolveTarget: ResolveTarget
  readonly events: EventBus
}

async function openJobs({ options, clock, logger }: MasterSetup, needs: JobNeeds): Promise<JobServiceHandle> {
  const { store, audit, sessions, files, resolveTarget, events } = needs
  const jobs = await makeJobService({
    store,
    sessions,
    clock,
    resolveTarget,
    treeHashes: () => files.treeHashes(),
    options: {
      defaultTarget: defaultTarget(options),
      jobExpiry: options.job_expiry,
      keepJobsSeconds: options.keep_jobs_seconds,
      timeout: options.timeout,
    },
    log: logger,
    audit: (entry) => audit.record(entry),
    events,
  })
  // Large returns leave garbage that V8 would keep until it needs the room.
  const memory = new IdleMemory(
    () => {},
    () => false,
  )
  return {
    ...jobs,
    returned: (...words) => {
      memory.working()
      return jobs.returned(...words).finally(() => memory.rested())
    },
  }
}

export function defaultTarget({ default_target: expression }: MasterOptions): Target | undefined {
  return expression === '' ? undefined : { kind: 'glob', expression }
}

interface ApiNeeds extends JobNeeds {
  readonly jobs: JobServiceHandle
  readonly pillars: PillarService
  readonly rollouts: RolloutService
  readonly gateway: Gateway
}

async function openOperatorSocket(
  { options, clock, logger }: MasterSetup,
  { store, audit, desk, sessions, files, jobs, pillars, gateway, resolveTarget, events, rollouts }: ApiNeeds,
  stops: (() => void | Promise<void>)[],
): Promise<void> {
  const host = options.public_host === '' ? hostname() : options.public_host
  const keys = openKeyService(desk, () => ({ host, port: gateway.address.port }))
  const accepted = () => desk.store.accepted()
  const services = { jobs, sessions, minions: store.minions, accepted, resolveTarget, version }
  const callRunner = makeCallRunner({ ...services, pillars, files }, (entry) => audit.record(entry))
  const api = makeApi({ ...services, keys, callRunner, events, rollouts, options, clock, log: logger })
  stops.push(() => api.close())
  await api.listen(options.socket, options.socket_group)
}
