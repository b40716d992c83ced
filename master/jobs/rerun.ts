/** The same once more: a new job of the same function and arguments, on the minions of an earlier one. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { RerunRequest } from '../api/schemas.ts'
import type { Actor } from '../auth/actor.ts'
import type { TargetRow } from '../store/jobs.ts'
import type { ReturnVerdict } from '../store/returns.ts'
import { ofMaster } from './own.ts'
import type { ServiceContext } from './service-context.ts'
import type { Submit, Submitted } from './submit.ts'

/** @throws TsaltError `job-unknown`, `rerun-nothing`, `rerun-own`, `target-unknown`, `access-denied` */
export async function rerun(
  { store }: ServiceContext,
  submit: Submit,
  earlier: JobId,
  { which, jid }: RerunRequest,
  actor: Actor,
): Promise<Submitted> {
  const row = await store.jobs.find(earlier)
  if (row === undefined) throw new TsaltError('job-unknown', { jid: earlier })
  const targets = await store.jobs.targets(earlier)
  if (targets.some(({ generation }) => generation === ofMaster))
    throw new TsaltError('rerun-own', { jid: earlier, fun: row.fun })
  const verdicts = await store.returns.verdicts(earlier)
  const wanted = targets.filter((target) => isWanted(target, verdicts.get(target.id), which))
  if (wanted.length === 0) throw nothing(earlier, which, targets)
  const { fun, args, kwargs, maxSeconds, metadata, expires, submitted } = row
  return submit(
    {
      target: { kind: 'list', expression: wanted.map(({ id }) => id).join(',') },
      fun,
      args: [...args],
      kwargs: { ...kwargs },
      expirySeconds: Math.round((expires - submitted) / 1000),
      ...(maxSeconds === undefined ? {} : { maxSeconds }),
      ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
      ...(jid === undefined ? {} : { jid }),
    },
    actor,
  )
}

function isWanted(
  { state }: TargetRow,
  verdict: ReturnVerdict | undefined,
  which: RerunRequest['which'],
): boolean {
  if (which.includes('all')) return true
  const neverHadIt = state === 'expired' || verdict?.outcome === 'expired'
  if (neverHadIt) return which.includes('missing')
  if (verdict === undefined || !which.includes('failed')) return false
  return !(verdict.outcome === 'done' && verdict.retcode === 0 && verdict.success)
}

function nothing(jid: JobId, which: readonly string[], targets: readonly TargetRow[]): TsaltError {
  const open: MinionId[] = targets
    .filter(({ state }) => state === 'pending' || state === 'delivered')
    .map(({ id }) => id)
  const hint =
    open.length === 0
      ? `Without these words all of them run it again: tsalt jobs rerun ${jid}`
      : `${open.length} of its minions have it before them still: end it first (tsalt jobs kill ${jid}), or let it go on (tsalt jobs attach ${jid}).`
  return new TsaltError('rerun-nothing', { jid, which: which.join(' or ') }, { hint })
}
