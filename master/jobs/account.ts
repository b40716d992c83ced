/** A job as people see it: the store's rows, overlaid with what connections tell. */
import type { Json } from '../../shared/data/codec.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import { looksSecret, maskSecrets } from '../../shared/pillar/secrets.ts'
import type { JobAccount, TargetAccount, TargetReturn } from '../api/schemas.ts'
import type { JobRow, TargetRow } from '../store/jobs.ts'
import type { ReturnRow } from '../store/returns.ts'
import { sessionOf } from './delivery.ts'
import { type LiveTarget, liveTarget } from './live-jobs.ts'
import type { ServiceContext } from './service-context.ts'

/** returned: whether to add the returns, or to show what has returned as if it were still delivered (see follow.ts). */
export type Returns = 'full' | 'without' | 'later'

export async function accountOf(
  context: ServiceContext,
  jid: JobId,
  returns: Returns,
): Promise<JobAccount | undefined> {
  const row = await context.store.jobs.find(jid)
  if (row === undefined) return undefined
  const rows = await context.store.jobs.targets(jid)
  const bodies = returns === 'full' ? await context.store.returns.ofJob(jid) : undefined
  const lastSeen = await lastSeenOf(context, jid, rows)
  const targets = rows.map((target) => {
    const live = context.live.target(jid, target.id)?.target
    if (returns === 'later' && target.state === 'returned')
      return { id: target.id, status: 'delivered' as const, since: target.since }
    return targetAccount(target, live, bodies?.get(target.id), lastSeen(target.id))
  })
  return jobAccount(row, targets)
}

/** One target now, with its return. */
export async function targetAccountOf(
  context: ServiceContext,
  jid: JobId,
  id: MinionId,
): Promise<TargetAccount | undefined> {
  const row = await context.store.jobs.target(jid, id)
  if (row === undefined) return undefined
  const body = row.state === 'returned' ? await context.store.returns.find(jid, id) : undefined
  const seen = await lastSeenOf(context, jid, [row])
  return targetAccount(row, context.live.target(jid, id)?.target, body, seen(id))
}

/** As they are shown: without what looks like a secret. */
export function shownArguments(
  row: Pick<JobRow, 'args' | 'kwargs' | 'metadata'>,
): Pick<JobAccount, 'args' | 'kwargs' | 'metadata'> {
  const { args, kwargs, metadata } = row
  return {
    args: args.map((argument) => maskSecrets(argument)),
    kwargs: masked(kwargs),
    ...(metadata === undefined ? {} : { metadata: masked(metadata) }),
  }
}

function masked(named: Readonly<Record<string, Json>>): Record<string, Json> {
  const shown: Record<string, Json> = {}
  for (const [name, value] of Object.entries(named)) shown[name] = maskSecrets(value, looksSecret(name))
  return shown
}

function jobAccount(row: JobRow, targets: TargetAccount[]): JobAccount {
  const { jid, fun, target, operator, submitted, expires } = row
  const said = shownArguments(row)
  const limit = row.maxSeconds === undefined ? {} : { maxSeconds: row.maxSeconds }
  return { jid, fun, ...said, target, operator, submitted, expires, ...limit, targets }
}

function targetAccount(
  row: TargetRow,
  live: LiveTarget | undefined,
  body: ReturnRow | undefined,
  lastSeen: number | undefined,
): TargetAccount {
  if (row.state === 'returned' || row.state === 'expired') {
    const strays = row.strays > 0 ? { strays: row.strays } : {}
    const final = { id: row.id, status: row.state, since: row.since, ...strays }
    return body === undefined ? final : { ...final, return: returnOf(body) }
  }
  // Not open in memory: it has just been decided and is being written, or a delivery of another process.
  const { status, since, progress } = live ?? liveTarget(row, row.since)
  return {
    id: row.id,
    status,
    since,
    ...(status === 'waiting' ? { lastSeen: lastSeen ?? 0 } : {}),
    ...(progress === undefined ? {} : { progress }),
  }
}

function returnOf({ truncated, ended, calls, ...row }: ReturnRow): TargetReturn {
  return {
    ...row,
    ...(truncated === undefined ? {} : { truncated }),
    ...(ended === undefined ? {} : { ended: [...ended] }),
    ...(calls === undefined ? {} : { calls: [...calls] }),
  }
}

/** Looks up only what is shown: the minions of targets that are waiting. */
async function lastSeenOf(
  context: ServiceContext,
  jid: JobId,
  rows: readonly TargetRow[],
): Promise<(id: MinionId) => number | undefined> {
  const { store, live, clock } = context
  const seen = new Map<MinionId, number>()
  for (const { id, generation, state } of rows) {
    if (state !== 'pending') continue
    const { status = 'waiting' } = live.target(jid, id)?.target ?? {}
    if (status !== 'waiting') continue
    if (sessionOf(context, { id, generation })) {
      // Connected, and about to be sent to.
      seen.set(id, clock.now())
      continue
    }
    const minion = await store.minions.find(id, generation)
    if (minion) seen.set(id, minion.lastSeen)
  }
  return (id) => seen.get(id)
}
