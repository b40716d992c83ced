/** Execution module `state`: bring the machine to the state that the tree describes, or show what that would be. */
import * as v from 'valibot'
import type { Dict } from '../../shared/data/value.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { mapping, nameList } from '../../shared/schema/collections.ts'
import { flag, text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule, type StateRequest } from './contract.ts'

const runOptions = {
  test: optional(flag, 'A dry run: nothing is changed, what would be is shown.'),
  pillar: optional(mapping, 'Pillar values that win over the compiled ones in this run.'),
  saltenv: optional(text, 'Environment of states and files.'),
  exclude: optional(nameList, 'SLS names to leave out.'),
  queue: optional(flag, 'Accepted for Salt: runs always wait for their turn.'),
}
const noArguments = v.strictObject({})
const slsNames = needed(nameList, 'SLS names, by comma or several.')
const showOptions = { pillar: runOptions.pillar, saltenv: runOptions.saltenv }

interface Given {
  readonly mods?: readonly string[]
  readonly test?: boolean
  readonly pillar?: Dict
  readonly saltenv?: string
  readonly exclude?: readonly string[]
}

function requestOf(given: Given): StateRequest {
  return {
    ...(given.mods && given.mods.length > 0 ? { sls: given.mods } : {}),
    ...(given.test === undefined ? {} : { test: given.test }),
    ...(given.pillar === undefined ? {} : { pillar: given.pillar }),
    ...(given.saltenv === undefined ? {} : { environment: given.saltenv }),
    ...(given.exclude === undefined ? {} : { exclude: given.exclude }),
  }
}

export const stateModule = execModule({
  summary: 'Applies states and shows what they compile to.',
  functions: {
    highstate: execFunction({
      summary: 'Applies all states that the top file gives this minion.',
      args: v.strictObject(runOptions),
      examples: ['tsalt state.highstate', "tsalt '*' state.highstate test=True"],
      readOnly: false,
      queued: true,
      run: (args, context) => context.services.states.run(requestOf(args), context),
    }),
    apply: execFunction({
      summary: 'Applies the SLS named, or the highstate where none is.',
      args: v.strictObject({ mods: optional(nameList, 'SLS names, by comma or several.'), ...runOptions }),
      examples: ["tsalt '*' state.apply", 'tsalt web1 state.apply nginx,redis test=True'],
      readOnly: false,
      queued: true,
      run: (args, context) => context.services.states.run(requestOf(args), context),
    }),
    sls: execFunction({
      summary: 'Applies the SLS named.',
      args: v.strictObject({ mods: slsNames, ...runOptions }),
      examples: ["tsalt '*' state.sls nginx"],
      readOnly: false,
      queued: true,
      run: (args, context) => context.services.states.run(requestOf(args), context),
    }),
    single: execFunction({
      summary: 'Calls one state function without an SLS.',
      args: v.strictObject({
        fun: needed(text, 'State function: `file.directory`.'),
        name: needed(text, 'Its name.'),
        test: runOptions.test,
        kwargs: optional(mapping, 'Its other arguments.'),
      }),
      restKeywords: 'kwargs',
      examples: ["tsalt '*' state.single file.directory name=/srv/www mode=0755"],
      readOnly: false,
      queued: true,
      run: ({ fun, name, test, kwargs }, context) =>
        context.services.states.single(fun, new Map([...(kwargs ?? []), ['name', name]]), test, context),
    }),
    show_top: execFunction({
      summary: 'Shows which SLS the top file gives this minion.',
      args: v.strictObject(showOptions),
      examples: ["tsalt '*' state.show_top"],
      readOnly: true,
      run: (args, context) => context.services.states.show('top', requestOf(args), context),
    }),
    show_highstate: execFunction({
      summary: 'Shows the high data of the highstate.',
      args: v.strictObject(showOptions),
      examples: ["tsalt '*' state.show_highstate"],
      readOnly: true,
      run: (args, context) => context.services.states.show('high', requestOf(args), context),
    }),
    show_lowstate: execFunction({
      summary: 'Shows the low data of the highstate: the calls in their order.',
      args: v.strictObject(showOptions),
      examples: ["tsalt '*' state.show_lowstate"],
      readOnly: true,
      run: (args, context) => context.services.states.show('low', requestOf(args), context),
    }),
    show_sls: execFunction({
      summary: 'Shows the high data of the SLS named.',
      args: v.strictObject({ mods: slsNames, ...showOptions }),
      examples: ["tsalt '*' state.show_sls nginx"],
      readOnly: true,
      run: (args, context) => context.services.states.show('high', requestOf(args), context),
    }),
    show_low_sls: execFunction({
      summary: 'Shows the low data of the SLS named.',
      args: v.strictObject({ mods: slsNames, ...showOptions }),
      examples: ["tsalt '*' state.show_low_sls nginx"],
      readOnly: true,
      run: (args, context) => context.services.states.show('low', requestOf(args), context),
    }),
    running: execFunction({
      summary: 'Shows the state runs under way on this minion.',
      args: noArguments,
      examples: ["tsalt '*' state.running"],
      readOnly: true,
      run: async (_, { services, job }) =>
        services.jobs
          .running()
          .filter(({ fun, jid }) => fun.startsWith('state.') && jid !== job.jid)
          .map(({ fun, jid, pid }) => `The function "${fun}" is running as PID ${pid} with jid ${jid}`),
    }),
  },
})
