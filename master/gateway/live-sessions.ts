/** Keeps the live connections of minions: one session for each id, every connection findable by id to be ended. */
import type { Logger } from 'pino'
import type { MinionId } from '../../shared/ids.ts'
import type { Channel } from '../../shared/protocol/channel.ts'
import { type EncodedMessage, encodeMessage } from '../../shared/protocol/encode-message.ts'
import type { Body, KindFrom } from '../../shared/protocol/registry.ts'
import { cutAbove } from './limits.ts'
import type { Session, Sessions } from './sessions.ts'

export type MinionChannel = Channel<'master', 'minion'>

/** One connection with an accepted certificate, greeted or not. */
export interface Connection {
  readonly id: MinionId
  readonly channel: MinionChannel
  /** Counts connections: of two of one id the higher is the newer. */
  readonly number: number
  /** When its certificate ends, milliseconds since the epoch. */
  readonly notAfter: number
}

interface Live {
  readonly session: Session
  readonly connection: Connection
}

type Watcher = Parameters<Sessions['watch']>[0]

export class LiveSessions implements Sessions {
  readonly #logger: Logger
  readonly #connections = new Map<MinionId, Set<Connection>>()
  readonly #live = new Map<MinionId, Live>()
  readonly #watchers = new Set<Watcher>()
  readonly #deliveries = new WeakMap<Body<'job.deliver'>, EncodedMessage>()
  #count = 0

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Connections, greeted or not. */
  get count(): number {
    return this.#count
  }

  *connections(): Iterable<Connection> {
    for (const connections of this.#connections.values()) yield* connections
  }

  connected(): readonly Session[] {
    return [...this.#live.values()].map(({ session }) => session)
  }

  find(id: MinionId): Session | undefined {
    return this.#live.get(id)?.session
  }

  send<K extends KindFrom<'master'>>(id: MinionId, kind: K, body: Body<K>): boolean {
    const channel = this.#live.get(id)?.connection.channel
    if (channel === undefined || !channel.isOpen) return false
    if (channel.buffered > cutAbove) {
      channel.terminate('it reads too slowly')
      return false
    }
    if (kind === 'job.deliver') channel.sendEncoded(this.#encodedOnce(body as Body<'job.deliver'>))
    else channel.send(kind, body)
    return true
  }

  /** The same delivery goes to thousands: it is checked and serialised for the first of them. */
  #encodedOnce(body: Body<'job.deliver'>): EncodedMessage {
    const before = this.#deliveries.get(body)
    if (before !== undefined) return before
    const encoded = encodeMessage('job.deliver', body)
    this.#deliveries.set(body, encoded)
    return encoded
  }

  end(id: MinionId, reason: string): void {
    for (const { channel } of this.#connections.get(id) ?? []) {
      channel.close(reason, 1008)
      // The peer gets the reason if it listens, and half a second if it does not.
      setTimeout(() => channel.terminate(reason), 500).unref()
    }
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** A connection was admitted; it is no session before it is `greeted`. */
  opened(connection: Connection): void {
    const connections = this.#connections.get(connection.id) ?? new Set()
    connections.add(connection)
    this.#connections.set(connection.id, connections)
    this.#count += 1
  }

  /** @returns false where a newer connection of the id was greeted before, or this one is gone */
  greeted(connection: Connection, session: Session): boolean {
    const before = this.#live.get(session.id)
    if (before !== undefined && before.connection.number > connection.number) return false
    if (!connection.channel.isOpen) return false
    this.#live.set(session.id, { session, connection })
    if (before !== undefined) {
      this.#tell((watcher) => watcher.disconnected?.(before.session))
      before.connection.channel.close('replaced by a newer connection of this minion')
    }
    return true
  }

  /** After the greeting was answered. */
  announce(session: Session, unfinished: readonly string[]): void {
    this.#tell((watcher) => watcher.connected?.(session, unfinished))
  }

  closed(connection: Connection): void {
    const connections = this.#connections.get(connection.id)
    if (connections?.delete(connection)) this.#count -= 1
    if (connections?.size === 0) this.#connections.delete(connection.id)
    const live = this.#live.get(connection.id)
    if (live?.connection !== connection) return
    this.#live.delete(connection.id)
    this.#tell((watcher) => watcher.disconnected?.(live.session))
  }

  #tell(change: (watcher: Watcher) => void): void {
    for (const watcher of this.#watchers) {
      try {
        change(watcher)
      } catch (error) {
        // One watcher's fault must not keep the others from knowing.
        this.#logger.error({ err: error }, 'a watcher of sessions failed')
      }
    }
  }
}
