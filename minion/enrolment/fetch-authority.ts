/**
 * Learns the CA of a master from a first TLS handshake that trusts nobody and sends nothing. Whether it is the right
 * one says its fingerprint alone; everything after goes over a new connection that trusts this CA only.
 */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { TsaltError } from '../../shared/errors/error.ts'
import { isIssuedBy, roleOf } from '../../shared/pki/certificate.ts'
import { toPem } from '../../shared/pki/pem.ts'
import { networkReason } from '../connection/dial.ts'
import { formatMasterAddress, type MasterAddress } from '../connection/master-address.ts'

const handshakeTime = 15_000

/**
 * PEM of the self-signed CA at the end of the master's chain.
 * @param folder of the keys, for the error's hint
 * @throws TsaltError `master-unreachable`, `master-untrusted` where the chain is not that of a master
 */
export function fetchAuthority(address: MasterAddress, folder: string, signal: AbortSignal): Promise<string> {
  const at = formatMasterAddress(address)
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address.host,
      port: address.port,
      ...(isIP(address.host) === 0 ? { servername: address.host } : {}),
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      rejectUnauthorized: false,
    })
    const failed = (reason: string, cause?: unknown): void => {
      reject(new TsaltError('master-unreachable', { address: at, reason }, { cause }))
      socket.destroy()
    }
    const aborted = (): void => failed('this minion is stopping')
    signal.addEventListener('abort', aborted)
    socket.setTimeout(handshakeTime, () => failed(`no answer within ${handshakeTime / 1000} seconds`))
    socket.once('error', (error) => failed(networkReason(error), error))
    socket.once('close', () => signal.removeEventListener('abort', aborted))
    socket.once('secureConnect', () => {
      try {
        resolve(authorityOf(socket))
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        reject(new TsaltError('master-untrusted', { address: at, reason, folder }, { cause }))
      }
      socket.destroy()
    })
    if (signal.aborted) aborted()
  })
}

function authorityOf(socket: TLSSocket): string {
  const chain = chainOf(socket.getPeerCertificate(true))
  const [leaf, authority, ...others] = chain
  if (leaf === undefined || authority === undefined || others.length > 0)
    throw new Error(`it shows ${chain.length} certificates, and a master shows its own and its CA's`)
  if (!authority.ca || !isIssuedBy(authority, authority)) throw new Error('its CA is not self-signed')
  if (!isIssuedBy(leaf, authority) || roleOf(leaf)?.role !== 'master')
    throw new Error('its certificate is not that of a master')
  return toPem('CERTIFICATE', authority.raw)
}

function chainOf(first: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: DetailedPeerCertificate | undefined = first
  // The last one is its own issuer; more than a few are no chain of ours.
  while (next?.raw !== undefined && chain.length < 5) {
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}
