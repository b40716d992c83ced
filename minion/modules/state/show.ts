/** Functions of `state` that show what a run would be made of, and change nothing. */
import * as v from 'valibot'
import { optional } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import { type ExecFunction, execFunction, type Shown } from '../contract.ts'
import { type Given, requestOf, showOptions, slsNames } from './options.ts'

const options = {
  ...showOptions,
  queue: optional(flag, 'Accepted for Salt: nothing has to be waited for.'),
}

function view(what: Shown, summary: string, example: string): ExecFunction {
  return execFunction({
    summary,
    args: v.strictObject(options),
    examples: [`tsalt '*' ${example}`],
    readOnly: true,
    run: (args, context) => context.services.states.show(what, requestOf(args as Given), context),
  })
}

function viewOfSls(what: Shown, summary: string, example: string): ExecFunction {
  return execFunction({
    summary,
    args: v.strictObject({ mods: slsNames, ...options }),
    examples: [`tsalt '*' ${example}`],
    readOnly: true,
    run: (args, context) => context.services.states.show(what, requestOf(args as Given), context),
  })
}

export const showFunctions: Readonly<Record<string, ExecFunction>> = {
  show_top: view('top', 'Shows which SLS the top file gives this minion.', 'state.show_top'),
  show_highstate: view('high', 'Shows the high data of the highstate.', 'state.show_highstate'),
  show_lowstate: view(
    'low',
    'Shows the low data of the highstate: the calls in their order.',
    'state.show_lowstate',
  ),
  show_states: view('states', 'Lists the SLS whose states are part of the highstate.', 'state.show_states'),
  show_state_usage: view(
    'usage',
    'Shows for each environment which SLS the highstate uses, by the top file or by an include, and which it does not.',
    'state.show_state_usage',
  ),
  show_sls: viewOfSls('high', 'Shows the high data of the SLS named.', 'state.show_sls nginx'),
  show_low_sls: viewOfSls('low', 'Shows the low data of the SLS named.', 'state.show_low_sls nginx'),
  graph: execFunction({
    summary: 'Draws the requisites of the highstate, or of the SLS named, in the language of graphviz.',
    args: v.strictObject({
      mods: optional(nameList, 'SLS names, by comma or several.'),
      ...options,
    }),
    examples: ['tsalt web1 state.graph nginx --out=newline_values_only | dot -Tsvg > nginx.svg'],
    readOnly: true,
    run: (args, context) => context.services.states.show('graph', requestOf(args as Given), context),
  }),
}
