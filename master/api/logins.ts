/** Logging in and out over the network, for our own routes and those of Salt's clients. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '../auth/actor.ts'
import type { Authenticator, Session } from '../auth/authenticator.ts'
import { cookieName, shownToken } from './tcp/identify.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
  /** `auto`: the first way that is configured. */
  readonly eauth?: string | undefined
}

export interface Logins {
  /** @throws TsaltError `login-refused`, `login-too-often`, `login-kind-unknown` */
  login(credentials: Credentials, request: FastifyRequest): Promise<Session>
  /** The token that came with the request is worth nothing afterwards, and streams opened with it end. */
  logout(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** For browsers, which keep it out of reach of scripts and send it to this host alone. */
  setCookie(reply: FastifyReply, session: Session): void
  byToken(token: string): Promise<Actor | undefined>
  /** When the token of a request ends, milliseconds since the epoch; undefined: it came with none. */
  expireOf(request: FastifyRequest): Promise<number | undefined>
  /** A token is worth nothing any more. */
  end(token: string): Promise<void>
  readonly eauths: readonly string[]
}

export function makeLogins(authenticator: Authenticator, loggedOut: (token: string) => void): Logins {
  return {
    get eauths() {
      return authenticator.eauths
    },
    byToken: (token) => authenticator.byToken(token),
    async expireOf(request) {
      const shown = shownToken(request)
      return shown && (await authenticator.session(shown.token))?.expire
    },
    async end(token) {
      await authenticator.logout(token)
    },
    login({ username, password, eauth }, { ip }) {
      const way = eauth === undefined || eauth === '' || eauth === 'auto' ? authenticator.eauths[0] : eauth
      return authenticator.login({ username, password, eauth: way }, ip)
    },
    async logout(request, reply) {
      const shown = shownToken(request)
      if (shown !== undefined) {
        await authenticator.logout(shown.token)
        loggedOut(shown.token)
      }
      reply.header('set-cookie', `${cookieName}=; ${cookieTraits}; Max-Age=0`)
    },
    setCookie(reply, { token, start, expire }) {
      const seconds = Math.floor((expire - start) / 1000)
      reply.header('set-cookie', `${cookieName}=${token}; ${cookieTraits}; Max-Age=${seconds}`)
    },
  }
}

const cookieTraits = 'Path=/; Secure; HttpOnly; SameSite=Strict'
