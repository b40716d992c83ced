/** /api/v1/jobs: submit, list, look up, follow, kill. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { TsaltError } from '../../../shared/errors/error.ts'
import { readBody, readJobId, readLimit } from '../request.ts'
import type { JobEvent } from '../schemas.ts'
import { JobSubmission, KillRequest } from '../schemas.ts'
import type { RouteContext } from '../services.ts'

export function jobRoutes(app: FastifyInstance, context: RouteContext): void {
  const { jobs } = context

  app.post('/api/v1/jobs', async (request, reply) => {
    const submitted = await jobs.submit(readBody(JobSubmission, request), context.operator())
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
    // The reader may leave at any time, also while nothing happens: its following ends, the job does not.
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const events = jobs.follow(jid, AbortSignal.any([gone.signal, context.stopping]))
    const lines = await opened(events)
    return reply.header('content-type', 'application/x-ndjson').send(Readable.from(lines, streaming))
  })

  app.post('/api/v1/jobs/:jid/kill', async (request) => {
    const { signal } = readBody(KillRequest, request)
    return { told: await jobs.kill(readJobId(request), signal, context.operator()) }
  })
}

/** A few lines ahead of a slow reader, no more; the events behind them are kept small by `follow` itself. */
const streaming = { objectMode: true, highWaterMark: 4 }

/** Waits for the first event, so that an error in opening the stream is an answer with a status. */
async function opened(events: AsyncIterable<JobEvent>): Promise<AsyncIterable<string>> {
  const iterator = events[Symbol.asyncIterator]()
  const first = await iterator.next()
  return (async function* () {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield `${JSON.stringify(next.value)}\n`
    } finally {
      await iterator.return?.()
    }
  })()
}
