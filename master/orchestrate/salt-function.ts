/** `salt.function`: calls one function on minions. */
import * as v from 'valibot'
import type { Dict, Plain, Value } from '../../shared/data/value.ts'
import { failure, type StateOutcome } from '../../shared/run/outcome.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import { type Acting, orchestrationFunction } from './contract.ts'
import type { FleetResult, MinionResult } from './fleet-result.ts'
import { listOf } from './runner-words.ts'
import { emptyOutcome, namesOf, returnsOf, tallyOf } from './tally.ts'
import {
  allowanceOf,
  ignoredArguments,
  refusedTarget,
  requestOf,
  type TargetGiven,
  targetArguments,
  targetOf,
} from './target-arguments.ts'

interface Given extends TargetGiven {
  readonly name: string
  readonly arg?: Value
  readonly kwarg?: Dict
  readonly fail_function?: string
}

const functionShape = /^[a-z_]\w*\.[a-z_]\w*$/i

export const callFunction = orchestrationFunction({
  summary: 'Calls one function on minions.',
  args: v.strictObject({
    name: needed(text, 'The function: `cmd.run`.'),
    ...targetArguments,
    arg: optional(anything, 'Its arguments by position, a list.'),
    kwarg: optional(mapping, 'Its arguments by name.'),
    fail_function: optional(
      text,
      'A function of the master that is given each answer; where it says False, the minion counts as failed.',
    ),
  }),
  ignored: ignoredArguments,
  examples: [
    "restart-app:\n  salt.function:\n    - name: service.restart\n    - tgt: 'web*'\n    - arg: [app]\n    - batch: 1\n",
    "free-space:\n  salt.function:\n    - name: cmd.run\n    - tgt: db1\n    - arg: ['df -h /']\n    - kwarg:\n        cwd: /\n",
  ],
  refuse: (given) =>
    functionShape.test(given.name)
      ? refusedTarget(given)
      : { argument: 'name', reason: `"${given.name}" is no function such as cmd.run` },
  async predict(given, look) {
    const target = targetOf(given)
    const ids = await look.meaning(target)
    const whom = ids === undefined ? ', which means no minion now' : `: ${namesOf(ids)}`
    return {
      result: null,
      comment: `Function ${given.name} would be executed on target ${target.expression}${whom}`,
      changes: {},
      ran: true,
    }
  },
  async run(given, act, { id: state }) {
    const { name: fun, arg, kwarg } = given
    const request = { ...requestOf(given), state, fun, args: listOf(arg), kwargs: kwarg ?? new Map() }
    return outcomeOf(await judged(await act.run(request), given, act), given)
  },
})

/** With `fail_function`: what it does not approve of has failed. */
async function judged(result: FleetResult, { fail_function: fun }: Given, act: Acting): Promise<FleetResult> {
  if (fun === undefined) return result
  const minions: MinionResult[] = []
  for (const one of result.minions)
    minions.push(one.ok ? { ...one, ok: await act.approves(fun, one.ret) } : one)
  return { ...result, minions }
}

function outcomeOf(result: FleetResult, given: Given): StateOutcome {
  const empty = emptyOutcome(result, given.expect_minions)
  if (empty) return empty
  const { jid, minions, cut } = result
  const tally = tallyOf(result, allowanceOf(given))
  const returned = minions.filter(({ end }) => end === 'returned')
  const changes: Plain = returned.length === 0 ? {} : new Map<string, Plain>([['ret', returnsOf(returned)]])
  const said = (comment: string): string => [comment, ...tally.absent].join('\n')
  if (cut !== undefined) return { ...failure(said(`Cut short: ${cut}.`), changes), jid }
  if (tally.isFailure) {
    const failed = namesOf(tally.failed.map(({ id }) => id))
    return { ...failure(said(`Running function ${given.name} failed on minions: ${failed}`), changes), jid }
  }
  const ids = namesOf(returned.map(({ id }) => id))
  const comment = `Function ran successfully.${ids === '' ? '' : ` Function ${given.name} ran on ${ids}.`}`
  return { result: true, comment: said(comment), changes, ran: true, jid }
}
