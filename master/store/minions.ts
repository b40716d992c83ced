/** Minions as they were last seen. Which of them are accepted is the key store's affair. */
import type { Json } from '../../shared/data/codec.ts'
import type { MinionId } from '../../shared/ids.ts'

/** Times are milliseconds since the epoch. */
export interface MinionRow {
  readonly id: MinionId
  readonly generation: number
  /** As it said in `hello`. */
  readonly version: string
  readonly address: string
  readonly firstSeen: number
  /** When it connected last, or when that connection ended. */
  readonly lastSeen: number
  /** Present while connected; also after a crash of the master, until it connects again. */
  readonly connectedSince: number | undefined
}

export interface MinionReport {
  readonly id: MinionId
  readonly generation: number
  readonly version: string
  readonly address: string
  /** Encoded with shared/data/codec.ts. */
  readonly grains: Json
  readonly at: number
}

export interface GrainsRow {
  readonly id: MinionId
  readonly generation: number
  /** Greater than that of every row written before, by whichever master. */
  readonly revision: number
  readonly grains: Json
}

export interface MinionStore {
  /** After `hello`. What earlier generations of the id left behind goes. */
  connected(report: MinionReport): Promise<void>
  /** @param since when the connection that ended had begun: a newer one keeps its own. */
  disconnected(id: MinionId, generation: number, since: number, at: number): Promise<void>
  grainsChanged(id: MinionId, generation: number, grains: Json): Promise<void>
  find(id: MinionId, generation: number): Promise<MinionRow | undefined>
  grains(id: MinionId, generation: number): Promise<Json | undefined>
  /** What was written after a revision, oldest first; from 0 on all there is. At most `limit` rows. */
  grainsSince(revision: number, limit: number): Promise<readonly GrainsRow[]>
  /** Sorted by id. */
  list(): Promise<readonly MinionRow[]>
  /** All generations. */
  forget(id: MinionId): Promise<void>
}
