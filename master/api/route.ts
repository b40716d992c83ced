/**
 * A route of the operator API, declared once: the checks of what comes in, and docs/schema/openapi.json, come from the
 * declaration. The routes are listed in routes/registry.ts.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type * as v from 'valibot'
import type { ErrorCode } from '../../shared/errors/registry.ts'
import type { Sight } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import { read, readBody } from './request.ts'
import type { RouteContext } from './services.ts'
import { strangersBodyBytes } from './tcp/limits.ts'

export type QuerySchema = v.StrictObjectSchema<v.ObjectEntries, undefined>

export interface RouteCall<Body, Query> {
  readonly body: Body
  readonly query: Query
  /** What stands in the path for `:name`, decoded, not checked. */
  readonly params: Readonly<Record<string, string>>
  readonly actor: Actor
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** `/api/v1/jobs/:jid` */
  readonly path: string
  /** One line. */
  readonly summary: string

  readonly body?: v.GenericSchema
  readonly query?: QuerySchema
  readonly answer: v.GenericSchema
  /** The answer is a stream of such documents: lines of JSON, or server-sent events where the client asks for these. */
  readonly stream?: true
  /** Of a success; 200 where absent. */
  readonly status?: number
  /** What it is refused with, beside what every route is. */
  readonly errors?: readonly ErrorCode[]
  /** Nobody needs to be logged in for it. */
  readonly open?: true
  /** What a right to see is asked for; absent: another right, or none. */
  readonly sees?: Sight
  handle(call: RouteCall<unknown, unknown>, context: RouteContext): unknown
}

type Typed<Body extends v.GenericSchema, Query extends QuerySchema> = Omit<
  Route,
  'body' | 'query' | 'handle'
> & {
  readonly body?: Body
  readonly query?: Query
  handle(call: RouteCall<v.InferOutput<Body>, v.InferOutput<Query>>, context: RouteContext): unknown
}

export const route = <Body extends v.GenericSchema, Query extends QuerySchema>(
  definition: Typed<Body, Query>,
): Route => definition as unknown as Route

const nobody: Actor = { name: 'nobody', grants: [] }

export function addRoutes(app: FastifyInstance, routes: readonly Route[], context: RouteContext): void {
  for (const { method, path, body, query, status, open, handle } of routes) {
    app.route({
      method,
      url: path,
      config: { open: open === true },
      ...(open === true ? { bodyLimit: strangersBodyBytes } : {}),
      handler: async (request, reply) => {
        const call = {
          body: body === undefined ? undefined : readBody(body, request),
          query: query === undefined ? undefined : read(query, request.query),
          params: request.params as Readonly<Record<string, string>>,
          actor: open === true ? nobody : context.actorOf(request),
          request,
          reply,
        }
        if (status !== undefined) reply.code(status)
        return handle(call, context)
      },
    })
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Nobody needs to be logged in. */
    open?: boolean
    /** Bytes that its body may have where nobody is logged in. */
    strangersBody?: number
  }
}
