/** The HTTPS server of the API: TLS 1.3, bounded connections, a certificate that is read again when it was renewed. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Logger } from 'pino'
import { isTsaltError, TsaltError } from '../../../shared/errors/error.ts'
import { readSecretFile } from '../../../shared/pki/secret-file.ts'
import {
  certificateTime,
  connectionsInAll,
  connectionsPerAddress,
  handshakeTime,
  headerTime,
  idleTime,
  maxHeaderBytes,
  requestTime,
} from './limits.ts'

export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

type Handler = Parameters<typeof createServer>[1]

export interface ApiServer {
  readonly server: Server
  /** Takes no further connections, and ends those that there are. */
  stop(): Promise<void>
}

/**
 * @param authority the CA of operators' client certificates
 * @throws TsaltError `api-unusable`, `secret-file-loose`
 */
export function makeTlsServer(files: TlsFiles, authority: string, log: Logger, handler: Handler): ApiServer {
  const server = createServer(
    {
      ...readPair(files),
      ca: authority,
      minVersion: 'TLSv1.3',
      requestCert: true,
      // Most come with a token and no certificate; who shows one is looked at by identify.ts.
      rejectUnauthorized: false,
      handshakeTimeout: handshakeTime,
      maxHeaderSize: maxHeaderBytes,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      headersTimeout: headerTime,
      requestTimeout: requestTime,
      keepAliveTimeout: idleTime,
    },
    handler,
  )
  server.maxConnections = connectionsInAll
  limitAddresses(server)
  // What is no TLS, or breaks: of no use to tell anybody.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const timer = setInterval(renew(server, files, authority, log), certificateTime)
  timer.unref()
  return {
    server,
    stop() {
      clearInterval(timer)
      return new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
    },
  }
}

function limitAddresses(server: Server): void {
  const counts = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (counts.get(address) ?? 0) + 1
    if (count > connectionsPerAddress) {
      socket.destroy()
      return
    }
    counts.set(address, count)
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1
      if (left > 0) counts.set(address, left)
      else counts.delete(address)
    })
  })
}

function readPair({ certificate, key }: TlsFiles): { readonly cert: string; readonly key: string } {
  const pair = { cert: readCertificate(certificate), key: readKey(key) }
  try {
    createSecureContext(pair)
  } catch (error) {
    const reason = `${certificate} and ${key} do not fit: ${(error as Error).message}`
    throw new TsaltError('api-unusable', { reason }, { cause: error })
  }
  return pair
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable('certificate', path, error)
  }
}

/** Behind a link, as programs that renew certificates lay them. */
function readKey(path: string): string {
  let text: string | undefined
  try {
    text = readSecretFile(realpathSync(path))
  } catch (error) {
    if (isTsaltError(error)) throw error
    throw unreadable('key', path, error)
  }
  if (text === undefined) throw unreadable('key', path, { code: 'ENOENT' })
  return text
}

function unreadable(what: string, path: string, error: unknown): TsaltError {
  const { code } = error as NodeJS.ErrnoException
  const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : code
  return new TsaltError(
    'api-unusable',
    { reason: `its ${what} ${path} cannot be read: ${reason}` },
    { hint: `The option is api: ${what}.` },
  )
}

/** A pair that does not fit, as in the middle of a renewal, leaves the old one in place until the next look. */
function renew(server: Server, files: TlsFiles, authority: string, log: Logger): () => void {
  const stamp = (): string => {
    try {
      return [files.certificate, files.key].map((path) => statSync(path).mtimeMs).join(' ')
    } catch {
      // Just being replaced.
      return last
    }
  }
  let last = ''
  last = stamp()
  return () => {
    const now = stamp()
    if (now === last) return
    try {
      server.setSecureContext({ ...readPair(files), ca: authority, minVersion: 'TLSv1.3' })
      last = now
      log.info('the API has a new certificate')
    } catch (error) {
      log.warn({ err: error }, 'the new certificate of the API cannot be used yet')
    }
  }
}
