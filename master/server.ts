/** The master put together: store, keys, trees, pillars, jobs, the minions' port and the operators' socket. */

import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import type { MasterOptions } from '../shared/config/master-options.ts'
import type { Fingerprint } from '../shared/ids.ts'
import { setLogLevel } from '../shared/log.ts'
import { version } from '../shared/version.ts'
import { openOperatorSocket } from './api/open-operator-socket.ts'
import { openNetworkApi } from './api/tcp/open-network-api.ts'
import { openAuth } from './auth/open-auth.ts'
import { makeEventDesk } from './events/event-desk.ts'
import { watchStrangers } from './events/key-events.ts'
import { openEvents } from './events/open-events.ts'
import type { FileService } from './files/file-service.ts'
import { openPushedFiles, type PushedFiles } from './files/pushed-files.ts'
import { openFileService } from './files/tree-file-service.ts'
import { watchClock } from './gateway/clock-step.ts'
import { type GatewaySetup, openGateway } from './gateway/gateway.ts'
import { LiveSessions } from './gateway/live-sessions.ts'
import { openJobs } from './jobs/open-jobs.ts'
import { makeMine } from './mine/mine-service.ts'
import { openCalls } from './open-calls.ts'
import { openDesk, openGround } from './open-ground.ts'
import { openPillars } from './pillar/open-pillars.ts'
import { openKeyService } from './pki/operator-keys.ts'
import { openRollouts } from './rollouts/rollout-service.ts'
import { makeReload, type Reloaded } from './settings/reload.ts'
import { Settings } from './settings/settings.ts'
import type { MasterSetup, MasterStart, Stops } from './setup.ts'
import { openTargeting } from './targeting/open-targeting.ts'
import { makeResolveTarget } from './targeting/resolve.ts'

export interface RunningMaster {
  /** Where minions connect to. */
  readonly address: { readonly host: string; readonly port: number }
  /** Path of the operators' socket. */
  readonly socket: string
  /** Where the API over the network is; undefined: it is not configured. */
  readonly api: { readonly host: string; readonly port: number } | undefined
  /** Of the CA, what minions pin. */
  readonly fingerprint: Fingerprint
  /**
   * Reads the configuration again. What may change while it runs is taken over, all of it or nothing.
   * @throws TsaltError of the configuration
   */
  reload(): Promise<Reloaded>
  /** Lets out what is under way and ends, within half a minute. */
  stop(): Promise<void>
}

/** @throws TsaltError `master-already-running`, `listen-failed`, `secret-file-loose`, `store-…`, … */
export async function startMaster(given: MasterStart): Promise<RunningMaster> {
  const stops: Stops = []
  // Ended in the opposite order, also where a later step of the start fails.
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) {
      try {
        await end()
      } catch (error) {
        given.logger.error({ err: error }, 'a part of the master did not stop in order')
      }
    }
  }
  try {
    return { ...(await start(given, stops)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(
  { options: first, clock, logger, reread = () => first }: MasterStart,
  stops: Stops,
): Promise<Omit<RunningMaster, 'stop'>> {
  const settings = new Settings(first)
  const { options } = settings
  followLogLevel(settings, logger)
  const setup: MasterSetup = { options, clock, logger, settings }
  const { store, audit } = openGround(setup, stops)
  const reload = makeReload({ settings, reread, audit, logger })
  const desk = openDesk(setup, store, audit, stops)
  const sessions = new LiveSessions(logger)
  const { files, pushes } = openFiles(setup)
  const pillars = openPillars(setup, store, desk, (asker, wanted) => mine.getForPillar(asker, wanted))
  const targeting = openTargeting(setup, store, desk, pillars)
  const resolveTarget = makeResolveTarget(targeting)
  const mine = makeMine({ store: store.mine, targeting, clock, log: logger, size: () => options.mine_size })
  desk.changes.watch({ deleted: (id) => mine.forget(id) })
  const { authority } = desk
  const judged = { store, audit, targeting, authority, stops }
  const { access, authenticator, operators } = await openAuth(setup, judged)
  const events = openEvents(setup, store, sessions, stops)
  const jobs = await openJobs(setup, { store, audit, sessions, files, resolveTarget, events, access })
  stops.push(() => jobs.stop())
  const rollouts = await openRollouts({
    jobs: jobs.held,
    store,
    events,
    resolveTarget,
    access,
    clock,
    log: logger,
    audit: (entry) => audit.record(entry),
    options,
  })
  stops.push(() => rollouts.stop())
  jobs.tellRollouts(rollouts)
  stops.push(watchStrangers(desk.changes, events))
  desk.changes.watch({ deleted: (id) => jobs.minionDeleted(id) })
  const told = makeEventDesk(events, clock)
  const served = { desk, minions: store.minions, jobs, files, pillars, pushes, events: told, mine, audit }
  const gateway = await openGateway(
    gatewaySetup(options, { services: served, sessions, pressure: store.pressure }),
  )
  stops.push(() => gateway.close())
  stops.push(followClock(setup, sessions))
  const host = options.public_host === '' ? hostname() : options.public_host
  const keys = openKeyService(desk, () => ({ host, port: gateway.address.port }))
  const accepted = () => desk.store.accepted()
  const shown = { jobs, sessions, minions: store.minions, accepted, resolveTarget, version, access }
  const ground = { ...shown, store, events, rollouts, pillars, files, mine, keys, audit, reload }
  const { callRunner, callWheel, orchestrator } = await openCalls(setup, ground, stops)
  const asked = { ...shown, operators, keys, callRunner, callWheel, events, rollouts, pillars, files }
  await openOperatorSocket(setup, asked, stops)
  const api = await openNetworkApi(setup, { ...asked, authenticator, authority: authority.text }, stops)
  // First of all: requests and reactions wait for their ends.
  stops.push(() => orchestrator.stop())
  // Read once now, so that the first job does not wait for it.
  files.treeHashes().catch((error: unknown) => logger.error({ err: error }, 'could not read the file trees'))
  const { address } = gateway
  const { socket } = options
  logger.info({ address, socket }, 'master is ready')
  return { address, socket, fingerprint: authority.fingerprint, api, reload: () => reload.now('master') }
}

/** As it is started, until the option becomes another: the command line may have had its own. */
function followLogLevel(settings: Settings, logger: Logger): void {
  settings.follow(({ log_level: level }) => {
    const isSame = level === settings.options.log_level
    return () => {
      if (!isSame) setLogLevel(logger, level)
    }
  })
}

type GatewayParts = Pick<GatewaySetup, 'services' | 'sessions' | 'pressure'>

/** How many and how often as it is when somebody connects. */
const gatewaySetup = (options: MasterOptions, parts: GatewayParts): GatewaySetup => ({
  ...parts,
  host: options.interface,
  port: options.port,
  handshakesPerSecond: options.handshakes_per_second,
  get maxMinions() {
    return options.max_minions
  },
  get pingInterval() {
    return options.ping_interval
  },
})

function openFiles({ options, clock, logger }: MasterSetup): { files: FileService; pushes: PushedFiles } {
  const cacheFile = join(dirname(options.store), 'file-hashes')
  const files = openFileService({ roots: options.file_roots, clock, logger, cacheFile })
  return { files, pushes: openPushedFiles(options, clock) }
}

/** @returns the function that ends it */
function followClock({ clock, logger }: MasterSetup, sessions: LiveSessions): () => void {
  return watchClock(clock, (step) => {
    logger.warn({ step }, 'the clock of this machine was set, minions are asked to measure it again')
    for (const { id } of sessions.connected())
      sessions.send(id, 'drain', { comeBackAfter: Math.floor(clock.random() * 2_000) })
  })
}
