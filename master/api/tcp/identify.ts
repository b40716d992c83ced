/** Who a request comes from: a token in a header, the cookie of a browser, or an operator's client certificate. */
import type { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Actor } from '../../auth/actor.ts'
import type { Authenticator } from '../../auth/authenticator.ts'

export const cookieName = 'session_id'

export interface Identity {
  readonly actor: Actor
  readonly by: 'token' | 'cookie' | 'certificate'
  /** Of `token` and `cookie`. */
  readonly token?: string
}

export interface Shown {
  readonly by: 'token' | 'cookie'
  readonly token: string
}

/** A header comes before the cookie; an empty one counts as none. */
export function shownToken({ headers }: Pick<FastifyRequest, 'headers'>): Shown | undefined {
  const header = headers['x-auth-token']
  if (typeof header === 'string' && header.trim() !== '') return { by: 'token', token: header.trim() }
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return { by: 'token', token: bearer }
  const cookie = cookieOf(headers.cookie ?? '')
  return cookie === undefined ? undefined : { by: 'cookie', token: cookie }
}

function cookieOf(header: string): string | undefined {
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === cookieName && value !== undefined && value !== '') return value
  }
  return undefined
}

/** @returns undefined: nobody is known. A token that is none is not made good by a certificate beside it. */
export async function identify(
  authenticator: Pick<Authenticator, 'byToken' | 'byCertificate'>,
  request: FastifyRequest,
): Promise<Identity | undefined> {
  const shown = shownToken(request)
  if (shown !== undefined) {
    const actor = await authenticator.byToken(shown.token)
    return actor && { actor, ...shown }
  }
  const actor = await byCertificate(authenticator, request.raw.socket as TLSSocket)
  return actor && { actor, by: 'certificate' }
}

export async function byCertificate(
  authenticator: Pick<Authenticator, 'byCertificate'>,
  socket: TLSSocket,
): Promise<Actor | undefined> {
  if (!socket.authorized) return undefined
  const certificate = socket.getPeerCertificate()
  if (certificate.raw === undefined) return undefined
  return authenticator.byCertificate(certificate)
}

/** Names under which clients have been seen to put secrets into a URL. */
const secretNames = ['token', 'salt_token', 'session_id', 'access_token', 'x-auth-token', 'auth', 'password']

/** @throws TsaltError `token-in-url` */
export function refuseTokenInUrl(url: string): void {
  const at = url.indexOf('?')
  if (at === -1) return
  for (const name of new URLSearchParams(url.slice(at)).keys())
    if (secretNames.includes(name.toLowerCase())) throw new TsaltError('token-in-url', {})
}

/**
 * A browser sends the cookie by itself, also for another site's page: what comes from there is not taken with it.
 * @throws TsaltError `cross-site`
 */
export function refuseCrossSite({ headers }: Pick<FastifyRequest, 'headers'>): void {
  const site = headers['sec-fetch-site']
  const { origin, host } = headers
  const foreign = typeof site === 'string' && site !== 'same-origin' && site !== 'none'
  if (foreign || (origin !== undefined && origin !== `https://${host}`))
    throw new TsaltError('cross-site', { origin: (origin ?? String(site)).slice(0, 100) })
}
