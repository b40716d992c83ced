/** /api/v1/jobs: submit, list, look up, follow, kill. */
import type { FastifyInstance } from 'fastify'
import { TsaltError } from '../../../shared/errors/error.ts'
import { sendStream } from '../ndjson.ts'
import { readBody, readJobId, readLimit } from '../request.ts'
import { JobSubmission, KillRequest } from '../schemas.ts'
import type { RouteContext } from '../services.ts'

export function jobRoutes(app: FastifyInstance, context: RouteContext): void {
  const { jobs } = context

  app.post('/api/v1/jobs', async (request, reply) => {
    const { rollout, ...submission } = readBody(JobSubmission, request)
    const submitted =
      rollout === undefined
        ? await jobs.submit(submission, context.actorOf(request))
        : await context.rollouts.submit(submission, rollout, context.actorOf(request))
    return reply.code(201).send(submitted)
  })

  app.get('/api/v1/jobs', (request) => jobs.list(readLimit(request, 50, 1_000)))

  app.get('/api/v1/jobs/:jid', async (request) => {
    const jid = readJobId(request)
    const account = await jobs.account(jid)
    if (account === undefined) throw new TsaltError('job-unknown', { jid })
    return account
  })

  app.get('/api/v1/jobs/:jid/follow', async (request, reply) => {
    const jid = readJobId(request)
    return sendStream(reply, context.stopping, (signal) => jobs.follow(jid, signal))
  })

  app.post('/api/v1/jobs/:jid/kill', async (request) => {
    const { signal } = readBody(KillRequest, request)
    return { told: await jobs.kill(readJobId(request), signal, context.actorOf(request)) }
  })
}
