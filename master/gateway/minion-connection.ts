/** One WebSocket of a minion whose certificate was admitted: its channel, its greeting, its end. */
import type { WebSocket } from 'ws'
import { Channel } from '../../shared/protocol/channel.ts'
import { recordRefusal } from '../audit/audit-log.ts'
import type { Admitted } from '../pki/admission.ts'
import type { WritePressure } from '../store/store.ts'
import { handshakeTime, minionThrottle, openRequests, pauseAbove } from './limits.ts'
import type { Connection, LiveSessions } from './live-sessions.ts'
import { type GatewayServices, minionHandlers, type Peering, renewalHandlers } from './minion-handlers.ts'

export interface MinionConnectionSetup {
  readonly services: GatewayServices
  readonly pressure: WritePressure
  readonly sessions: LiveSessions
  readonly webSocket: WebSocket
  readonly admitted: Admitted
  readonly address: string
  /** When its certificate ends, milliseconds since the epoch. */
  readonly notAfter: number
  /** Seconds; 0: no pings. */
  readonly pingInterval: number
}

/** A connection for renewing has this long, in milliseconds, however it goes. */
const renewalTime = 60_000
let connections = 0

export function connectMinion(setup: MinionConnectionSetup): void {
  const { services, sessions, webSocket, admitted, address, pingInterval } = setup
  const { clock, logger } = services.desk
  const patience = setInterval(() => {
    // What nobody reads can't have come.
    if (!setup.pressure.full) channel.close('no hello came')
  }, handshakeTime)
  patience.unref()
  const peering: Peering = {
    services,
    sessions,
    admitted,
    address,
    connection: () => connection,
    greeted: undefined,
    spoke: () => clearInterval(patience),
  }
  const channel = new Channel<'master', 'minion'>({
    socket: webSocket,
    me: 'master',
    peer: 'minion',
    clock,
    logger,
    pingInterval: pingInterval * 1000,
    pauseAbove,
    maxOpen: openRequests,
    throttle: minionThrottle,
    slowed: () => auditViolation(setup, 'it sends more than its share and is read more slowly'),
    handlers: admitted.renewalOnly ? renewalHandlers(peering) : minionHandlers(peering),
    onEnd: ({ code, reason, violation }) => {
      clearInterval(patience)
      sessions.closed(connection)
      if (violation !== undefined) auditViolation(setup, violation)
      if (peering.greeted === undefined) return
      logger.info({ id: admitted.id, code, reason }, 'minion disconnected')
      const { id, generation, since } = peering.greeted
      services.minions.disconnected(id, generation, since, clock.now()).catch((error: unknown) => {
        logger.debug({ err: error, id }, 'could not note the end of a connection')
      })
    },
  })
  connections += 1
  // An expired certificate is looked at when it has renewed itself, not by the housekeeping.
  const notAfter = admitted.renewalOnly ? Number.MAX_SAFE_INTEGER : setup.notAfter
  const connection: Connection = { id: admitted.id, channel, number: connections, notAfter }
  if (admitted.renewalOnly) setTimeout(() => channel.close('not renewed'), renewalTime).unref()
  sessions.opened(connection)
  if (setup.pressure.full) channel.pause()
}

function auditViolation({ services, admitted }: MinionConnectionSetup, violation: string): void {
  const { id, serial } = admitted
  const entry = { actor: `minion:${id}`, serial, kind: 'connection', reason: violation }
  recordRefusal(services.audit, services.desk.logger, entry)
}
