/** What a channel is made of, and how it tells that it ended. */
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { Handlers, Peer } from './handlers.ts'
import type { Sender } from './registry.ts'
import type { ThrottleLimits } from './throttle.ts'

export interface ChannelEnd {
  /** WebSocket close code: 1008 after a violation, 1006 where the socket just went. */
  readonly code: number
  readonly reason: string
  /** What the peer did that it must not; for the audit. */
  readonly violation?: string
}

export interface ChannelOptions<Me extends Sender, P extends Peer<Me>> {
  readonly socket: WebSocket
  readonly me: Me
  readonly peer: P
  readonly clock: Clock
  readonly logger: Logger
  readonly handlers: Handlers<P>
  /** Milliseconds between pings; 0: none, and the peer is never given up. */
  readonly pingInterval: number
  /** Called once, however it ended. */
  onEnd(end: ChannelEnd): void
  /** Reading stops while more bytes than this wait to be written. Only one of two sides may have it. */
  readonly pauseAbove?: number
  /** Requests of the peer that may wait for our answer at once; further ones are refused. Default 256. */
  readonly maxOpen?: number
  /** How fast the peer is read; absent: as fast as it sends. */
  readonly throttle?: ThrottleLimits
  /** Called whenever the peer begins to be read more slowly for that. */
  slowed?(): void
  /** Milliseconds that a message in parts may wait for its next one; default a minute. */
  readonly stallTime?: number
}
