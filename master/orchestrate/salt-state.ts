/** `salt.state`: runs states on minions. */
import * as v from 'valibot'
import { type Dict, type Plain, toValue, type Value } from '../../shared/data/value.ts'
import { failure, type StateOutcome } from '../../shared/run/outcome.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping, nameList } from '../../shared/schema/collections.ts'
import { flag, text } from '../../shared/schema/scalars.ts'
import { orchestrationFunction } from './contract.ts'
import type { FleetRequest, FleetResult } from './fleet-result.ts'
import { emptyOutcome, namesOf, returnsOf, tallyOf } from './tally.ts'
import {
  allowanceOf,
  ignoredArguments,
  refusedTarget,
  requestOf,
  type TargetGiven,
  targetArguments,
} from './target-arguments.ts'

interface Given extends TargetGiven {
  readonly highstate?: boolean
  readonly top?: Value
  readonly sls?: readonly string[]
  readonly test?: boolean
  readonly pillar?: Dict
  readonly pillarenv?: string
  readonly saltenv?: string
  readonly exclude?: Value
  readonly queue?: boolean | number
  readonly concurrent?: boolean
}

export const state = orchestrationFunction({
  summary: 'Runs states on minions: a highstate, or SLS by name.',
  args: v.strictObject({
    name: needed(text, 'Shown in the result.'),
    ...targetArguments,
    sls: optional(nameList, 'SLS names.'),
    highstate: optional(flag, 'True: what the top files give.'),
    top: optional(anything, 'Refused: minions have the top file of their option `state_top` alone.'),
    saltenv: optional(text, 'Environment of states and files.'),
    test: optional(
      flag,
      'A dry run on the minions. In a dry run of the orchestration it is one in any case.',
    ),
    pillar: optional(mapping, 'Pillar values that win over those of the minions.'),
    pillarenv: optional(text, 'Environment of the pillar.'),
    exclude: optional(anything, 'SLS names to leave out, or `{id: NAME}`.'),
    queue: optional(
      v.union([v.boolean(), v.pipe(v.number(), v.integer(), v.minValue(0))]),
      'As of state.apply. Not given: the run waits for its turn on the minion.',
    ),
    concurrent: optional(flag, 'Beside other runs on the minion.'),
  }),
  ignored: ignoredArguments,
  examples: [
    "deploy-db:\n  salt.state:\n    - tgt: 'db*'\n    - sls: [db, backup]\n",
    'deploy-web:\n  salt.state:\n    - tgt: role:web\n    - tgt_type: grain\n    - highstate: True\n    - batch: 10%\n    - require:\n      - salt: deploy-db\n',
  ],
  refuse(given) {
    const { highstate = false, top, sls = [] } = given
    if (top !== undefined)
      return {
        argument: 'top',
        reason: 'minions have one top file, that of their option state_top; name the SLS',
      }
    if (!highstate && sls.length === 0)
      return { argument: 'sls', reason: 'what is to be run is missing: SLS names, or highstate: True' }
    if (highstate && sls.length > 0)
      return { argument: 'sls', reason: 'either SLS names or highstate: True is meant' }
    return refusedTarget(given)
  },
  async predict(given, look, { id }) {
    return outcomeOf(await look.tryStates(requestFor(id, given, true)), given, true)
  },
  async run(given, act, { id }) {
    const dry = given.test === true
    const request = requestFor(id, given, dry)
    return outcomeOf(await (dry ? act.tryStates(request) : act.run(request)), given, dry)
  },
})

function requestFor(state: string, given: Given, dry: boolean): FleetRequest {
  const kwargs: Dict = new Map()
  for (const name of ['pillar', 'pillarenv', 'saltenv', 'exclude', 'queue', 'concurrent'] as const) {
    const value = given[name]
    if (value !== undefined) kwargs.set(name, toValue(value as Plain))
  }
  if (dry) kwargs.set('test', true)
  else if (given.test === false) kwargs.set('test', false)
  const target = { ...requestOf(given), state }
  if (given.highstate === true) return { ...target, fun: 'state.highstate', args: [], kwargs }
  return { ...target, fun: 'state.sls', args: [[...(given.sls ?? [])]], kwargs }
}

function outcomeOf(result: FleetResult, given: Given, dry: boolean): StateOutcome {
  const empty = emptyOutcome(result, given.expect_minions)
  if (empty) return empty
  const { jid, minions, cut } = result
  const tally = tallyOf(result, allowanceOf(given))
  const shown = minions.filter((one) => one.end === 'returned' && (one.changed || !one.ok))
  const changes: Plain =
    shown.length === 0
      ? {}
      : new Map<string, Plain>([
          ['out', 'highstate'],
          ['ret', returnsOf(shown)],
        ])
  const said = (comment: string): string => [comment, ...tally.absent].join('\n')
  if (cut !== undefined) return { ...failure(said(`Cut short: ${cut}.`), changes), jid }
  if (tally.isFailure) {
    const failed = namesOf(tally.failed.map(({ id }) => id))
    return { ...failure(said(`Run failed on minions: ${failed}`), changes), jid }
  }
  const changed = minions.filter((one) => one.changed).map(({ id }) => id)
  const same = minions.filter((one) => one.ok && !one.changed).map(({ id }) => id)
  const failed = minions.filter((one) => one.end === 'returned' && !one.ok).map(({ id }) => id)
  const comment = [
    dry ? 'States ran dry.' : 'States ran successfully.',
    changed.length === 0 ? '' : ` ${dry ? 'Would update' : 'Updating'} ${namesOf(changed)}.`,
    same.length === 0 ? '' : ` No changes ${dry ? 'would be made' : 'made'} to ${namesOf(same)}.`,
    failed.length === 0 ? '' : ` Failed on ${namesOf(failed)}, which is allowed.`,
  ].join('')
  return {
    result: dry && changed.length > 0 ? null : true,
    comment: said(comment),
    changes,
    ran: true,
    jid,
  }
}
