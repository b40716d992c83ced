/** The other end of the gateway: enrolling peers and minions over real TLS, with nothing of the minion's code. */
import { Agent } from 'node:https'
import { connect } from 'node:tls'
import pino from 'pino'
import { WebSocket } from 'ws'
import { systemClock } from '../../../shared/clock.ts'
import { type MinionId, parseMinionId } from '../../../shared/ids.ts'
import { makeRequest } from '../../../shared/pki/certificate-request.ts'
import { parseJoinToken } from '../../../shared/pki/join-token.ts'
import { type KeyPair, makeKeyPair, privateKeyToPem } from '../../../shared/pki/key-pair.ts'
import { Channel } from '../../../shared/protocol/channel.ts'
import type { ChannelEnd } from '../../../shared/protocol/channel-options.ts'
import type { Body, Message } from '../../../shared/protocol/registry.ts'
import type { Master } from './master-fixture.ts'

const logger = pino({ level: 'silent' })

/** Where a master is, and the CA that peers trust. */
export type Reachable = Pick<Master, 'ca' | 'port'>

export interface Identity {
  readonly id: MinionId
  readonly pair: KeyPair
  certificate: string
}

export interface TlsOptions {
  readonly cert?: string
  readonly key?: string
  readonly session?: Buffer
}

/** @returns the open WebSocket, or the HTTP refusal */
export async function openSocket(
  master: Reachable,
  path: string,
  tls: TlsOptions = {},
): Promise<{ socket: WebSocket } | { status: number; refusal: string | undefined; body: string }> {
  const agent = new Agent({
    ca: master.ca,
    ...tls,
    minVersion: 'TLSv1.3',
    checkServerIdentity: () => undefined,
    maxCachedSessions: 0,
  })
  const socket = new WebSocket(`wss://127.0.0.1:${master.port}${path}`, { agent, perMessageDeflate: false })
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ socket }))
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          refusal: response.headers['x-tsalt-refusal']?.toString(),
          body,
        }),
      )
    })
  })
}

export async function openEnrolment(master: Reachable) {
  const opened = await openSocket(master, '/enrol')
  if (!('socket' in opened)) throw new Error(`refused: ${opened.status} ${opened.refusal}`)
  const decisions: Body<'csr.decision'>[] = []
  let ended: ChannelEnd | undefined
  const channel = new Channel<'enrolling', 'master'>({
    socket: opened.socket,
    me: 'enrolling',
    peer: 'master',
    clock: systemClock,
    logger,
    pingInterval: 0,
    handlers: {
      'csr.decision': ({ body }: Message<'csr.decision'>) => {
        decisions.push(body)
      },
      'job.deliver': 'refuse',
      'job.kill': 'refuse',
      drain: 'refuse',
    },
    onEnd: (end) => {
      ended = end
    },
  })
  return {
    channel,
    decisions,
    ended: () => ended,
    submit: async (id: MinionId, pair: KeyPair, token?: string) => {
      const request = makeRequest(pair, id)
      const body =
        token === undefined ? { id, request } : { id, request, token: parseJoinToken(token).secret }
      return (await channel.request('csr.submit', body)).body
    },
  }
}

/** Enrols by a token. */
export async function enrolled(master: Master, name: string): Promise<Identity> {
  const id = parseMinionId(name)
  const pair = makeKeyPair()
  const { token } = master.keys.makeToken({ idGlob: id, seconds: 60 }, 'test')
  const desk = await openEnrolment(master)
  const decision = await desk.submit(id, pair, token)
  desk.channel.close('done')
  if (decision.state !== 'accepted') throw new Error(`not accepted: ${decision.state}`)
  return { id, pair, certificate: decision.certificate }
}

export const tlsOf = ({ certificate, pair }: Identity): TlsOptions => ({
  cert: certificate,
  key: privateKeyToPem(pair),
})

export const hello = (grains: Record<string, string> = { os: 'Debian' }): Body<'hello'> => ({
  version: '0.1.0',
  protocol: { oldest: 1, newest: 1 },
  grains,
  unfinished: [],
  wallTime: systemClock.now(),
})

export function minionOver(socket: WebSocket) {
  const seen: Message[] = []
  let end: ChannelEnd | undefined
  const ended = new Promise<ChannelEnd>((resolve) => {
    socket.once('close', () => setImmediate(() => resolve(end ?? { code: 0, reason: '' })))
  })
  const keep = (message: Message): void => {
    seen.push(message)
  }
  const channel = new Channel<'minion', 'master'>({
    socket,
    me: 'minion',
    peer: 'master',
    clock: systemClock,
    logger,
    pingInterval: 0,
    handlers: { 'csr.decision': 'refuse', 'job.deliver': keep, 'job.kill': keep, drain: keep },
    onEnd: (how) => {
      end = how
    },
  })
  return { channel, seen, ended }
}

/** Connects and greets. */
export async function connected(master: Reachable, identity: Identity, tls: TlsOptions = tlsOf(identity)) {
  const opened = await openSocket(master, '/minion', tls)
  if (!('socket' in opened)) throw new Error(`refused: ${opened.status} ${opened.refusal}`)
  const minion = minionOver(opened.socket)
  const welcome = (await minion.channel.request('hello', hello())).body
  return { ...minion, socket: opened.socket, welcome }
}

/** A TLS session for resumption: TLS 1.3 sends its tickets after the handshake. */
export async function ticketFor(master: Reachable, identity: Identity): Promise<Buffer> {
  const socket = connect({
    host: '127.0.0.1',
    port: master.port,
    ca: master.ca,
    ...tlsOf(identity),
    minVersion: 'TLSv1.3',
    checkServerIdentity: () => undefined,
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('session', (session) => {
      resolve(session)
      socket.destroy()
    })
  })
}

export async function until(condition: () => boolean, milliseconds = 3_000): Promise<void> {
  const end = systemClock.monotonic() + milliseconds
  while (!condition()) {
    if (systemClock.monotonic() > end) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
