/** The daemon's refresher of the mine. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import type { Dict } from '../../shared/data/value.ts'
import type { Redactor } from '../../shared/pillar/redactor.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { redactedReturn } from '../services/job-secrets.ts'
import { MineRefresher } from './mine-refresher.ts'

export interface MineSetup {
  readonly options: MinionOptions
  readonly clock: Clock
  readonly log: Logger
  readonly redactor: Redactor
  /** For a single call: nothing is refreshed. */
  readonly transient?: true
  world(): { readonly pillar: Dict } | undefined
  jobs(): Pick<JobRunner, 'call'>
  isConnected(): boolean
}

const none: Dict = new Map()

export function openMine(setup: MineSetup): MineRefresher {
  const { options, clock, log, redactor } = setup
  const never = new AbortController().signal
  return new MineRefresher({
    clock,
    log,
    options: setup.transient ? { ...options, mine_enabled: false } : options,
    mark: join(options.state_dir, 'mine-configured'),
    isReady: () => setup.isConnected(),
    pillar: () => setup.world()?.pillar ?? none,
    update: async () => {
      const result = await setup.jobs().call({ fun: 'mine.update', args: [], kwargs: {} }, never, () => {})
      return redactedReturn(redactor, result, 'master')
    },
  })
}
