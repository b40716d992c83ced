/** Runs a call over a connection of its own, where no daemon runs: files and pillar come from the master. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Redactor } from '../../shared/pillar/redactor.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { Agent } from '../agent.ts'
import { aborted } from '../connection/pause.ts'
import type { LocalCall } from '../services/local-messages.ts'
import { enrolmentLines } from './enrolment-lines.ts'
import type { MinionConfig } from './minion-config.ts'

/** @param patience milliseconds for the connection @throws TsaltError where the master can't be reached or does not know this minion */
export async function callThroughMaster(
  config: MinionConfig,
  call: LocalCall,
  parts: {
    readonly clock: Clock
    readonly log: Logger
    readonly signal: AbortSignal
    readonly redactor: Redactor
  },
  patience: number,
): Promise<JobReturn> {
  const agent = await Agent.open({
    ...config,
    ...parts,
    transient: true,
    enrolment: (status) => process.stderr.write(enrolmentLines(config.id, status)),
  })
  // Waiting for an operator may take days.
  const interrupted = aborted(parts.signal).then(() => {
    throw new TsaltError('call-interrupted', {})
  })
  try {
    await Promise.race([agent.start().then(() => agent.connected(patience)), interrupted])
    interrupted.catch(() => {})
    return await agent.jobs.call(call, parts.signal, () => {})
  } finally {
    await agent.stop()
  }
}
