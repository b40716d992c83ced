/** A job service on a real database, with connections made of plain data and a clock that stands still. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { JobAccount, JobEvent, JobSubmission } from '../../../../master/api/schemas.ts'
import type { AuditEntry } from '../../../../master/audit/audit-log.ts'
import { type Access, closedAccess } from '../../../../master/auth/access.ts'
import { completeReturn } from '../../../../master/events/complete-return.ts'
import { type EventBus, makeEventBus } from '../../../../master/events/event-bus.ts'
import type { Session, Sessions } from '../../../../master/gateway/sessions.ts'
import { type JobServiceHandle, makeJobService } from '../../../../master/jobs/make-job-service.ts'
import type { JobOptions } from '../../../../master/jobs/service-context.ts'
import { openRollouts, type RolloutService } from '../../../../master/rollouts/rollout-service.ts'
import { openStore, type SqliteStore } from '../../../../master/store/sqlite/store.ts'
import {
  type AcceptedMinion,
  makeResolveTarget,
  type ResolveTarget,
} from '../../../../master/targeting/resolve.ts'
import { type Clock, systemClock } from '../../../../shared/clock.ts'
import { type JobId, type MinionId, parseMinionId } from '../../../../shared/ids.ts'
import type { Body } from '../../../../shared/protocol/registry.ts'

export interface Sent {
  readonly id: MinionId
  readonly kind: string
  readonly body: { readonly jid?: string }
}

export interface FakeSessions extends Sessions {
  readonly sent: Sent[]
  connect(name: string, unfinished?: readonly string[], generation?: number): Session
  disconnect(name: string): void
  /** The socket is there, and nobody has been told yet. */
  open(name: string, generation?: number): Session
  tellConnected(session: Session, unfinished: readonly string[]): void
  tellDisconnected(session: Session): void
}

export const id = parseMinionId

export function fakeSessions(clock: Clock): FakeSessions {
  const live = new Map<MinionId, Session>()
  const watchers = new Set<Parameters<Sessions['watch']>[0]>()
  const sent: Sent[] = []
  return {
    sent,
    connected: () => [...live.values()],
    find: (minion) => live.get(minion),
    send(minion, kind, body) {
      if (!live.has(minion)) return false
      sent.push({ id: minion, kind, body: body as Sent['body'] })
      return true
    },
    end: () => undefined,
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    connect(name, unfinished = [], generation = 0) {
      const session = this.open(name, generation)
      this.tellConnected(session, unfinished)
      return session
    },
    disconnect(name) {
      const session = live.get(id(name))
      live.delete(id(name))
      if (session) this.tellDisconnected(session)
    },
    open(name, generation = 0) {
      const session = { id: id(name), generation, serial: '01', since: clock.now(), address: '10.0.0.1' }
      live.set(session.id, session)
      return session
    },
    tellConnected(session, unfinished) {
      for (const watcher of watchers) watcher.connected?.(session, unfinished)
    },
    tellDisconnected(session) {
      for (const watcher of watchers) watcher.disconnected?.(session)
    },
  }
}

export const submission = (more: Partial<JobSubmission> = {}): JobSubmission => ({
  target: { kind: 'glob', expression: '*' },
  fun: 'test.ping',
  args: [],
  kwargs: {},
  ...more,
})

export const answer = (jid: JobId, more: Partial<Body<'job.return'>> = {}): Body<'job.return'> => ({
  jid,
  fun: 'test.ping',
  outcome: 'done',
  retcode: 0,
  success: true,
  format: 'nested',
  ret: true,
  started: 1,
  duration: 2,
  ...more,
})

export class Stage {
  now = Date.UTC(2026, 10, 22, 3)
  accepted: AcceptedMinion[] = ['web1', 'web2'].map((name) => ({ id: id(name), generation: 0 }))
  /** Set before it is started. */
  access: Access = closedAccess
  readonly audit: AuditEntry[] = []
  /** On this stage's store. */
  readonly events: EventBus = makeEventBus({
    store: {
      add: (event) => this.store.events.add(event),
      since: (sequence, limit) => this.store.events.since(sequence, limit),
      last: () => this.store.events.last(),
      before: (at) => this.store.events.before(at),
      prune: (before, most, limit) => this.store.events.prune(before, most, limit),
    },
    clock: { ...systemClock, now: () => this.clock.now() },
    log: pino({ level: 'silent' }),
    complete: (event) => completeReturn(this.store.returns)(event),
  })
  readonly errors: string[] = []
  readonly clock: Clock = {
    now: () => this.now,
    monotonic: () => this.now,
    random: () => 0.5,
    randomHex: (bytes) => '0'.repeat(2 * bytes),
  }
  readonly options: JobOptions
  sessions: FakeSessions = fakeSessions(this.clock)
  store: SqliteStore
  private handle: JobServiceHandle | undefined
  private resolveTarget: ResolveTarget = async () => []
  private rolling: RolloutService | undefined
  private readonly folder = mkdtempSync(join(tmpdir(), 'tsalt-jobs-'))

  constructor(options: Partial<JobOptions> = {}) {
    this.options = {
      defaultTarget: undefined,
      jobExpiry: 300,
      keepJobsSeconds: 86_400,
      keepJobsBytes: Number.MAX_SAFE_INTEGER,
      timeout: 30,
      ...options,
    }
    this.store = this.openStore()
  }

  get jobs(): JobServiceHandle {
    if (!this.handle) throw new Error('not started')
    return this.handle
  }

  get rollouts(): RolloutService {
    if (!this.rolling) throw new Error('not started')
    return this.rolling
  }

  async start(): Promise<this> {
    this.resolveTarget = makeResolveTarget({
      accepted: () => this.accepted,
      minions: this.store.minions,
      pillarOf: async () => new Map(),
      nodegroups: undefined,
    })
    const lines = { write: (line: string) => this.errors.push(line) }
    this.handle = await makeJobService({
      store: this.store,
      sessions: this.sessions,
      clock: this.clock,
      resolveTarget: this.resolveTarget,
      treeHashes: async () => ({}),
      options: this.options,
      log: pino({ level: 'error' }, lines),
      audit: (entry) => this.audit.push(entry),
      events: this.events,
      access: this.access,
    })
    this.rolling = await openRollouts({
      jobs: this.handle.held,
      store: this.store,
      events: this.events,
      access: this.access,
      resolveTarget: this.resolveTarget,
      clock: this.clock,
      log: pino({ level: 'error' }, lines),
      audit: (entry) => this.audit.push(entry),
      options: { timeout: this.options.timeout },
    })
    this.handle.tellRollouts(this.rolling)
    return this
  }

  /** As after kill -9: every connection is gone, memory too; only the file is left. */
  async crash(): Promise<void> {
    await this.settle()
    await this.rolling?.stop()
    await this.handle?.stop()
    await this.store.close()
    this.sessions = fakeSessions(this.clock)
    this.store = this.openStore()
    await this.start()
  }

  async end(): Promise<void> {
    await this.rolling?.stop()
    await this.handle?.stop()
    await this.store.close()
    rmSync(this.folder, { recursive: true })
  }

  /** Until what was begun is written. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  async account(jid: JobId): Promise<JobAccount> {
    const account = await this.jobs.account(jid)
    if (!account) throw new Error('no such job')
    return account
  }

  /** `web1 running, web2 returned done` */
  async statuses(jid: JobId): Promise<string> {
    const { targets } = await this.account(jid)
    return targets
      .map(({ id: name, status, return: ret }) => [name, status, ...(ret ? [ret.outcome] : [])].join(' '))
      .join(', ')
  }

  deliveries(name: string): string[] {
    return this.sessions.sent
      .filter((message) => message.id === name && message.kind === 'job.deliver')
      .map(({ body }) => body.jid ?? '')
  }

  async collect(jid: JobId, events: JobEvent[] = []): Promise<JobEvent[]> {
    for await (const event of this.jobs.follow(jid, new AbortController().signal)) events.push(event)
    return events
  }

  private openStore(): SqliteStore {
    return openStore(join(this.folder, 'master.db'))
  }
}
