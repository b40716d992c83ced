/**
 * The port that minions connect to: TLS 1.3, `/minion` for those with a certificate of ours, `/enrol` for those
 * without, nothing else.
 */
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type SecureContextOptions, TLSSocket } from 'node:tls'
import { WebSocketServer } from 'ws'
import { TsaltError } from '../../shared/errors/error.ts'
import { maxFrame, maxFrameBeforeAuthentication } from '../../shared/protocol/versions.ts'
import { type Admitted, admit } from '../pki/admission.ts'
import type { WritePressure } from '../store/store.ts'
import { Doorway } from './doorway.ts'
import { EnrolmentDesk } from './enrolment-desk.ts'
import { answerNotFound, answerRefusal } from './http-answer.ts'
import { KnownAddresses } from './known-addresses.ts'
import { handshakeTime, maxFragments, maxHeaderBytes } from './limits.ts'
import type { LiveSessions } from './live-sessions.ts'
import { connectMinion } from './minion-connection.ts'
import type { GatewayServices } from './minion-handlers.ts'
import { sendAway } from './send-away.ts'
import { StrangerAudit } from './stranger-audit.ts'

export interface GatewaySetup {
  readonly services: GatewayServices
  readonly sessions: LiveSessions
  readonly pressure: WritePressure
  readonly host: string
  readonly port: number
  readonly maxMinions: number
  readonly handshakesPerSecond: number
  /** Seconds; 0: no pings. */
  readonly pingInterval: number
}

export interface Gateway {
  readonly address: { readonly host: string; readonly port: number }
  /** Tells every minion when to come back, lets what is under way out, and ends within about `patience` ms. */
  close(patience?: number): Promise<void>
}

const houseKeeping = 60_000
const retrySeconds = 30

/** @throws TsaltError `listen-failed` */
export async function openGateway(setup: GatewaySetup): Promise<Gateway> {
  const gateway = new OpenGateway(setup)
  await gateway.listen()
  return gateway
}

class OpenGateway implements Gateway {
  readonly #setup: GatewaySetup
  readonly #server: Server
  readonly #doorway: Doorway
  readonly #enrolment: EnrolmentDesk
  readonly #strangers: StrangerAudit
  readonly #sockets: Record<'minion' | 'enrol', WebSocketServer>
  /** The sockets under TLS, by their ends. */
  readonly #raw = new Map<string, { readonly socket: Socket; readonly impatience: NodeJS.Timeout }>()
  readonly #timer: NodeJS.Timeout
  readonly #stopWatching: () => void
  readonly #known = new KnownAddresses()
  #closing = false

  constructor(setup: GatewaySetup) {
    this.#setup = setup
    const { desk, audit } = setup.services
    this.#strangers = new StrangerAudit(audit, desk.clock, desk.logger)
    this.#enrolment = new EnrolmentDesk(desk, desk.logger, this.#strangers)
    this.#sockets = { minion: webSockets(maxFrame), enrol: webSockets(maxFrameBeforeAuthentication) }
    this.#server = this.#openServer()
    this.#doorway = new Doorway({
      clock: desk.clock,
      rate: setup.handshakesPerSecond,
      knownAt: (address) => this.#known.count(address),
      admit: (socket) => this.#admit(socket),
    })
    this.#timer = setInterval(() => this.#keepHouse(), houseKeeping)
    this.#timer.unref()
    this.#stopWatching = this.#follow()
  }

  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#doorway.server.address() as AddressInfo
    return { host: address, port }
  }

  async listen(): Promise<void> {
    const { host, port, services } = this.#setup
    for (const { id, address } of await services.minions.list()) this.#known.note(id, address)
    await new Promise<void>((resolve, reject) => {
      const { server } = this.#doorway
      server.once('error', (error: NodeJS.ErrnoException) => reject(listenFailure(`${host}:${port}`, error)))
      server.listen({ host, port, backlog: 1024 }, resolve)
    })
  }

  async close(patience = 15_000): Promise<void> {
    this.#closing = true
    clearInterval(this.#timer)
    this.#doorway.close()
    this.#enrolment.close('the master is stopping')
    const { sessions, services, handshakesPerSecond } = this.#setup
    await sendAway([...sessions.connections()], services.desk.clock, handshakesPerSecond, patience)
    this.#stopWatching()
    this.#server.closeAllConnections()
  }

  #openServer(): Server {
    const { authority, logger } = this.#setup.services.desk
    const server = createServer({
      ...authority.server(),
      ca: authority.text,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      requestCert: true,
      // Enrolling peers have no certificate. `/minion` checks the chain itself, in admission.ts.
      rejectUnauthorized: false,
      handshakeTimeout: handshakeTime,
      headersTimeout: handshakeTime,
      requestTimeout: handshakeTime,
      maxHeaderSize: maxHeaderBytes,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    })
    server.on('request', (_request, response) => {
      response.writeHead(404, { connection: 'close', 'content-length': 0 })
      response.end()
    })
    server.on('tlsClientError', (error, socket) => {
      logger.debug({ err: error, address: socket.remoteAddress }, 'TLS handshake failed')
      socket.destroy()
    })
    server.on('clientError', (_error, socket) => socket.destroy())
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    return server
  }

  #admit(socket: Socket): void {
    const ends = endsOf(socket)
    const impatience = setTimeout(() => socket.destroy(), handshakeTime)
    this.#raw.set(ends, { socket, impatience })
    socket.once('close', () => {
      clearTimeout(impatience)
      if (this.#raw.get(ends)?.socket === socket) this.#raw.delete(ends)
    })
    this.#server.emit('connection', socket)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = request.socket.remoteAddress ?? ''
    if (this.#closing || !(socket instanceof TLSSocket)) {
      socket.destroy()
      return
    }
    if (request.url === '/enrol') this.#upgradeApplicant(request, socket, head, address)
    else if (request.url === '/minion') this.#upgradeMinion(request, socket, head, address)
    else answerNotFound(socket)
  }

  #upgradeApplicant(request: IncomingMessage, socket: TLSSocket, head: Buffer, address: string): void {
    if (this.#enrolment.isFull) {
      answerRefusal(socket, new TsaltError('connections-exhausted', { limit: 'enrolling' }), retrySeconds)
      return
    }
    this.#sockets.enrol.handleUpgrade(request, socket, head, (webSocket) => {
      this.#patient(socket)
      this.#enrolment.accept(webSocket, address)
    })
  }

  #upgradeMinion(request: IncomingMessage, socket: TLSSocket, head: Buffer, address: string): void {
    let admitted: Admitted
    const certificate = socket.getPeerX509Certificate()
    try {
      admitted = admit(this.#setup.services.desk, {
        certificate,
        authorized: socket.authorized,
        authorizationError: flawOf(socket),
      })
    } catch (error) {
      const reason = error instanceof TsaltError ? error.code : String(error)
      this.#strangers.refused(address, 'connection', reason, certificate?.serialNumber.toLowerCase())
      answerRefusal(socket, error)
      return
    }
    const { sessions, maxMinions } = this.#setup
    if (sessions.count >= maxMinions) {
      answerRefusal(socket, new TsaltError('connections-exhausted', { limit: maxMinions }), retrySeconds)
      return
    }
    this.#sockets.minion.handleUpgrade(request, socket, head, (webSocket) => {
      const raw = this.#patient(socket)
      if (raw !== undefined) this.#doorway.settle(raw)
      this.#known.note(admitted.id, address)
      const { services, pressure, pingInterval } = this.#setup
      const notAfter = certificate === undefined ? 0 : Date.parse(certificate.validTo)
      const peer = { webSocket, admitted, address, notAfter }
      connectMinion({ services, pressure, sessions, pingInterval, ...peer })
    })
  }

  /** The handshake is over: nobody is waiting for it any more. */
  #patient(socket: TLSSocket): Socket | undefined {
    const raw = this.#raw.get(endsOf(socket))
    clearTimeout(raw?.impatience)
    if (raw !== undefined) this.#doorway.arrived(raw.socket)
    return raw?.socket
  }

  /** Whole sockets pause while the store cannot keep up; revoked minions go at once. */
  #follow(): () => void {
    const { sessions, pressure, services } = this.#setup
    const stops = [
      pressure.watch((full) => {
        for (const { channel } of sessions.connections()) {
          if (full) channel.pause()
          else channel.resume()
        }
      }),
      services.desk.changes.watch({ ended: (id, reason) => sessions.end(id, reason) }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  #keepHouse(): void {
    const { sessions, services } = this.#setup
    const { authority, clock, logger } = services.desk
    for (const { channel, notAfter } of sessions.connections())
      if (clock.now() > notAfter) channel.close('its certificate has expired')
    if (!authority.isRenewalDue()) return
    const context: SecureContextOptions = { ...authority.server(), ca: authority.text, minVersion: 'TLSv1.3' }
    this.#server.setSecureContext(context)
    logger.info('renewed the certificate of the master')
  }
}

/** TLS hides the socket beneath it; both know their ends. */
const endsOf = ({ localAddress, remoteAddress, remotePort }: Socket): string =>
  `${localAddress} ${remoteAddress} ${remotePort}`

function webSockets(maxPayload: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Who sends pings of the WebSocket and reads no answers would have us keep them all; ours are messages.
    autoPong: false,
    maxPayload,
    maxFragments,
  })
}

/** Node gives the code of OpenSSL's last flaw as a text; the types say otherwise. */
function flawOf(socket: TLSSocket): string | undefined {
  const flaw: unknown = socket.authorizationError
  if (flaw === undefined || flaw === null) return undefined
  return typeof flaw === 'string' ? flaw : String((flaw as NodeJS.ErrnoException).code ?? flaw)
}

const listenReasons: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  EADDRINUSE: ['another program has that port', '"ss -ltnp" names it; the option port chooses another.'],
  EACCES: ['permission denied', 'Ports below 1024 are for root; the option port chooses another.'],
  EADDRNOTAVAIL: [
    'this machine has no such address',
    '"ip address" lists them; the option interface takes one, or 0.0.0.0.',
  ],
  ENOTFOUND: ['this is no address', 'The option interface takes an address of this machine, or 0.0.0.0.'],
}

function listenFailure(address: string, error: NodeJS.ErrnoException): TsaltError {
  const [reason, hint] = listenReasons[error.code ?? ''] ?? [error.message, undefined]
  return new TsaltError('listen-failed', { address, reason }, { cause: error, hint })
}
