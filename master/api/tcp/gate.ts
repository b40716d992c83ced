/** What every request over the network passes first: budgets, headers, who it is, from which page it comes. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../shared/clock.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Authenticator } from '../../auth/authenticator.ts'
import { networkOf } from '../../auth/network-of.ts'
import { type Identity, identify, refuseCrossSite, refuseTokenInUrl, shownToken } from './identify.ts'
import {
  addressBurst,
  addressRate,
  remembered,
  strangersBodyBytes,
  strangersBytesBurst,
  strangersBytesRate,
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
  const bodies = limit(strangersBytesBurst, strangersBytesRate)
  const known = new WeakMap<FastifyRequest['raw'], Identity>()

  /** Before the body is read: who is nobody is not listened to for long. */
  async function pass(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.headers(headers)
    take(addresses, request.ip, reply)
    refuseTokenInUrl(request.url)
    const identity = await identityAt(request, reply)
    if (identity === undefined) {
      if (request.routeOptions.config?.open !== true) throw new TsaltError('login-needed', {})
      const most = request.routeOptions.config?.strangersBody ?? strangersBodyBytes
      const length = bodyLength(request, most)
      if (length > most) throw new TsaltError('request-too-large', { limit: most })
      take(bodies, networkOf(request.ip), reply, length)
      return
    }
    // A browser shows cookies and certificates by itself, whichever page asks; a page that is for all is no act.
    const isForAll = request.method === 'GET' && request.routeOptions.config?.open === true
    if (identity.by !== 'token' && !isForAll) refuseCrossSite(request)
    take(users, identity.actor.name, reply)
    known.set(request.raw, identity)
  }

  async function identityAt(request: FastifyRequest, reply: FastifyReply): Promise<Identity | undefined> {
    const shown = shownToken(request)
    const network = networkOf(request.ip)
    if (shown !== undefined && strange.isSpent(network)) take(strange, network, reply)
    const identity = await identify(authenticator, request)
    if (identity === undefined && shown !== undefined) strange.take(network)
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

/** Bytes of the body that comes; where it does not say, as many as it may have. */
function bodyLength({ headers }: FastifyRequest, most: number): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : most
}

/** @throws TsaltError `rate-limited` */
function take(limit: RateLimit, who: string, reply: FastifyReply, amount = 1): void {
  const seconds = limit.take(who, amount)
  if (seconds === 0) return
  reply.header('retry-after', String(seconds))
  throw new TsaltError('rate-limited', { who, seconds })
}
