/** Jobs in the shape in which Salt's runners show them: names, order and form of the times are Salt's. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import type { Plain } from '../../shared/data/value.ts'
import type { JobId } from '../../shared/ids.ts'
import { functionsOf, isSeveral } from '../../shared/several-functions.ts'
import type { JobAccount, TargetAccount } from '../api/schemas.ts'
import { saltVerdicts } from '../jobs/salt-verdicts.ts'

type Described = Pick<JobAccount, 'jid' | 'fun' | 'args' | 'kwargs' | 'metadata' | 'target' | 'operator'>

export function describeJob(job: Described): ReadonlyMap<string, Plain> {
  return new Map<string, Plain>([
    ['Arguments', argumentsOf(job)],
    ['Function', isSeveral(job.fun) ? [...functionsOf(job.fun)] : job.fun],
    ...(job.metadata === undefined ? [] : [['Metadata', metadataOf(job.metadata)] as const]),
    ['StartTime', startTime(job.jid)],
    ['Target', job.target.expression],
    ['Target-type', job.target.kind],
    ['User', job.operator],
  ])
}

const metadataOf = (metadata: NonNullable<JobAccount['metadata']>): ReadonlyMap<string, Plain> =>
  new Map(Object.entries(metadata).map(([name, json]) => [name, decodeValue(json)]))

export function describeWhole(job: JobAccount): ReadonlyMap<string, Plain> {
  const results = job.targets.filter((target) => target.return !== undefined)
  const without = job.targets.filter((target) => target.return === undefined)
  const whole = new Map<string, Plain>([
    ...describeJob(job),
    ['Minions', job.targets.map(({ id }) => id)],
    ['Result', new Map(results.map((target) => [target.id, describeResult(target)]))],
  ])
  // Salt leaves them out and the user guessing.
  if (without.length > 0)
    whole.set('Without-result', new Map(without.map((target) => [target.id, statusText(target)])))
  return whole.set('jid', job.jid)
}

function describeResult(target: TargetAccount): ReadonlyMap<string, Plain> {
  const verdicts = target.return?.calls && saltVerdicts(target.return.calls)
  return new Map<string, Plain>([
    ['outcome', target.return?.outcome],
    ['retcode', verdicts?.retcode ?? target.return?.retcode],
    ['return', retOf(target)],
    ['success', verdicts?.success ?? isSuccess(target)],
  ])
}

export function describeActive(job: JobAccount): ReadonlyMap<string, Plain> {
  const returned = job.targets.filter(({ status }) => status === 'returned').map(({ id }) => id)
  const running = job.targets.filter(isUnderWay)
  return new Map<string, Plain>([
    ...describeJob(job),
    ['Returned', returned],
    ['Running', running.map((target) => ({ [target.id]: statusText(target) }))],
  ])
}

/** Keyword arguments come last, as one mapping that says what it is: Salt's clients look for its mark. */
function argumentsOf({ args, kwargs }: Described): Plain[] {
  const positional: Plain[] = args.map(decodeValue)
  const names = Object.keys(kwargs)
  if (names.length === 0) return positional
  const keywords = names.map((name): [string, Plain] => [name, decodeValue(kwargs[name] as Json)])
  return [...positional, new Map<string, Plain>([['__kwarg__', true], ...keywords])]
}

export const retOf = (target: TargetAccount): Plain => decodeValue(target.return?.ret ?? null)

export function isSuccess({ return: answer }: TargetAccount): boolean {
  return answer !== undefined && answer.outcome === 'done' && answer.retcode === 0 && answer.success
}

const underWay = new Set<TargetAccount['status']>(['sent', 'delivered', 'queued', 'running'])
export const isUnderWay = ({ status }: TargetAccount): boolean => underWay.has(status)

const words: Record<TargetAccount['status'], string> = {
  held: 'its turn has not come',
  waiting: 'offline, not delivered',
  sent: 'sent, not acknowledged',
  delivered: 'delivered, not started',
  queued: 'queued',
  running: 'running',
  lost: 'lost connection, will report when it is back',
  returned: 'returned',
  expired: 'expired, never delivered',
}

export function statusText({ status, progress }: TargetAccount): string {
  const step = progress?.step
  if (status === 'running' && step?.id === '')
    return `running function ${step.index} of ${step.total}: ${step.fun}`
  if (status === 'running' && step)
    return `running state ${step.index} of ${step.total}: ${step.fun} ${step.id}`
  if (status === 'queued' && progress?.queue) {
    const { ahead, behind, fun } = progress.queue
    return `queued behind ${behind}${fun === undefined ? '' : ` (${fun})`}, ${ahead} ahead`
  }
  return words[status]
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `2026, Nov 22 03:20:02.867670`, from the id itself, so in UTC. */
function startTime(jid: JobId): string {
  const part = (from: number, to: number): string => jid.slice(from, to)
  const month = months[Number(part(4, 6)) - 1] ?? part(4, 6)
  const time = `${part(8, 10)}:${part(10, 12)}:${part(12, 14)}.${part(14, 20)}`
  return `${part(0, 4)}, ${month} ${part(6, 8)} ${time}`
}
