/** Two channels over a real WebSocket on this machine, without TLS: master and minion. */
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../../../shared/clock.ts'
import { silentLogger } from '../../../shared/log.ts'
import { Channel } from '../../../shared/protocol/channel.ts'
import type { ChannelEnd, ChannelOptions } from '../../../shared/protocol/channel-options.ts'
import type { Handlers } from '../../../shared/protocol/handlers.ts'

export const deafMaster: Handlers<'minion'> = {
  hello: () => {},
  'cert.renew': () => {},
  'job.ack': () => {},
  'job.progress': () => {},
  'job.return': () => {},
  'pillar.get': () => {},
  'file.manifest': () => {},
  'file.get': () => {},
  'file.push': () => {},
  'event.send': () => {},
  'beacon.send': () => {},
  'mine.put': () => {},
  'mine.get': () => {},
  'grains.update': () => {},
}
export const deafMinion: Handlers<'master'> = {
  'csr.decision': 'refuse',
  'job.deliver': () => {},
  'job.kill': () => {},
  drain: () => {},
}

type Extra = Partial<ChannelOptions<'master', 'minion'>>

export interface Pair {
  readonly master: Channel<'master', 'minion'>
  readonly minion: Channel<'minion', 'master'>
  readonly masterSocket: WebSocket
  readonly minionSocket: WebSocket
  readonly masterEnd: Promise<ChannelEnd>
  readonly minionEnd: Promise<ChannelEnd>
  close(): void
}

export async function makePair(
  options: {
    master?: Partial<Handlers<'minion'>>
    minion?: Partial<Handlers<'master'>>
    masterExtra?: Extra
    pingInterval?: number
    minionPingInterval?: number
  } = {},
): Promise<Pair> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 1024 * 1024 })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  const minionSocket = new WebSocket(`ws://127.0.0.1:${port}`, { maxPayload: 1024 * 1024 })
  const opened = new Promise((resolve) => minionSocket.once('open', resolve))
  const masterSocket = await accepted
  const [masterEnd, onMasterEnd] = ending()
  const [minionEnd, onMinionEnd] = ending()
  const common = { clock: systemClock, logger: silentLogger() }
  const master = new Channel<'master', 'minion'>({
    ...common,
    socket: masterSocket,
    me: 'master',
    peer: 'minion',
    handlers: { ...deafMaster, ...options.master },
    onEnd: onMasterEnd,
    pingInterval: options.pingInterval ?? 0,
    ...options.masterExtra,
  })
  await opened
  const minion = new Channel<'minion', 'master'>({
    ...common,
    socket: minionSocket,
    me: 'minion',
    peer: 'master',
    handlers: { ...deafMinion, ...options.minion },
    onEnd: onMinionEnd,
    pingInterval: options.minionPingInterval ?? options.pingInterval ?? 0,
  })
  const close = (): void => {
    masterSocket.terminate()
    minionSocket.terminate()
    server.close()
  }
  return { master, minion, masterSocket, minionSocket, masterEnd, minionEnd, close }
}

function ending(): [Promise<ChannelEnd>, (end: ChannelEnd) => void] {
  let settle = (_end: ChannelEnd): void => {}
  const promise = new Promise<ChannelEnd>((resolve) => {
    settle = resolve
  })
  return [promise, (end) => settle(end)]
}
