/** The operator API: HTTP on a Unix socket. Its peer is trusted as an operator, by the socket's mode. */
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { parseStrictJson } from '../../shared/protocol/strict-json.ts'
import { trusted } from '../auth/actor.ts'
import { operatorOf } from './operator.ts'
import { eventRoutes } from './routes/events.ts'
import { jobRoutes } from './routes/jobs.ts'
import { keyRoutes } from './routes/keys.ts'
import { minionRoutes } from './routes/minions.ts'
import { rolloutRoutes } from './routes/rollouts.ts'
import type { ApiServices, RouteContext } from './services.ts'
import { listenOnSocket } from './unix-socket.ts'

export interface Api {
  /** @throws TsaltError `socket-in-use`, `socket-unusable` */
  listen(socket: string, group?: string): Promise<void>
  /** Ends the streams, lets what is being answered end, removes the socket. */
  close(): Promise<void>
}

/** Bytes of a request. */
const bodyLimit = 16 * 1024 * 1024
const maxDepth = 64
const maxItems = 1_000_000

export function makeApi(services: ApiServices): Api {
  const stopping = new AbortController()
  let operator = trusted('local')
  const context: RouteContext = {
    ...services,
    since: services.clock.now(),
    actorOf: () => operator,
    stopping: stopping.signal,
  }
  const app = fastify({ logger: false, bodyLimit, forceCloseConnections: 'idle', exposeHeadRoutes: false })
  readJson(app)
  answerErrors(app, services.log)
  jobRoutes(app, context)
  eventRoutes(app, context)
  keyRoutes(app, context)
  minionRoutes(app, context)
  rolloutRoutes(app, context)
  return {
    async listen(socket, group = '') {
      await app.ready()
      await listenOnSocket(app.server, socket, group)
      operator = trusted(operatorOf(socket))
    },
    async close() {
      stopping.abort()
      await app.close()
    },
  }
}

/** Strictly, as everything that comes from outside: no duplicate keys, no prototypes, bounded depth. */
function readJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit }, (_request, body, done) => {
    try {
      done(null, parseStrictJson(body.toString(), maxDepth, maxItems))
    } catch (error) {
      done(new TsaltError('request-malformed', { reason: reasonOf(error) }, { cause: error }))
    }
  })
}

function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((request) => {
    throw new TsaltError('request-unknown', { method: request.method, path: request.url.slice(0, 200) })
  })
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = isTsaltError(thrown) ? thrown : translate(thrown)
    if (error === undefined) {
      log.error({ err: thrown, method: request.method, url: request.url }, 'a request failed')
      return reply
        .code(500)
        .send({ code: 'internal', message: `The master failed: ${thrown.message}`, hint: 'See its log.' })
    }
    const { code, message, hint, place } = error
    return reply.code(error.httpStatus).send({
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(place === undefined ? {} : { place }),
    })
  })
}

/** What fastify itself finds wrong with a request. */
function translate(error: FastifyError): TsaltError | undefined {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new TsaltError('request-too-large', { limit: bodyLimit })
  const status = error.statusCode ?? 500
  return status < 500 ? new TsaltError('request-malformed', { reason: error.message }) : undefined
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
