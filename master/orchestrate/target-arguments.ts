/** Arguments that states share which run something on minions. */
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nameList } from '../../shared/schema/collections.ts'
import { choice, flag, seconds, whole } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import { compileTarget } from '../../shared/targeting/compile-target.ts'
import { TargetError, targetKinds } from '../../shared/targeting/target.ts'
import type { TargetText } from '../targeting/resolve.ts'
import type { FleetRequest } from './fleet-result.ts'

/** Text, or a list of ids. */
const target = shaped<string | string[]>({
  words: 'text or list of ids',
  json: {
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'array', items: { type: 'string' } },
    ],
  },
  read(value) {
    if (typeof value === 'string' && value.trim() !== '') return value
    if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'))
      return value as string[]
    return new Mismatch(`a target is expected, not ${describeValue(value as never)}`)
  },
})

const amount = shaped<number | string>({
  words: 'number or share',
  json: { type: ['integer', 'string'] },
  read(value) {
    const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
    if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
    if (/^(?:100|[1-9]?\d)(?:\.\d+)?%$/.test(text)) return text
    return new Mismatch(`a number of minions or a share such as 10% is expected, not ${describeValue(value)}`)
  },
})

export const targetArguments = {
  tgt: needed(target, 'Which minions: an expression of the kind `tgt_type`, or a list of ids.'),
  tgt_type: defaulted(choice(targetKinds), 'glob', 'Kind of the target.'),
  batch: optional(amount, 'At most so many minions at once, or such a share: `5`, `10%`.'),
  batch_wait: optional(seconds, 'Between the end of one minion and the begin of the next one of a batch.'),
  subset: optional(whole, 'Only so many of the minions, chosen by chance.'),
  timeout: optional(
    seconds,
    'Without a sign of life of any minion, after which nobody is waited for. Not given: as long as their connections live.',
  ),
  expect_minions: defaulted(
    flag,
    true,
    'False: a target that means nobody, and minions that are offline, are no failure.',
  ),
  fail_minions: optional(nameList, 'Minions whose failure does not count.'),
  allow_fail: defaulted(whole, 0, 'So many minions may fail.'),
}

/** Of Salt, and without a meaning here; what returns say is kept by the master. */
export const ignoredArguments = ['ret', 'ret_config', 'ret_kwargs', 'ssh', 'roster'] as const

export interface TargetGiven {
  readonly tgt: string | readonly string[]
  readonly tgt_type: TargetText['kind']
  readonly batch?: number | string
  readonly batch_wait?: number
  readonly subset?: number
  readonly timeout?: number
  readonly expect_minions: boolean
  readonly fail_minions?: readonly string[]
  readonly allow_fail: number
}

export function targetOf({ tgt, tgt_type: kind }: Pick<TargetGiven, 'tgt' | 'tgt_type'>): TargetText {
  return typeof tgt === 'string' ? { kind, expression: tgt } : { kind: 'list', expression: tgt.join(',') }
}

/** What is wrong with the target as it is written. */
export function refusedTarget(
  given: Pick<TargetGiven, 'tgt' | 'tgt_type'>,
): { readonly argument: string; readonly reason: string } | undefined {
  const { kind, expression } = targetOf(given)
  // Only the master knows the nodegroups.
  if (kind === 'nodegroup' || /(?:^|[\s(])N@/.test(expression)) return undefined
  try {
    compileTarget({ kind, expression })
    return undefined
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    const hint = error.hint === undefined ? '' : ` (${error.hint.replace(/\.$/, '')})`
    return { argument: 'tgt', reason: `"${expression}": ${error.message}${hint}` }
  }
}

export const requestOf = (
  given: TargetGiven,
): Pick<FleetRequest, 'target' | 'batch' | 'batchWait' | 'subset' | 'timeout' | 'expectMinions'> => ({
  target: targetOf(given),
  batch: given.batch,
  batchWait: given.batch_wait,
  subset: given.subset,
  timeout: given.timeout,
  expectMinions: given.expect_minions,
})

export const allowanceOf = (given: TargetGiven) => ({
  failMinions: given.fail_minions ?? [],
  allowFail: given.allow_fail,
  expectMinions: given.expect_minions,
})
