/** /api/v1/jobs: submit, list, look up, follow, kill. */
import * as v from 'valibot'
import { TsaltError } from '../../../shared/errors/error.ts'
import { minionId } from '../../../shared/protocol/fields.ts'
import { pageSize, readJobId } from '../request.ts'
import { type RouteCall, route } from '../route.ts'
import {
  JobAccount,
  JobEvent,
  JobState,
  JobSubmission,
  JobSubmitted,
  JobSummary,
  KillRequest,
  RerunRequest,
} from '../schemas.ts'
import type { RouteContext } from '../services.ts'
import { maySee, requireSight, seen } from '../sight.ts'
import { sendStream } from '../stream.ts'

export const jobRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/jobs',
    summary: 'Submits a job, or a rollout where there is a `rollout`.',
    body: JobSubmission,
    answer: JobSubmitted,
    status: 201,
    errors: ['target-missing', 'target-empty', 'target-unknown', 'target-invalid', 'access-denied'],
    handle({ body: { rollout, ...submission }, actor }, { jobs, rollouts }) {
      return rollout === undefined
        ? jobs.submit(submission, actor)
        : rollouts.submit(submission, rollout, actor)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/jobs',
    summary: 'The newest jobs, without returns: your own, and those of minions that you may see.',
    query: v.strictObject({ limit: pageSize(50, 1_000) }),
    answer: v.array(JobAccount),
    sees: 'jobs',
    async handle({ query, actor }, { jobs, access }) {
      return seen({ access, actor, what: 'jobs' }, await jobs.list(query.limit), idsOf, isOwn(actor))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/job-summaries',
    summary:
      'The newest jobs with what their targets came to: your own, and those of minions that you may see.',
    query: v.strictObject({
      function: v.optional(v.string()),
      target: v.optional(v.string()),
      operator: v.optional(v.string()),
      state: v.optional(JobState),
      /** Milliseconds since the epoch. */
      since: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number))),
      limit: pageSize(20, 1_000),
    }),
    answer: v.array(JobSummary),
    sees: 'jobs',
    async handle({ query, actor }, { jobs, access }) {
      const { function: fun, ...rest } = query
      const found = await jobs.summaries({ ...rest, fun })
      if (actor.grants === 'everything') return found
      const shown: JobSummary[] = []
      for (const summary of found) {
        const minions = await jobs.minionsOf(summary.jid)
        if (isOwn(actor)(summary) || (await maySee(access, actor, 'jobs', minions))) shown.push(summary)
      }
      return shown
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/jobs/:jid/rerun',
    summary: 'A new job of the same function and arguments on the same minions, or on those that failed.',
    body: RerunRequest,
    answer: JobSubmitted,
    status: 201,
    errors: ['jid-invalid', 'job-unknown', 'rerun-nothing', 'rerun-own', 'target-unknown', 'access-denied'],
    handle: ({ body, request, actor }, { jobs }) => jobs.rerun(readJobId(request), body, actor),
  }),
  route({
    method: 'GET',
    path: '/api/v1/jobs/:jid',
    summary: 'A job with its targets and what they returned.',
    answer: JobAccount,
    sees: 'jobs',
    errors: ['jid-invalid', 'job-unknown'],
    async handle(call, context) {
      const jid = readJobId(call.request)
      const account = await context.jobs.account(jid)
      if (account === undefined) throw new TsaltError('job-unknown', { jid })
      await requireJobSight(account, call, context)
      return account
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/jobs/:jid/follow',
    summary: 'What has happened to a job and what happens, to its end.',
    answer: JobEvent,
    stream: true,
    sees: 'jobs',
    errors: ['jid-invalid', 'job-unknown'],
    async handle(call, context) {
      const jid = readJobId(call.request)
      if (call.actor.grants !== 'everything') {
        const account = await context.jobs.account(jid)
        if (account === undefined) throw new TsaltError('job-unknown', { jid })
        await requireJobSight(account, call, context)
      }
      return sendStream(call, context, (signal) => context.jobs.follow(jid, signal))
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/jobs/:jid/kill',
    summary: 'Ends a job on all its minions; those that are away are told when they are back.',
    body: KillRequest,
    answer: v.strictObject({ told: v.array(minionId) }),
    errors: ['jid-invalid', 'job-unknown', 'access-denied'],
    async handle({ body, request, actor }, { jobs }) {
      return { told: await jobs.kill(readJobId(request), body.signal, actor) }
    },
  }),
]

type Actor = RouteCall<unknown, unknown>['actor']

const idsOf = ({ targets }: JobAccount): JobAccount['targets'][number]['id'][] => targets.map(({ id }) => id)
const isOwn =
  ({ name }: Actor) =>
  ({ operator }: Pick<JobAccount, 'operator'>): boolean =>
    operator === name

/** @throws TsaltError `access-denied` */
async function requireJobSight(
  account: JobAccount,
  { actor }: RouteCall<unknown, unknown>,
  { access }: RouteContext,
): Promise<void> {
  if (!isOwn(actor)(account)) await requireSight(access, actor, 'jobs', idsOf(account))
}
