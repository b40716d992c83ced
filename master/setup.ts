/** What a master is started with. */
import type { Logger } from 'pino'
import type { Clock } from '../shared/clock.ts'
import type { MasterOptions } from '../shared/config/master-options.ts'
import type { Settings } from './settings/settings.ts'

export interface MasterStart {
  readonly options: MasterOptions
  readonly clock: Clock
  readonly logger: Logger
  /** The options as they stand in the files by now; absent: they never change. @throws TsaltError of the configuration */
  readonly reread?: () => MasterOptions
}

export interface MasterSetup extends Omit<MasterStart, 'reread'> {
  /** Each as it is now: some of them may change while the master runs. */
  readonly options: MasterOptions
  readonly settings: Settings
}

/** What ends the parts of a master, in the order in which they were started. */
export type Stops = (() => void | Promise<void>)[]
