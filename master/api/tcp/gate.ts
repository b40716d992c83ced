/** What every request over the network passes first: budgets, headers, who it is, from which page it comes. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../shared/clock.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Authenticator } from '../../auth/authenticator.ts'
import { type Identity, identify, refuseCrossSite, refuseTokenInUrl, shownToken } from './identify.ts'
import {
  addressBurst,
  addressRate,
  remembered,
  strangersBodyBytes,
  strangeTokenBurst,
  strangeTokenRate,
  userBurst,
  userRate,
} from './limits.ts'
import { RateLimit } from './rate-limit.ts'

export interface Gate {
  /** @throws TsaltError `login-needed` */
  identityOf(request: FastifyRequest): Identity
}

/** Nothing of a page is loaded from elsewhere; styles and pictures of SaltGUI stand in its text. */
const headers: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
}

export function addGate(
  app: FastifyInstance,
  authenticator: Authenticator,
  clock: Pick<Clock, 'monotonic'>,
): Gate {
  const limit = (burst: number, rate: number) => new RateLimit({ clock, burst, rate, most: remembered })
  const addresses = limit(addressBurst, addressRate)
  const users = limit(userBurst, userRate)
  const strange = limit(strangeTokenBurst, strangeTokenRate)
  const known = new WeakMap<FastifyRequest['raw'], Identity>()

  /** Before the body is read: who is nobody is not listened to for long. */
  async function pass(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.headers(headers)
    take(addresses, request.ip, reply)
    refuseTokenInUrl(request.url)
    const identity = await identityAt(request, reply)
    if (identity === undefined) {
      if (request.routeOptions.config?.open !== true) throw new TsaltError('login-needed', {})
      const length = Number(request.headers['content-length'] ?? 0)
      const most = request.routeOptions.config?.strangersBody ?? strangersBodyBytes
      if (length > most) throw new TsaltError('request-too-large', { limit: most })
      return
    }
    if (identity.by === 'cookie') refuseCrossSite(request)
    take(users, identity.actor.name, reply)
    known.set(request.raw, identity)
  }

  async function identityAt(request: FastifyRequest, reply: FastifyReply): Promise<Identity | undefined> {
    const shown = shownToken(request)
    if (shown !== undefined && strange.isSpent(request.ip)) take(strange, request.ip, reply)
    const identity = await identify(authenticator, request)
    if (identity === undefined && shown !== undefined) strange.take(request.ip)
    return identity
  }

  app.addHook('onRequest', pass)
  return {
    identityOf(request) {
      const identity = known.get(request.raw)
      if (identity === undefined) throw new TsaltError('login-needed', {})
      return identity
    },
  }
}

/** @throws TsaltError `rate-limited` */
function take(limit: RateLimit, who: string, reply: FastifyReply): void {
  const seconds = limit.take(who)
  if (seconds === 0) return
  reply.header('retry-after', String(seconds))
  throw new TsaltError('rate-limited', { who, seconds })
}
