/** What a master is started with. */
import type { Logger } from 'pino'
import type { Clock } from '../shared/clock.ts'
import type { MasterOptions } from '../shared/config/master-options.ts'

export interface MasterSetup {
  readonly options: MasterOptions
  readonly clock: Clock
  readonly logger: Logger
}

/** What ends the parts of a master, in the order in which they were started. */
export type Stops = (() => void | Promise<void>)[]
