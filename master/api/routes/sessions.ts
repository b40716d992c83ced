/** /api/v1/login, /logout and /session: only over the network, where nobody is known by the socket alone. */
import * as v from 'valibot'
import { encodeValue } from '../../../shared/data/codec.ts'
import { toValue } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { encodedValue, wallTime } from '../../../shared/protocol/fields.ts'
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
  route({
    method: 'GET',
    path: '/api/v1/session',
    summary: 'Who is logged in, and what he may do.',
    answer: v.strictObject({ name: v.string(), perms: encodedValue }),
    async handle({ actor }, { access }) {
      return { name: actor.name, perms: encodeValue(toValue(access.perms(actor))) }
    },
  }),
]

function loginsOf({ logins }: RouteContext): NonNullable<RouteContext['logins']> {
  if (logins === undefined) throw new TsaltError('request-unknown', { method: 'POST', path: '/api/v1/login' })
  return logins
}
