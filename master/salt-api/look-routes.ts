/** The routes of salt-api that stand for commands: /minions, /jobs, /keys; and /stats. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Dict, isDict, type Plain, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { parseJobId, parseMinionId } from '../../shared/ids.ts'
import { answer } from './answers.ts'
import type { Client } from './low.ts'
import { LowChunk } from './low.ts'
import { prepare, runAll } from './run-low.ts'
import { leaving, lowOf, type SaltContext } from './salt-routes.ts'

export function lookRoutes(scope: FastifyInstance, context: SaltContext): void {
  const run = async (request: FastifyRequest, reply: FastifyReply, low: Dict): Promise<Value> => {
    const commands = prepare([new LowChunk('the request', low)], context)
    const actor = context.actorOf(request)
    const [found] = await runAll(commands, async () => actor, leaving(reply, context.stopping))
    return (found ?? null) as Value
  }

  minionRoutes(scope, context, run)
  jobRoutes(scope, run)
  keyRoutes(scope, run)
}

type Run = (request: FastifyRequest, reply: FastifyReply, low: Dict) => Promise<Value>
const nameOf = (request: FastifyRequest): string => (request.params as { readonly id?: string }).id ?? ''

function minionRoutes(scope: FastifyInstance, context: SaltContext, run: Run): void {
  const grains = (tgt: string): Dict =>
    new Map([
      ['client', 'local'],
      ['fun', 'grains.items'],
      ['tgt', tgt],
    ])

  scope.get('/minions', async (request, reply) =>
    answer(request, reply, { return: [await run(request, reply, grains('*'))] }),
  )

  scope.get('/minions/:id', async (request, reply) =>
    answer(request, reply, { return: [await run(request, reply, grains(parseMinionId(nameOf(request))))] }),
  )

  scope.post('/minions', async (request, reply) => {
    const client: Client = 'local_async'
    const chunks = lowOf(request)
    for (const chunk of chunks) chunk.dict.set('client', client)
    const actor = context.actorOf(request)
    const commands = prepare(chunks, context, client)
    const all = await runAll(commands, async () => actor, leaving(reply, context.stopping))
    const links = all.flatMap((job) => {
      const jid = (job as { readonly jid?: string } | null)?.jid
      return jid === undefined ? [] : [{ href: `/jobs/${jid}` }]
    })
    return answer(request, reply.code(202), { return: all, _links: { jobs: links } })
  })
}

function jobRoutes(scope: FastifyInstance, run: Run): void {
  const runner = (fun: string, more: readonly (readonly [string, string])[] = []): Dict =>
    new Map([['client', 'runner'], ['fun', fun], ...more])

  scope.get('/jobs', async (request, reply) =>
    answer(request, reply, { return: [await run(request, reply, runner('jobs.list_jobs'))] }),
  )

  scope.get('/jobs/:id', async (request, reply) => {
    const jid = parseJobId(nameOf(request))
    const info = await run(request, reply, runner('jobs.list_job', [['jid', jid]]))
    const result = isDict(info) ? info.get('Result') : undefined
    const returns: [string, Plain][] = isDict(result)
      ? [...result].map(([id, one]) => [String(id), isDict(one) ? one.get('return') : null])
      : []
    return answer(request, reply, { info: [info], return: [new Map(returns)] })
  })
}

function keyRoutes(scope: FastifyInstance, run: Run): void {
  const wheel = (fun: string, more: readonly (readonly [string, string])[] = []): Dict =>
    new Map([['client', 'wheel'], ['fun', fun], ...more])
  const returned = (told: Value): Plain =>
    (told as unknown as { readonly data: { readonly return: Plain } }).data.return

  scope.get('/keys', async (request, reply) =>
    answer(request, reply, { return: returned(await run(request, reply, wheel('key.list_all'))) }),
  )

  scope.get('/keys/:id', async (request, reply) => {
    const match = parseMinionId(nameOf(request))
    return answer(request, reply, {
      return: returned(await run(request, reply, wheel('key.finger', [['match', match]]))),
    })
  })

  scope.post('/keys', async () => {
    const reason = 'keys are made by the minions that use them, so the master has none to give away'
    const hint = 'A join token lets a new minion in by itself: tsalt-key --token, or POST /api/v1/tokens.'
    throw new TsaltError('low-invalid', { where: 'POST /keys', reason }, { hint })
  })
}
