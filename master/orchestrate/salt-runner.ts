/** `salt.runner` and `salt.parallel_runners`: call runners of the master. */
import * as v from 'valibot'
import { type Dict, isDict, type Plain, type Value } from '../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import { failure, type StateOutcome } from '../../shared/run/outcome.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import { type Acting, orchestrationFunction } from './contract.ts'
import { parallelCall, type WrittenCall, writtenCall } from './runner-words.ts'

export const callRunner = orchestrationFunction({
  summary: 'Calls a runner of the master.',
  args: v.strictObject({
    name: needed(text, 'The runner: `manage.up`, `state.orchestrate`.'),
    arg: optional(anything, 'Its arguments by position, a list.'),
    kwarg: optional(mapping, 'Its arguments by name; they can be written beside the name as well.'),
    others: optional(mapping, 'Every other argument is one of the runner.'),
  }),
  restArguments: 'others',
  examples: [
    'who-is-up:\n  salt.runner:\n    - name: manage.up\n',
    'next-part:\n  salt.runner:\n    - name: state.orchestrate\n    - mods: orch.part2\n    - pillar:\n        release: 4\n',
  ],
  predict: async ({ name }) => ({
    result: null,
    comment: `Runner function '${name}' would be executed.`,
    changes: {},
    ran: true,
  }),
  async run({ name, ...words }, act) {
    const { ret, ok } = await called(act, writtenCall(name, words))
    const changes: Plain = new Map([['return', ret]])
    if (!ok) return failure(`Runner function '${name}' failed.`, changes)
    return { result: true, comment: `Runner function '${name}' executed.`, changes, ran: true }
  },
})

const runners = shaped<ReadonlyMap<string, WrittenCall>>({
  words: 'mapping of runners',
  json: { type: ['object', 'string'] },
  read(value) {
    const written: Dict = typeof value === 'string' ? new Map([[value, null]]) : (value as Dict)
    if (!isDict(written) || written.size === 0)
      return new Mismatch(`a mapping of runners is expected, not ${describeValue(value as Value)}`)
    const calls = new Map<string, WrittenCall>()
    for (const [id, item] of written) {
      const call = parallelCall(String(id), item)
      if (typeof call === 'string') return new Mismatch(call)
      calls.set(String(id), call)
    }
    return calls
  },
})

export const parallelRunners = orchestrationFunction({
  summary: 'Calls several runners at the same time, and waits for all of them.',
  args: v.strictObject({
    name: needed(text, 'Shown in the result.'),
    runners: needed(runners, 'By a name of your own: `name` (the runner), `arg`, `kwarg`.'),
  }),
  examples: [
    'both-sites:\n  salt.parallel_runners:\n    - runners:\n        north:\n          - name: state.orchestrate\n          - kwarg: {mods: orch.site, pillar: {site: north}}\n        south:\n          - name: state.orchestrate\n          - kwarg: {mods: orch.site, pillar: {site: south}}\n',
  ],
  predict: async ({ runners: calls }) => ({
    result: null,
    comment: `Runners would be executed: ${[...calls].map(([id, { fun }]) => (id === fun ? id : `${id} (${fun})`)).join(', ')}.`,
    changes: {},
    ran: true,
  }),
  async run({ runners: calls }, act): Promise<StateOutcome> {
    const results = await Promise.all(
      [...calls].map(async ([id, call]) => ({ id, ...(await called(act, call)) })),
    )
    const changes: Plain = new Map([['ret', new Map(results.map(({ id, ret }) => [id, ret]))]])
    const failed = results.filter(({ ok }) => !ok).map(({ id }) => id)
    if (failed.length === 0)
      return { result: true, comment: 'All runner functions executed successfully.', changes, ran: true }
    const words = failed.length === 1 ? `Runner ${failed[0]} failed.` : `Runners ${failed.join(', ')} failed.`
    return failure(words, changes)
  },
})

/** A runner that refuses or fails is an answer, not the end of the run. */
async function called(
  act: Acting,
  { fun, args, kwargs }: WrittenCall,
): Promise<{ readonly ret: Value; readonly ok: boolean }> {
  try {
    const { ret, retcode } = await act.callRunner(fun, args, kwargs)
    return { ret, ok: retcode === 0 && !saysFailed(ret) }
  } catch (error) {
    if (isTsaltError(error)) return { ret: describeError(error), ok: false }
    throw error
  }
}

const saysFailed = (ret: Value): boolean =>
  isDict(ret) && (ret.get('result') === false || ret.get('success') === false)
