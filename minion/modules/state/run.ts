/** The functions of `state` that apply states. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { mapping, nameList } from '../../../shared/schema/collections.ts'
import { text } from '../../../shared/schema/scalars.ts'
import { type Answer, execFunction, type ModuleContext } from '../contract.ts'
import { disabledBy } from './disabled.ts'
import { type Given, requestOf, runOptions, slsNames, turnOf } from './options.ts'

const optionalNames = optional(nameList, 'SLS names, by comma or several.')

async function run(given: Given, context: ModuleContext): Promise<Answer> {
  return disabledBy(given.mods, context) ?? context.services.states.run(requestOf(given), context)
}

export const runFunctions = {
  highstate: execFunction({
    summary: 'Applies all states that the top file gives this minion.',
    args: v.strictObject({
      ...runOptions,
      whitelist: optional(nameList, 'Of what the top file gives only these SLS, with what they include.'),
    }),
    examples: [
      'tsalt state.highstate',
      "tsalt '*' state.highstate test=True",
      "tsalt '*' state.highstate whitelist=nginx,redis",
    ],
    readOnly: false,
    queued: true,
    turn: turnOf,
    joins: () => true,
    run,
  }),
  apply: execFunction({
    summary: 'Applies the SLS named, or the highstate where none is.',
    args: v.strictObject({ mods: optionalNames, ...runOptions }),
    examples: ["tsalt '*' state.apply", 'tsalt web1 state.apply nginx,redis test=True'],
    readOnly: false,
    queued: true,
    turn: turnOf,
    // Without names it is the highstate; what somebody names twice may be meant twice.
    joins: ({ mods }) => mods === undefined || mods.length === 0,
    run,
  }),
  test: execFunction({
    summary: 'Shows what state.apply would do: a dry run.',
    args: v.strictObject({ mods: optionalNames, ...runOptions }),
    examples: ["tsalt '*' state.test", 'tsalt web1 state.test nginx'],
    readOnly: false,
    queued: true,
    turn: turnOf,
    run: (args, context) => run({ ...args, test: true }, context),
  }),
  sls: execFunction({
    summary: 'Applies the SLS named.',
    args: v.strictObject({ mods: slsNames, ...runOptions }),
    examples: ["tsalt '*' state.sls nginx"],
    readOnly: false,
    queued: true,
    turn: turnOf,
    run,
  }),
  sls_id: execFunction({
    summary: 'Applies one ID of the SLS named, with what it requires.',
    args: v.strictObject({
      id: needed(text, 'ID of the state; all its functions and names are called.'),
      mods: slsNames,
      ...runOptions,
    }),
    examples: ['tsalt web1 state.sls_id nginx-config nginx test=True'],
    readOnly: false,
    queued: true,
    turn: turnOf,
    run,
  }),
  single: execFunction({
    summary: 'Calls one state function without an SLS.',
    args: v.strictObject({
      fun: needed(text, 'State function: `file.directory`.'),
      name: needed(text, 'Its name.'),
      test: runOptions.test,
      queue: runOptions.queue,
      concurrent: runOptions.concurrent,
      kwargs: optional(mapping, 'Its other arguments.'),
    }),
    restKeywords: 'kwargs',
    examples: ["tsalt '*' state.single file.directory name=/srv/www mode=0755"],
    readOnly: false,
    queued: true,
    turn: turnOf,
    run: ({ fun, name, test, kwargs }, context) =>
      context.services.states.single(fun, new Map([...(kwargs ?? []), ['name', name]]), test, context),
  }),
}
