/** /api/v1/rollouts: look, pause, resume, abort, and again for those that failed. */
import * as v from 'valibot'
import { TsaltError } from '../../../shared/errors/error.ts'
import { RolloutAccount } from '../../rollouts/schemas.ts'
import { pageSize, readJobId } from '../request.ts'
import { route } from '../route.ts'
import { JobSubmitted, RolloutRequest } from '../schemas.ts'
import { requireSight, seen } from '../sight.ts'

/** Whose doing a rollout is stands with its job; older ones than these are not shown to those who may not see all. */
const remembered = 1_000

export const rolloutRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/rollouts',
    summary: 'The newest rollouts.',
    query: v.strictObject({ limit: pageSize(20, 1_000) }),
    answer: v.array(RolloutAccount),
    sees: 'rollouts',
    async handle({ query, actor }, { rollouts, jobs, access }) {
      const accounts = await rollouts.list(query.limit)
      if (actor.grants === 'everything') return accounts
      const known = new Map((await jobs.list(remembered)).map((job) => [job.jid, job]))
      const visible = await seen(
        { access, actor, what: 'rollouts' },
        accounts.filter(({ jid }) => known.has(jid)),
        ({ jid }) => known.get(jid)?.targets.map(({ id }) => id) ?? [],
        ({ jid }) => known.get(jid)?.operator === actor.name,
      )
      return visible
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/rollouts/:jid',
    summary: 'How far a rollout has come.',
    answer: RolloutAccount,
    sees: 'rollouts',
    errors: ['jid-invalid', 'rollout-unknown'],
    async handle({ request, actor }, { rollouts, jobs, access }) {
      const jid = readJobId(request)
      const account = await rollouts.account(jid)
      if (account === undefined) throw new TsaltError('rollout-unknown', { jid })
      if (actor.grants === 'everything') return account
      const job = await jobs.account(jid)
      const minions = job?.targets.map(({ id }) => id)
      if (job?.operator !== actor.name) await requireSight(access, actor, 'rollouts', minions)
      return account
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/rollouts/:jid',
    summary: 'Pauses, resumes or aborts a rollout, or begins another one for the minions that failed.',
    body: RolloutRequest,
    answer: v.union([RolloutAccount, JobSubmitted]),
    errors: ['jid-invalid', 'rollout-unknown', 'access-denied'],
    async handle({ body: { action }, request, actor }, { rollouts }) {
      const jid = readJobId(request)
      return action === 'retry-failed' ? rollouts.retry(jid, actor) : rollouts.act(jid, action, actor)
    },
  }),
]
