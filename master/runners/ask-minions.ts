/** Runs a function on minions for a runner, as a job in the name of who called it, and waits for what they answer. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import type { Plain, Value } from '../../shared/data/value.ts'
import type { JobId, MinionId } from '../../shared/ids.ts'
import type { TargetAccount } from '../api/schemas.ts'
import type { TargetText } from '../targeting/resolve.ts'
import type { RunnerContext } from './contract.ts'
import { isSuccess, statusText } from './job-text.ts'

export interface Asked {
  readonly jid: JobId
  /** What they returned, sorted by id. */
  readonly returned: ReadonlyMap<MinionId, Value>
  /** Those that failed, and those without a return, each with its status in words. */
  readonly failed: ReadonlyMap<MinionId, string>
}

export interface Question {
  readonly target: TargetText
  readonly fun: string
  readonly args?: readonly Json[]
  readonly kwargs?: Readonly<Record<string, Json>>
}

/** @throws TsaltError `target-empty`, `target-invalid`, `access-denied`, … */
export async function askMinions(
  { jobs, actor, within }: Pick<RunnerContext, 'jobs' | 'actor' | 'within'>,
  { target, fun, args = [], kwargs = {} }: Question,
): Promise<Asked> {
  const { jid } = await jobs.submit({ target, fun, args: [...args], kwargs: { ...kwargs } }, actor)
  const accounts = new Map<MinionId, TargetAccount>()
  for await (const event of jobs.follow(jid, within ?? new AbortController().signal)) {
    if (event.type === 'job') for (const one of event.job.targets) accounts.set(one.id, one)
    else if (event.type === 'target') accounts.set(event.target.id, event.target)
  }
  const returned = new Map<MinionId, Value>()
  const failed = new Map<MinionId, string>()
  for (const account of [...accounts.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { id, return: answer } = account
    if (answer !== undefined) returned.set(id, decodeValue(answer.ret))
    if (!isSuccess(account)) failed.set(id, answer === undefined ? statusText(account) : answer.outcome)
  }
  return { jid, returned, failed }
}

/** What each returned, and of those that did not why. */
export function saidBy({ returned, failed }: Asked): ReadonlyMap<string, Plain> {
  const said = new Map<string, Plain>(returned)
  for (const [id, status] of failed) if (!said.has(id)) said.set(id, status)
  return said
}
