/** Calls what a job calls: each function in a world of its own, several of them one after another. */
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { ModuleContext } from '../modules/contract.ts'
import type { ActiveJob } from './active-job.ts'
import type { BoundJob } from './bound-job.ts'
import { type BoundCall, type Call, refusedReturn, runCall } from './call.ts'
import type { JobRunnerParts } from './job-runner-parts.ts'
import { isEarly, severalReturn } from './several-return.ts'
import type { SharedRun } from './shared-run.ts'

export interface RunBoundParts extends Pick<JobRunnerParts, 'open' | 'clock' | 'secrets'> {
  /** Aborted when the minion is to stop. */
  readonly stopping: AbortSignal
  /** One of several functions is done: durable when it resolves. */
  done(result: JobReturn, signal: AbortSignal): Promise<void>
}

/** @param shared its turn, which it may have with others */
export function runBound(
  parts: RunBoundParts,
  job: ActiveJob,
  bound: BoundJob,
  shared: SharedRun | undefined,
): Promise<JobReturn> {
  return bound.kind === 'one'
    ? runOne(parts, job, job.call, bound.bound, shared)
    : runSeveral(parts, job, bound, shared)
}

/** One that fails does not keep the others from running; what ends the job does. */
async function runSeveral(
  parts: RunBoundParts,
  job: ActiveJob,
  bound: BoundJob & { readonly kind: 'several' },
  shared: SharedRun | undefined,
): Promise<JobReturn> {
  const now = (): number => parts.clock.now()
  for (const [index, part] of bound.parts.entries()) {
    job.progress.nextFunction(index + 1, bound.parts.length, part.call.fun)
    const early = job.ending ?? (parts.stopping.aborted ? 'interrupted' : undefined)
    if (early !== undefined) return severalReturn(job.call, job.done, { outcome: early }, now())
    const told = part.refused ?? (await runOne(parts, job, part.call, part.bound, shared))
    const result = parts.secrets?.result(told, 'master') ?? told
    job.done.push(result)
    if (isEarly(result.outcome)) break
    if (job.done.length < bound.parts.length) await parts.done(result, job.signal)
  }
  return severalReturn(job.call, job.done, undefined, now())
}

async function runOne(
  { open, clock, stopping }: RunBoundParts,
  job: ActiveJob,
  call: Call,
  bound: BoundCall,
  shared: SharedRun | undefined,
): Promise<JobReturn> {
  const handle: ModuleContext['job'] = {
    jid: job.jid,
    signal: shared?.signal ?? job.signal,
    stopping,
    progress: (step) => (shared ? shared.step(step) : job.progress.step(step)),
  }
  // The last job that wants a shared run ends it.
  const last = (): ActiveJob => shared?.lead ?? job
  let opened: Awaited<ReturnType<typeof open>>
  try {
    opened = await open(handle, call, job.trees)
  } catch (error) {
    return { ...refusedReturn(call, error, clock.now()), outcome: 'done' }
  }
  try {
    const result = await runCall(call, bound, opened.context, clock, () => last().ending)
    const ended = [...last().ended]
    return ended.length === 0 ? result : { ...result, ended }
  } finally {
    opened.close()
  }
}
