/** To the master over TLS, with one's own rights: a token, a client certificate, or nothing yet. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MasterRefusal } from './master-refusal.ts'
import { type Ask, apiPrefix, type MasterTransport, uncertainOf } from './master-transport.ts'

export interface NetworkPlace {
  /** `https://host:port` */
  readonly api: string
  /** PEM of the certificates that are trusted. undefined: those of Node.js. */
  readonly authorities: string | undefined
  readonly token?: string
  readonly certificate?: { readonly cert: string; readonly key: string }
  /** What is told where the master does not take the token or the certificate. */
  ended?(refusal: MasterRefusal): Error
}

/** Milliseconds until the connection must stand. */
const connectTime = 10_000
/** For how long a request is put off, in seconds, where the master says that there were too many. */
const longestPause = 15
const mostPauses = 8

export function networkTransport(place: NetworkPlace): MasterTransport {
  const { api, token, certificate, authorities } = place
  const agent = new Agent({
    keepAlive: true,
    minVersion: 'TLSv1.3',
    // Said here, NODE_TLS_REJECT_UNAUTHORIZED=0, which somebody set for another program, sends no password to strangers.
    rejectUnauthorized: true,
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...certificate,
  })
  const failed = (ask: Ask, error: NodeJS.ErrnoException): Error => connectionError(api, ask, error)
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    where: api,
    failed,
    refused: (refusal) => (refusal.code === 'login-needed' && place.ended?.(refusal)) || refusal,
    async send(ask) {
      for (let pauses = 0; ; pauses++) {
        const response = await once(api, ask, agent, headers, failed)
        const seconds = Number(response.headers['retry-after'] ?? Number.NaN)
        const isPutOff = response.statusCode === 429 && seconds <= longestPause && ask.path !== '/login'
        if (!isPutOff || pauses >= mostPauses) return response
        // The master has not looked at it yet.
        response.resume()
        await pause(seconds * 1000, undefined, ask.signal ? { signal: ask.signal } : {})
      }
    },
  }
}

function once(
  api: string,
  { method, path, body, signal }: Ask,
  agent: Agent,
  more: Readonly<Record<string, string>>,
  failed: (ask: Ask, error: NodeJS.ErrnoException) => Error,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const headers = {
      ...more,
      ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
    }
    const options = { method, agent, headers, ...(signal ? { signal } : {}) }
    const outgoing = httpsRequest(new URL(apiPrefix + path, api), options, resolve)
    limitConnecting(outgoing)
    const ask: Ask = { method, path, body }
    outgoing.on('error', (error: NodeJS.ErrnoException) => reject(failed(ask, error)))
    outgoing.end(payload)
  })
}

/** An address where nobody is answers nothing for minutes. */
function limitConnecting(outgoing: ClientRequest): void {
  const timer = setTimeout(() => {
    outgoing.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))
  }, connectTime)
  const over = (): void => clearTimeout(timer)
  outgoing.once('close', over)
  outgoing.once('socket', (socket) => {
    // A peer that vanished is noticed, also while nothing is said.
    socket.setKeepAlive(true, 15_000)
    if (outgoing.reusedSocket) over()
    else (socket as TLSSocket).once('secureConnect', over)
  })
}

const untrusted: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself alone',
  SELF_SIGNED_CERT_IN_CHAIN: 'this system does not know its CA',
  UNABLE_TO_GET_ISSUER_CERT: 'this system does not know its CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'this system does not know its CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'this system does not know its CA',
  CERT_UNTRUSTED: 'this system does not know its CA',
  CERT_SIGNATURE_FAILURE: 'the CA that is known by this name did not sign it',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet; compare the clocks',
  CERT_REVOKED: 'it was revoked',
  INVALID_CA: 'what signed it is no CA',
  INVALID_PURPOSE: 'it is not for servers',
}

const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection broke',
  ETIMEDOUT: 'no answer came',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to its network',
}

function connectionError(api: string, ask: Ask, error: NodeJS.ErrnoException): Error {
  const { code = '', message } = error
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { host, cert } = error as { host?: string; cert?: { subjectaltname?: string } }
    const names = (cert?.subjectaltname ?? 'nobody').replace(/\b(?:DNS|IP Address):/g, '')
    const reason = `it is for ${names.slice(0, 200)}, and not for ${host ?? new URL(api).hostname}`
    const hint = 'Use a name of the certificate in --api.'
    return new TsaltError('api-certificate-untrusted', { api, reason }, { cause: error, hint })
  }
  if (Object.hasOwn(untrusted, code))
    return new TsaltError(
      'api-certificate-untrusted',
      { api, reason: untrusted[code] ?? message },
      { cause: error },
    )
  const uncertain = uncertainOf(ask, error)
  if (uncertain !== undefined) return uncertain
  const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL')
  const reason = isTls ? `no TLS 1.3 is spoken there: ${code}` : (unreachable[code] ?? message)
  const hint =
    'Is the address right (--api), is the option "api" of that master set, may this machine connect?'
  return new TsaltError('master-down', { socket: api, reason }, { cause: error, hint })
}
