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
/** Milliseconds that its functions have together, at least. */
const shortestPatience = 10 * 60_000

export function openMine(setup: MineSetup): MineRefresher {
  const { options, clock, log, redactor } = setup
  const longest = Math.max(shortestPatience, options.mine_interval * 60_000)
  return new MineRefresher({
    clock,
    log,
    options: setup.transient ? { ...options, mine_enabled: false } : options,
    mark: join(options.state_dir, 'mine-configured'),
    isReady: () => setup.isConnected(),
    pillar: () => setup.world()?.pillar ?? none,
    update: async () => {
      // A command that hangs must not keep the mine stale for ever.
      const ending = new AbortController()
      const timer = setTimeout(() => ending.abort(), Math.min(longest, 2 ** 31 - 1)).unref()
      try {
        const call = { fun: 'mine.update', args: [], kwargs: {} }
        return redactedReturn(redactor, await setup.jobs().call(call, ending.signal, () => {}), 'master')
      } finally {
        clearTimeout(timer)
      }
    },
  })
}
