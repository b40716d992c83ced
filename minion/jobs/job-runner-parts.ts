/** What the job runner is made of, and what it asks of the connection and of the keeper of secrets. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { JobId } from '../../shared/ids.ts'
import type { JobDelivery } from '../../shared/protocol/messages/job-delivery.ts'
import type { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { ModuleContext, Turn } from '../modules/contract.ts'
import type { Call, FunctionTable } from './call.ts'
import type { Spool } from './spool.ts'

/** What the runner needs of the connection. Sending without one is silently nothing. */
export interface JobLink {
  connected(): boolean
  /** To be added to this clock to have the master's, milliseconds. */
  offset(): number
  acknowledge(jid: JobId): void
  progress(progress: JobProgress): void
  /** Resolves when the master has stored it. */
  deliver(result: JobReturn): Promise<void>
}

export interface JobRunnerParts {
  readonly clock: Clock
  readonly log: Logger
  readonly spool: Spool
  readonly link: JobLink
  readonly functions: FunctionTable
  /** Before a call is bound: brings what it needs of the tree. Absent or undefined: nothing, and nobody waits for it. */
  prepare?(call: Call, trees: JobDelivery['trees'] | undefined): Promise<void> | undefined
  /** The world of one job. `close` is called when it is over, however it ended. */
  open(
    job: ModuleContext['job'],
    call: Call,
    trees: JobDelivery['trees'] | undefined,
  ): Promise<{ context: ModuleContext; close(): void }>
  readonly secrets?: JobSecrets
  /** Of state runs that do not say how they take their turn; absent: they wait. */
  readonly stateTurn?: Turn | undefined
  /** Nothing runs any more, after something did. */
  idle?(): void
}

/** Takes secrets out of what a job says before anybody sees it. */
export interface JobSecrets {
  /** A job begins: secrets may be among its arguments. */
  learn(call: Call): void
  result(result: JobReturn, from: 'master' | 'here'): JobReturn
  progress(progress: JobProgress): JobProgress
}
