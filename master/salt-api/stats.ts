/** /stats: counts of the API, under the names that salt-api's server has for them. */
import type { FastifyInstance } from 'fastify'
import type { Plain } from '../../shared/data/value.ts'
import { answer } from './answers.ts'
import type { SaltContext } from './salt-routes.ts'

/** Counts every request of the whole server, refused ones included. */
export function statsRoute(
  server: FastifyInstance,
  scope: FastifyInstance,
  { clock, since }: SaltContext,
): void {
  const counts = { requests: 0, time: 0, sent: 0, refused: 0 }
  const underWay = new Set<unknown>()
  server.addHook('onRequest', async (request) => {
    underWay.add(request.raw)
  })
  server.addHook('onResponse', async (request, reply) => {
    underWay.delete(request.raw)
    counts.requests += 1
    counts.time += reply.elapsedTime / 1000
    counts.sent += Number(reply.getHeader('content-length') ?? 0)
    if (reply.statusCode >= 400) counts.refused += 1
  })
  // A client that left before its answer.
  server.addHook('onRequestAbort', async (request) => {
    underWay.delete(request.raw)
  })

  scope.get('/stats', async (request, reply) => {
    const now = clock.now()
    const application: Plain = {
      'Current Time': now / 1000,
      'Start Time': since / 1000,
      Uptime: (now - since) / 1000,
      'Total Requests': counts.requests,
      'Current Requests': underWay.size,
      'Requests/Second': counts.requests / Math.max(1, (now - since) / 1000),
      'Refused Requests': counts.refused,
      'Total Bytes Written': counts.sent,
      'Total Time': counts.time,
      Requests: {},
    }
    return answer(request, reply, { 'CherryPy Applications': application })
  })
}
