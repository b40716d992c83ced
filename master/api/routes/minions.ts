/** /api/v1/targets, /minions, /runners and /status: what the master knows. */
import type { FastifyInstance } from 'fastify'
import { readBody } from '../request.ts'
import { RunnerCall, Target } from '../schemas.ts'
import type { RouteContext } from '../services.ts'

export function minionRoutes(app: FastifyInstance, context: RouteContext): void {
  const { sessions, minions, options } = context

  app.post('/api/v1/targets', async (request) => {
    const matched = await context.resolveTarget(readBody(Target, request))
    const targets = await Promise.all(
      matched.map(async ({ id, generation }) => {
        const row = await minions.find(id, generation)
        return { id, connected: sessions.find(id) !== undefined, lastSeen: row?.lastSeen ?? 0 }
      }),
    )
    return { targets }
  })

  app.get('/api/v1/minions', async () => ({
    minions: sessions.connected().map(({ id, since, address, clockOffset }) => ({
      id,
      since,
      address,
      ...(clockOffset === undefined ? {} : { clockOffset }),
    })),
  }))

  app.post('/api/v1/runners', (request) =>
    context.callRunner(readBody(RunnerCall, request), context.actorOf(request)),
  )

  app.get('/api/v1/status', async () => ({
    version: context.version,
    since: context.since,
    minions: { known: context.accepted().length, connected: sessions.connected().length },
    defaultTarget: options.default_target,
    timeout: options.timeout,
    stateOutput: options.state_output,
    stateVerbose: options.state_verbose,
    color: options.color,
  }))
}
