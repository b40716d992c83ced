/** The live connections of accepted minions, as the rest of the master sees them. */
import type { MinionId } from '../../shared/ids.ts'
import type { Body, KindFrom } from '../../shared/protocol/registry.ts'

export interface Session {
  readonly id: MinionId
  readonly generation: number
  /** Serial of the certificate, lower-case hex. */
  readonly serial: string
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly address: string
  /** Milliseconds that its clock was ahead of ours at `hello`. */
  readonly clockOffset?: number
  /** The version of the protocol that both speak, and that of its tsalt. */
  readonly protocol?: number
  readonly version?: string
}

export interface Sessions {
  connected(): readonly Session[]
  find(id: MinionId): Session | undefined
  /** Queues a message without waiting. @returns false where the minion is not connected. */
  send<K extends KindFrom<'master'>>(id: MinionId, kind: K, body: Body<K>): boolean
  /** Ends a minion's connections within a second, e.g. after revocation. */
  end(id: MinionId, reason: string): void
  /** Called after `hello` was answered, and after the socket has gone. @returns the function that stops it. */
  watch(watcher: {
    connected?(session: Session, unfinished: readonly string[]): void
    disconnected?(session: Session): void
  }): () => void
}
