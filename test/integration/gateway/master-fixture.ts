/** A gateway with real sockets, real SQLite and a scratch folder; the jobs are plain records of what arrived. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { openAuditLog } from '../../../master/audit/audit-log.ts'
import { makeEventDesk } from '../../../master/events/event-desk.ts'
import { openPushedFiles } from '../../../master/files/pushed-files.ts'
import { openFileService } from '../../../master/files/tree-file-service.ts'
import { type Gateway, openGateway } from '../../../master/gateway/gateway.ts'
import { LiveSessions } from '../../../master/gateway/live-sessions.ts'
import type { GatewayServices } from '../../../master/gateway/minion-handlers.ts'
import { makeMine } from '../../../master/mine/mine-service.ts'
import type { PillarService } from '../../../master/pillar/pillar-service.ts'
import { openAuthority } from '../../../master/pki/authority.ts'
import { KeyChanges, type KeyDesk } from '../../../master/pki/key-desk.ts'
import { openKeyService } from '../../../master/pki/operator-keys.ts'
import { keyMigrations, openKeyStore } from '../../../master/store/sqlite/keys.ts'
import { openStore } from '../../../master/store/sqlite/store.ts'
import { GrainTable } from '../../../master/targeting/grain-table.ts'
import { type Clock, systemClock } from '../../../shared/clock.ts'
import type { Json } from '../../../shared/data/codec.ts'

export interface ClockThatMoves extends Clock {
  /** Milliseconds on top of the real time. */
  ahead: number
}

export function movingClock(): ClockThatMoves {
  return {
    ...systemClock,
    ahead: 0,
    now() {
      return systemClock.now() + this.ahead
    },
  }
}

const silentPillars: PillarService = {
  forMinion: async (id) => ({ pillar: { id }, errors: [], secrets: [], places: {} }),
  forMaster: async () => ({ pillar: new Map(), errors: [], warnings: [], top: new Map(), secrets: [] }),
  show: async () => ({ pillar: new Map(), errors: [], warnings: [], top: new Map(), secrets: [] }),
}

export async function startMaster(
  options: {
    roots?: Record<string, string[]>
    maxPending?: number
    handshakesPerSecond?: number
    fileRecv?: boolean
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'tsalt-gateway-'))
  const clock = movingClock()
  const logger = pino({ level: process.env.TSALT_TEST_LOG ?? 'silent' })
  const auditFile = join(folder, 'audit')
  const audit = openAuditLog(auditFile, clock)
  const store = openStore(join(folder, 'master.db'), [keyMigrations])
  const desk: KeyDesk = {
    store: openKeyStore(store.database),
    authority: openAuthority(join(folder, 'pki'), clock),
    audit,
    clock,
    logger,
    certificateDays: 30,
    maxPending: options.maxPending ?? 100,
    changes: new KeyChanges(),
  }
  const sessions = new LiveSessions(logger)
  const watchers = new Set<(full: boolean) => void>()
  const pressure = {
    full: false,
    watch(watcher: (full: boolean) => void) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    set(full: boolean) {
      pressure.full = full
      for (const watcher of watchers) watcher(full)
    },
  }
  const told: { id: string; key: string; tag: string; data: Json }[] = []
  const received: { kind: string; id: string; generation: number; body: unknown }[] = []
  const services: GatewayServices = {
    desk,
    minions: store.minions,
    audit,
    files: openFileService({ roots: options.roots ?? { base: [join(folder, 'states')] }, clock, logger }),
    pillars: silentPillars,
    pushes: openPushedFiles(
      { cachedir: join(folder, 'cache'), file_recv: options.fileRecv ?? false, file_recv_max_size: 4 },
      clock,
    ),
    events: makeEventDesk(
      {
        told: async (id, key, tag, data) => void told.push({ id, key, tag, data }),
        seen: async (id, { key, beacon, tag, data }) =>
          void told.push({ id, key, tag: `${beacon}/${tag}`, data }),
      },
      clock,
    ),
    mine: makeMine({
      store: store.mine,
      targeting: {
        accepted: () => desk.store.accepted(),
        table: new GrainTable(store.minions),
        pillarOf: async () => new Map(),
        nodegroups: new Map([['admins', 'admin*']]),
      },
      clock,
      log: logger,
      size: () => 2_000,
    }),
    jobs: {
      acknowledged: (id, generation, body) => received.push({ kind: 'ack', id, generation, body }),
      progressed: (id, generation, body) => received.push({ kind: 'progress', id, generation, body }),
      returned: async (id, generation, body) => {
        received.push({ kind: 'return', id, generation, body })
      },
    },
  }
  const gateway: Gateway = await openGateway({
    services,
    sessions,
    pressure,
    host: '127.0.0.1',
    port: 0,
    maxMinions: 100,
    handshakesPerSecond: options.handshakesPerSecond ?? 200,
    pingInterval: 30,
  })
  const keys = openKeyService(desk, () => ({ host: '127.0.0.1', port: gateway.address.port }))
  return {
    folder,
    auditFile,
    clock,
    desk,
    keys,
    store,
    sessions,
    received,
    /** Events of minions. */
    told,
    /** As the store says when its writer cannot keep up. */
    pressure,
    gateway,
    port: gateway.address.port,
    ca: desk.authority.text,
    async stop() {
      await gateway.close(2_000)
      await store.close()
      audit.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Master = Awaited<ReturnType<typeof startMaster>>
