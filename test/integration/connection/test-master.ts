/** A master in miniature for the minion's side: real TLS, real certificates, the real Channel; decisions by the test. */
import type { X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../../../shared/clock.ts'
import { silentLogger } from '../../../shared/log.ts'
import type { Role } from '../../../shared/pki/certificate.ts'
import { roleOf } from '../../../shared/pki/certificate.ts'
import { parseRequest } from '../../../shared/pki/certificate-request.ts'
import { fingerprintOfCertificate } from '../../../shared/pki/fingerprint.ts'
import { type Issuer, issueAuthority, issueCertificate } from '../../../shared/pki/issue.ts'
import { makeKeyPair, privateKeyToPem } from '../../../shared/pki/key-pair.ts'
import { Channel } from '../../../shared/protocol/channel.ts'
import type { Handlers, RequestMessage } from '../../../shared/protocol/handlers.ts'
import type {
  CertificateRequest,
  EnrolmentDecision,
} from '../../../shared/protocol/messages/certificate-request.ts'
import { deafMaster } from './pair.ts'

export type MinionChannel = Channel<'master', 'minion'>
export type ApplicantChannel = Channel<'master', 'enrolling'>

export interface TestMasterOptions {
  readonly issuer?: Issuer
  readonly authority?: string
  /** Of the server's own certificate; that of a master by default. */
  readonly role?: Role
  readonly port?: number
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Instead of opening the WebSocket of a minion. */
  refuse?(certificate: X509Certificate): { status: number; body: string } | undefined
  decide?(request: CertificateRequest, channel: ApplicantChannel): EnrolmentDecision | Error
  readonly handlers?: (
    channel: () => MinionChannel,
    certificate: X509Certificate,
  ) => Partial<Handlers<'minion'>>
}

export class TestMaster {
  readonly issuer: Issuer
  readonly authority: string
  readonly channels = new Set<MinionChannel | ApplicantChannel>()
  readonly certificates: X509Certificate[] = []
  readonly options: TestMasterOptions
  readonly #server: Server
  readonly #webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

  constructor(options: TestMasterOptions = {}) {
    this.options = options
    this.issuer = options.issuer ?? { keys: makeKeyPair(), name: 'tsalt CA of test' }
    this.authority = options.authority ?? issueAuthority(this.issuer, systemClock).pem
    const keys = makeKeyPair()
    const role = options.role ?? { role: 'master' }
    const leaf = issueCertificate(this.issuer, systemClock, { role, publicKey: keys.publicKey, days: 1 })
    this.#server = createServer({
      key: privateKeyToPem(keys),
      cert: leaf.pem + this.authority,
      ca: this.authority,
      requestCert: true,
      rejectUnauthorized: false,
      maxVersion: options.maxVersion ?? 'TLSv1.3',
    })
    this.#server.on('upgrade', (request, socket, head) => {
      const certificate = (socket as TLSSocket).getPeerX509Certificate()
      const refusal =
        request.url === '/minion' && certificate !== undefined ? options.refuse?.(certificate) : undefined
      if (refusal !== undefined) {
        socket.end(
          `HTTP/1.1 ${refusal.status} Refused\r\nContent-Length: ${refusal.body.length}\r\n\r\n${refusal.body}`,
        )
        return
      }
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (request.url === '/enrol') this.#enrol(webSocket)
        else if (certificate !== undefined) this.#minion(webSocket, certificate)
      })
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get fingerprint() {
    return fingerprintOfCertificate(this.authority)
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.options.port ?? 0, '127.0.0.1', resolve))
    return this
  }

  async close(): Promise<void> {
    for (const channel of this.channels) channel.terminate('test')
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** A certificate for the key in a request. @param days may be a fraction, or negative: it has expired */
  issue(request: string, days = 30): string {
    const { id, publicKey } = parseRequest(request)
    return issueCertificate(this.issuer, systemClock, { role: { role: 'minion', id }, publicKey, days }).pem
  }

  #enrol(socket: WebSocket): void {
    const channel: ApplicantChannel = new Channel<'master', 'enrolling'>({
      ...this.#common(socket, () => this.channels.delete(channel)),
      peer: 'enrolling',
      handlers: {
        'csr.submit': (message) => {
          const decision = this.options.decide?.(message.body, channel) ?? { state: 'pending' }
          if (decision instanceof Error) channel.refuse(message, decision)
          else channel.answer(message, 'csr.decision', decision)
        },
      },
    })
    this.channels.add(channel)
  }

  #minion(socket: WebSocket, certificate: X509Certificate): void {
    if (roleOf(certificate)?.role !== 'minion') throw new Error('not a minion')
    this.certificates.push(certificate)
    const channel: MinionChannel = new Channel<'master', 'minion'>({
      ...this.#common(socket, () => this.channels.delete(channel)),
      peer: 'minion',
      handlers: {
        ...deafMaster,
        hello: (message) => welcome(channel, message),
        'cert.renew': (message) =>
          channel.answer(message, 'cert.issued', { certificate: this.issue(message.body.request) }),
        ...this.options.handlers?.(() => channel, certificate),
      },
    })
    this.channels.add(channel)
  }

  #common(socket: WebSocket, onEnd: () => void) {
    return {
      socket,
      me: 'master' as const,
      clock: systemClock,
      logger: silentLogger(),
      pingInterval: 0,
      onEnd,
    }
  }
}

export function welcome(channel: MinionChannel, message: RequestMessage<'hello'>): void {
  const body = { version: '0.0.1', protocol: 1, wallTime: systemClock.now(), generation: 1 }
  channel.answer(message, 'welcome', body)
}
