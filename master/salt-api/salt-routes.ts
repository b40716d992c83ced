/** The routes of salt-api that are about logging in and commands: /, /login, /logout, /token, /run. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Dict, isDict, isList, type Plain, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { readText } from '../../shared/schema/scalars.ts'
import type { Credentials, Logins } from '../api/logins.ts'
import type { RouteContext } from '../api/services.ts'
import { refuseCrossSite } from '../api/tcp/identify.ts'
import { strangersBodyBytes } from '../api/tcp/limits.ts'
import type { Actor } from '../auth/actor.ts'
import type { Session } from '../auth/authenticator.ts'
import { answer } from './answers.ts'
import { bodyOf } from './bodies.ts'
import { clients, type LowChunk, readLow } from './low.ts'
import { prepare, runAll } from './run-low.ts'

export type SaltContext = RouteContext & { readonly logins: Logins }

/** Ends when the client has left or the master stops. */
export function leaving(reply: FastifyReply, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, stopping])
}

export const lowOf = (request: FastifyRequest): readonly LowChunk[] => readLow(bodyOf(request.body).value)

const open = { config: { open: true }, bodyLimit: strangersBodyBytes }
/** Bytes of the body of /run, which brings its credentials along. */
const runBytes = 1024 * 1024

export function commandRoutes(scope: FastifyInstance, context: SaltContext): void {
  scope.post('/', async (request, reply) => {
    const commands = prepare(lowOf(request), context)
    const actor = context.actorOf(request)
    const signal = leaving(reply, context.stopping)
    return answer(request, reply, { return: await runAll(commands, async () => actor, signal) })
  })

  scope.post(
    '/run',
    { config: { open: true, strangersBody: runBytes }, bodyLimit: runBytes },
    async (request, reply) => {
      const chunks = lowOf(request)
      const shown = new ShownCredentials(context, request)
      try {
        // Nobody knows yet who it is: until that is certain, nothing is read into the commands.
        for (const chunk of chunks) await shown.actorOf(chunk)
        const commands = prepare(chunks, context)
        const signal = leaving(reply, context.stopping)
        const all = await runAll(commands, (chunk) => shown.actorOf(chunk), signal)
        return answer(request, reply, { return: all })
      } finally {
        await shown.forget()
      }
    },
  )
}

export function loginRoutes(scope: FastifyInstance, { logins }: SaltContext): void {
  scope.get('/login', { config: { open: true } }, async (request, reply) =>
    answer(request, reply.header('www-authenticate', 'Session'), { status: null, return: 'Please log in' }),
  )

  scope.post('/login', open, async (request, reply) => {
    // The cookie would make a browser somebody of the page's choice.
    refuseCrossSite(request)
    const session = await logins.login(credentialsOf(onlyOne(bodyOf(request.body).value)), request)
    logins.setCookie(reply, session)
    reply.header('x-auth-token', session.token)
    const perms = session.perms as Plain
    return answer(request, reply, { return: [{ ...described(session), user: session.user, perms }] })
  })

  scope.post('/token', open, async (request, reply) => {
    const session = await logins.login(credentialsOf(onlyOne(bodyOf(request.body).value)), request)
    return answer(request, reply, [{ ...described(session), name: session.user }])
  })

  scope.post('/logout', async (request, reply) => {
    await logins.logout(request, reply)
    return answer(request, reply, { return: 'Your token has been cleared' })
  })
}

export function welcome(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answer(request, reply, { return: 'Welcome', clients: [...clients] })
}

/** Times in seconds, as Salt has them. */
const described = ({ token, start, expire, eauth }: Session) => ({
  token,
  start: start / 1000,
  expire: expire / 1000,
  eauth,
})

function onlyOne(body: Value): Dict {
  const one = isList(body) && body.length === 1 ? body[0] : body
  if (isDict(one)) return one
  const reason = 'one mapping with username, password and eauth is wanted'
  throw new TsaltError('low-invalid', { where: 'the body', reason })
}

/** @throws TsaltError `low-invalid` */
function credentialsOf(dict: Dict): Credentials {
  const word = (name: string): string => {
    const value = dict.get(name)
    const text = readText(value)
    if (text !== undefined && text.length <= 4_096) return text
    const reason = value === undefined || value === null ? 'it is missing' : 'text is wanted'
    throw new TsaltError('low-invalid', { where: name, reason })
  }
  const given = { username: word('username'), password: word('password') }
  return dict.get('eauth') === undefined || dict.get('eauth') === null
    ? given
    : { ...given, eauth: word('eauth') }
}

/** Of /run, where each command brings its own. A login by password lasts no longer than the request. */
class ShownCredentials {
  readonly #context: SaltContext
  readonly #request: FastifyRequest
  readonly #sessions = new Map<string, Session>()

  constructor(context: SaltContext, request: FastifyRequest) {
    this.#context = context
    this.#request = request
  }

  /** @throws TsaltError `login-needed`, `login-refused` */
  async actorOf(chunk: LowChunk): Promise<Actor> {
    const { logins } = this.#context
    const token = chunk.get('token')
    if (token !== undefined) {
      const actor = typeof token === 'string' ? await logins.byToken(token) : undefined
      if (actor === undefined) throw new TsaltError('login-needed', {})
      return actor
    }
    if (chunk.get('username') === undefined && chunk.get('password') === undefined)
      return this.#context.actorOf(this.#request)
    const credentials = credentialsOf(chunk.dict)
    const key = JSON.stringify(credentials)
    const session = this.#sessions.get(key) ?? (await logins.login(credentials, this.#request))
    this.#sessions.set(key, session)
    return session.actor
  }

  async forget(): Promise<void> {
    for (const { token } of this.#sessions.values()) await this.#context.logins.end(token)
  }
}
