/** What a kind of beacon is: it reads its configuration, and watches. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { Dict } from '../../shared/data/value.ts'
import type { RunCommand } from '../system/command.ts'
import type { ServiceReader } from '../system/reader.ts'
import type { Fields } from './fields.ts'

/** One event: its data, and what its tag has after `salt/beacon/ID/BEACON/`. */
export interface Sight {
  readonly tag?: string
  readonly data: Dict
}

export interface Watch {
  /** What there is to tell now; not called again before it has answered. @throws Error that the log is told of */
  look(): Promise<readonly Sight[]>
  /** How many sights were lost since the last question, because there were too many. */
  lost?(): number
  /** A state run is under way whose doings are not to be told: what was seen until now is forgotten. */
  skip?(): void
  close?(): void
}

/** What watches may use. Nothing here changes the machine. */
export interface Surroundings {
  readonly id: string
  readonly clock: Clock
  readonly log: Logger
  readonly services: ServiceReader
  readonly run: RunCommand
  grains(): Dict
  pillar(): Dict
  /** True while a state run is under way that this beacon is to keep quiet about. */
  isHeld(): boolean
}

export interface BeaconKind {
  readonly summary: string
  /** Seconds between two looks, where the configuration says nothing. */
  readonly interval: number
  /**
   * Reads the configuration, without touching the machine.
   * @param fields without those that every beacon has
   * @returns what begins to watch
   * @throws BeaconMistake
   */
  read(fields: Fields): (around: Surroundings) => Watch
}
