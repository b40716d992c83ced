/** The job service with the options of a master. */
import type { MasterOptions } from '../../shared/config/master-options.ts'
import { IdleMemory } from '../../shared/idle-memory.ts'
import type { Target } from '../api/schemas.ts'
import type { Audit } from '../audit/audit-log.ts'
import type { Access } from '../auth/access.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { FileService } from '../files/file-service.ts'
import type { LiveSessions } from '../gateway/live-sessions.ts'
import type { MasterSetup } from '../setup.ts'
import type { SqliteStore } from '../store/sqlite/store.ts'
import type { ResolveTarget } from '../targeting/resolve.ts'
import { type JobServiceHandle, makeJobService } from './make-job-service.ts'
import type { JobOptions } from './service-context.ts'

export interface JobNeeds {
  readonly store: SqliteStore
  readonly audit: Audit
  readonly sessions: LiveSessions
  readonly files: FileService
  readonly resolveTarget: ResolveTarget
  readonly events: EventBus
  readonly access: Access
}

export async function openJobs(
  { options, clock, logger }: MasterSetup,
  needs: JobNeeds,
): Promise<JobServiceHandle> {
  const { store, audit, sessions, files, resolveTarget, events, access } = needs
  const jobs = await makeJobService({
    store,
    sessions,
    clock,
    resolveTarget,
    treeHashes: () => files.treeHashes(),
    options: jobOptions(options),
    log: logger,
    audit: (entry) => audit.record(entry),
    events,
    access,
  })
  // Large returns leave garbage that V8 would keep until it needs the room.
  const memory = new IdleMemory(
    () => {},
    () => false,
    headroom,
  )
  // So do thousands of handshakes.
  sessions.watch({ connected: () => memory.rested() })
  const during = <Result>(work: () => Promise<Result>): Promise<Result> => {
    memory.working()
    return work().finally(() => memory.rested())
  }
  return {
    ...jobs,
    submit: (...words) => during(() => jobs.submit(...words)),
    returned: (...words) => during(() => jobs.returned(...words)),
  }
}

/** Percent that the heap may grow between collections: more than one job for a large fleet takes (docs/decisions/0237). */
const headroom = 300

/** As they are when they are asked for. */
const jobOptions = (options: MasterOptions): JobOptions => ({
  get defaultTarget() {
    return defaultTarget(options)
  },
  get jobExpiry() {
    return options.job_expiry
  },
  get keepJobsSeconds() {
    return options.keep_jobs_seconds
  },
  get keepJobsBytes() {
    return keptBytes(options)
  },
  get timeout() {
    return options.timeout
  },
})

const megabyte = 1024 * 1024
const keptBytes = ({ keep_jobs_megabytes: most }: MasterOptions): number =>
  most === 0 ? Number.MAX_SAFE_INTEGER : most * megabyte

export function defaultTarget({ default_target: expression }: MasterOptions): Target | undefined {
  return expression === '' ? undefined : { kind: 'glob', expression }
}
