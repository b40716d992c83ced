/**
 * Opens the WebSocket to a master: TLS 1.3, trusting the pinned CA and nothing else, and only a certificate whose
 * role is that of a master. The host's name plays no part in it: masters move, their CA stays.
 */
import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createSecureContext, type SecureContext } from 'node:tls'
import { type ClientOptions, WebSocket } from 'ws'
import { TsaltError } from '../../shared/errors/error.ts'
import { roleOf } from '../../shared/pki/certificate.ts'
import { maxFrame } from '../../shared/protocol/versions.ts'
import { formatMasterAddress, type MasterAddress } from './master-address.ts'
import { parseRefusal } from './refusal.ts'

export interface DialSetup {
  readonly address: MasterAddress
  readonly path: '/minion' | '/enrol'
  /** PEM of the pinned CA. */
  readonly authority: string
  /** PEM; absent on the way to enrolment. */
  readonly client?: { readonly key: string; readonly certificate: string }
  /** Folder of the keys, for the error's hint. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** A master to which thousands come back lets them wait for their turn, up to 20 s. */
const handshakeTime = 30_000

/** @throws TsaltError `master-unreachable`, `master-untrusted`, `master-refused` */
export function dial(setup: DialSetup): Promise<WebSocket> {
  const { address, path, signal } = setup
  const at = formatMasterAddress(address)
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`wss://${at}${path}`, optionsOf(setup))
    const giveUp = (reason: string): void =>
      failed(new TsaltError('master-unreachable', { address: at, reason }))
    const timer = setTimeout(() => giveUp(`no answer within ${handshakeTime / 1000} seconds`), handshakeTime)
    const aborted = (): void => giveUp('this minion is stopping')
    const over = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
    }
    const failed = (error: TsaltError): void => {
      over()
      reject(error)
      socket.terminate()
    }
    socket.once('open', () => {
      over()
      resolve(socket)
    })
    // Stays: terminating a socket that is still connecting emits one more error.
    socket.on('error', (error) => failed(explain(error, at, setup.folder)))
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      void parseRefusal(response, at).then(failed)
    })
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
  })
}

/** Of the last attempt: reading keys and certificates is most of what an attempt costs, and they hardly ever change. */
const contexts = new WeakMap<NonNullable<DialSetup['client']>, SecureContext>()

function contextOf(authority: string, client: DialSetup['client']): SecureContext {
  const known = client && contexts.get(client)
  if (known) return known
  const context = createSecureContext({
    ca: authority,
    ...(client ? { key: client.key, cert: client.certificate } : {}),
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
  })
  if (client) contexts.set(client, context)
  return context
}

function optionsOf({ authority, client }: DialSetup): ClientOptions {
  return {
    ...{ secureContext: contextOf(authority, client) },
    rejectUnauthorized: true,
    // ws knows the old type of this function, which node:tls does not use any more.
    checkServerIdentity: checkRole as unknown as NonNullable<ClientOptions['checkServerIdentity']>,
    perMessageDeflate: false,
    maxPayload: maxFrame,
    maxFragments: 64,
    followRedirects: false,
    handshakeTimeout: handshakeTime,
  }
}

class WrongRole extends Error {}

function checkRole(_host: string, peer: { readonly raw: Buffer }): Error | undefined {
  if (roleOf(new X509Certificate(peer.raw))?.role === 'master') return undefined
  return new WrongRole('its certificate is not that of a master')
}

/** What OpenSSL says of a chain that does not lead to the pinned CA, or is out of date. */
const untrusted = /CERT|SIGNATURE|ISSUER|CRL|HOSTNAME|PURPOSE|INVALID_CA|PATH_LENGTH/

function explain(error: Error, address: string, folder: string): TsaltError {
  const code = 'code' in error ? String(error.code) : ''
  if (error instanceof WrongRole || untrusted.test(code)) {
    const reason = chainReasons[code] ?? error.message
    return new TsaltError('master-untrusted', { address, reason, folder }, { cause: error })
  }
  return new TsaltError('master-unreachable', { address, reason: networkReason(error) }, { cause: error })
}

/** Why nothing answers, for people. */
export function networkReason(error: Error): string {
  const code = 'code' in error ? String(error.code) : ''
  const known = networkReasons[code]
  if (known !== undefined || !/^(?:ERR_SSL_|EPROTO)/.test(code)) return known ?? error.message
  // OpenSSL's own text is an address, a number and a source file.
  const reason = 'reason' in error ? String(error.reason) : code
  return reason === 'wrong version number' || code === 'EPROTO'
    ? 'what answers there does not speak TLS'
    : `no TLS connection came about (${reason})`
}

const chainReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  INVALID_PURPOSE: 'its certificate is not that of a master',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from another CA',
}
const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name cannot be resolved now',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'the connection was cut',
}
