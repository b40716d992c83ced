/** /stats: counts of the API, under the names that salt-api's server has for them. */
import type { FastifyInstance } from 'fastify'
import type { Plain } from '../../shared/data/value.ts'
import { answer } from './answers.ts'
import type { SaltContext } from './salt-routes.ts'

/** Counts every request of the whole server: to be called on it before routes are added. */
export function statsRoute(
  server: FastifyInstance,
  scope: FastifyInstance,
  { clock, since }: SaltContext,
): void {
  const counts = { requests: 0, current: 0, time: 0, sent: 0, refused: 0 }
  server.addHook('onRequest', async (_request, reply) => {
    counts.requests += 1
    counts.current += 1
    const began = clock.monotonic()
    reply.raw.once('close', () => {
      counts.current -= 1
      counts.time += (clock.monotonic() - began) / 1000
      counts.sent += Number(reply.raw.getHeader('content-length') ?? 0)
      if (reply.statusCode >= 400) counts.refused += 1
    })
  })

  scope.get('/stats', async (request, reply) => {
    const now = clock.now()
    const application: Plain = {
      'Current Time': now / 1000,
      'Start Time': since / 1000,
      Uptime: (now - since) / 1000,
      'Total Requests': counts.requests,
      'Current Requests': counts.current,
      'Requests/Second': counts.requests / Math.max(1, (now - since) / 1000),
      'Refused Requests': counts.refused,
      'Total Bytes Written': counts.sent,
      'Total Time': counts.time,
      Requests: {},
    }
    return answer(request, reply, { 'CherryPy Applications': application })
  })
}
