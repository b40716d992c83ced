/** The HTTP application that all doors of the API share: strict JSON in, one form of refusal out. */
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyServerOptions,
} from 'fastify'
import type { Logger } from 'pino'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { parseStrictJson } from '../../shared/protocol/strict-json.ts'

/** Bytes of a request. */
export const bodyLimit = 16 * 1024 * 1024
const maxDepth = 64
const maxItems = 1_000_000

export type AppOptions = Pick<FastifyServerOptions, 'serverFactory' | 'bodyLimit'>

export function makeApp(log: Logger, options: AppOptions = {}): FastifyInstance {
  const limit = options.bodyLimit ?? bodyLimit
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: limit,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    // What is no path at all is answered as everything else is.
    frameworkErrors: (error, _request, reply) => refuse(reply as FastifyReply, translate(error, limit)),
    ...options,
  }) as unknown as FastifyInstance
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, readJson(body.toString()))
    } catch (error) {
      done(error as Error)
    }
  })
  answerErrors(app, log, limit)
  return app
}

/**
 * Strictly, as everything that comes from outside: no duplicate keys, no prototypes, bounded depth.
 * @throws TsaltError `request-malformed`
 */
export function readJson<Parsed = unknown>(
  text: string,
  parse: (text: string, depth: number, items: number) => Parsed = parseStrictJson as typeof parse,
): Parsed {
  try {
    return parse(text, maxDepth, maxItems)
  } catch (error) {
    throw new TsaltError('request-malformed', { reason: reasonOf(error) }, { cause: error })
  }
}

function answerErrors(app: FastifyInstance, log: Logger, limit: number): void {
  app.setNotFoundHandler((request) => {
    // Without its query: a secret may stand there by mistake.
    const [path = ''] = request.url.split('?')
    throw new TsaltError('request-unknown', { method: request.method, path: path.slice(0, 200) })
  })
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = translate(thrown, limit)
    if (!isTsaltError(error)) {
      const [path] = request.url.split('?')
      log.error({ err: thrown, method: request.method, path }, 'a request failed')
    }
    return refuse(reply, error)
  })
}

function refuse(reply: FastifyReply, error: Error): unknown {
  if (!isTsaltError(error))
    return reply
      .code(500)
      .send({ code: 'internal', message: `The master failed: ${error.message}`, hint: 'See its log.' })
  return reply.code(error.httpStatus).send(refusalBody(error))
}

export function refusalBody({ code, message, hint, place }: TsaltError): object {
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(place === undefined ? {} : { place }),
  }
}

/** What fastify itself finds wrong with a request. */
export function translate(error: FastifyError | Error, limit: number): Error {
  if (isTsaltError(error)) return error
  const { code, statusCode = 500 } = error as FastifyError
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new TsaltError('request-too-large', { limit })
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new TsaltError('content-type-unknown', {})
  return statusCode < 500 ? new TsaltError('request-malformed', { reason: reasonOf(error) }) : error
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
