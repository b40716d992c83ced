/** /api/v1/rollouts: look, pause, resume, abort, and again for those that failed. */
import type { FastifyInstance } from 'fastify'
import { TsaltError } from '../../../shared/errors/error.ts'
import { readBody, readJobId, readLimit } from '../request.ts'
import { RolloutRequest } from '../schemas.ts'
import type { RouteContext } from '../services.ts'

export function rolloutRoutes(app: FastifyInstance, { rollouts, actorOf }: RouteContext): void {
  app.get('/api/v1/rollouts', (request) => rollouts.list(readLimit(request, 20, 1_000)))

  app.get('/api/v1/rollouts/:jid', async (request) => {
    const jid = readJobId(request)
    const account = await rollouts.account(jid)
    if (account === undefined) throw new TsaltError('rollout-unknown', { jid })
    return account
  })

  app.post('/api/v1/rollouts/:jid', async (request) => {
    const { action } = readBody(RolloutRequest, request)
    const jid = readJobId(request)
    return action === 'retry-failed'
      ? rollouts.retry(jid, actorOf(request))
      : rollouts.act(jid, action, actorOf(request))
  })
}
