/** /api/v1/login and /logout: only over the network, where nobody is known by the socket alone; /session everywhere. */
import * as v from 'valibot'
import { encodeValue } from '../../../shared/data/codec.ts'
import { toValue } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { encodedValue, wallTime } from '../../../shared/protocol/fields.ts'
import type { Actor } from '../../auth/actor.ts'
import { route } from '../route.ts'
import type { RouteContext } from '../services.ts'

const text = v.pipe(v.string(), v.maxLength(4_096))

export const LoginRequest = v.strictObject({
  username: text,
  password: text,
  /** `local`, `pam`; absent or `auto`: the first that is configured. */
  eauth: v.optional(text),
})

const LoginAnswer = v.strictObject({
  token: v.string(),
  user: v.string(),
  eauth: v.string(),
  start: wallTime,
  expire: wallTime,
  /** What the user may do, in the form of Salt's external_auth. */
  perms: encodedValue,
})

/** Over the socket as well. */
export const whoRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/session',
    summary: 'Who is logged in, until when, and what he may do.',
    answer: v.strictObject({
      name: v.string(),
      /** Of a token. */
      expire: v.optional(wallTime),
      /** As of a login. */
      perms: encodedValue,
      /** What he may look at, of some minions at least. */
      see: v.array(v.string()),
    }),
    async handle({ actor, request }, { access, logins }) {
      const expire = await logins?.expireOf(request)
      return {
        name: actor.name,
        ...(expire === undefined ? {} : { expire }),
        perms: encodeValue(toValue(access.perms(actor))),
        see: seenBy(actor),
      }
    },
  }),
]

export const sessionRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/login',
    summary: 'Makes a token, to be sent as `Authorization: Bearer …` or `X-Auth-Token: …`.',
    open: true,
    body: LoginRequest,
    answer: LoginAnswer,
    errors: ['login-refused', 'login-too-often', 'login-kind-unknown'],
    async handle({ body, request }, context) {
      const session = await loginsOf(context).login(body, request)
      const { token, user, eauth, start, expire, perms } = session
      return { token, user, eauth, start, expire, perms }
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/logout',
    summary: 'Ends the token that it comes with, and the streams that were opened with it.',
    answer: v.strictObject({ ended: v.literal(true) }),
    async handle({ request, reply }, context) {
      await loginsOf(context).logout(request, reply)
      return { ended: true }
    },
  }),
]

function seenBy({ grants }: Actor): string[] {
  if (grants === 'everything') return ['*']
  return [...new Set(grants.flatMap(({ on, functions }) => (on === 'see' ? [...functions] : [])))]
}

function loginsOf({ logins }: RouteContext): NonNullable<RouteContext['logins']> {
  if (logins === undefined) throw new TsaltError('request-unknown', { method: 'POST', path: '/api/v1/login' })
  return logins
}
