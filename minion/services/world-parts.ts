/** What the world of a minion is made of. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import type { Dict } from '../../shared/data/value.ts'
import type { Beacons } from '../beacons/beacons.ts'
import type { MineAccess } from '../mine/mine-access.ts'
import type { MinionServices } from '../modules/contract.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { MasterPort } from './master-port.ts'

export interface WorldParts {
  readonly options: MinionOptions
  readonly id: string
  readonly clock: Clock
  readonly log: Logger
  /** Absent: trees and pillars are folders of this machine. */
  readonly master: MasterPort | undefined
  /** Holds the file `grains`. */
  readonly configFolder: string
  /** Events for the master; absent where there is none. */
  readonly tell?: MinionServices['tell']
  /** For the mine; absent where there is no master. */
  readonly mine?: (master: MasterPort) => MineAccess
  /** Of the daemon; absent: nothing is run at its time. */
  readonly scheduler?: Pick<Scheduler, 'refresh' | 'nextFireTime' | 'runNow'>
  /** Of the daemon; absent: nothing watches. */
  readonly beacons?: Beacons
  /** False: changes keep no undo journal (there is no state directory to keep it in). */
  readonly undo: boolean
  /** Told of every compiled pillar, so that its secrets stay out of logs and returns. */
  pillarCompiled(pillar: Dict, secrets: readonly string[]): void
  /** Told of the arguments of every compiled state, for the same reason. */
  argumentsSeen(args: Dict): void
}
