/** Functions of `state` that ask whether SLS and IDs are there, and those of Salt's that make no sense here. */
import * as v from 'valibot'
import { isDict, toValue } from '../../../shared/data/value.ts'
import { needed } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { type Answer, type ExecFunction, execFunction, type ModuleContext } from '../contract.ts'
import { allRefused } from '../refusing.ts'
import { type Given, requestOf, showOptions, slsNames } from './options.ts'

/** IDs of SLS; undefined: they do not compile. */
async function idsOf(given: Given, context: ModuleContext): Promise<readonly unknown[] | undefined> {
  const { ret, retcode }: Answer = await context.services.states.show('high', requestOf(given), context)
  const high = toValue(ret)
  return retcode === 0 && isDict(high) ? [...high.keys()] : undefined
}

export const askedFunctions: Readonly<Record<string, ExecFunction>> = {
  sls_exists: execFunction({
    summary: 'True where the SLS are there and compile.',
    args: v.strictObject({ mods: slsNames, ...showOptions }),
    examples: ["tsalt '*' state.sls_exists nginx,redis"],
    readOnly: true,
    run: async (given, context) => (await idsOf(given as Given, context)) !== undefined,
  }),
  id_exists: execFunction({
    summary: 'True where the SLS have states of all these IDs.',
    args: v.strictObject({
      ids: needed(nameList, 'IDs, by comma or several.'),
      mods: slsNames,
      ...showOptions,
    }),
    examples: ["tsalt '*' state.id_exists nginx-config,nginx nginx"],
    readOnly: true,
    run: async ({ ids, ...given }, context) => {
      const found = await idsOf(given as Given, context)
      return found !== undefined && ids.every((id) => found.includes(id))
    },
  }),
  ...allRefused('state', {
    low: 'states are called by name: state.single',
    high: 'states are called by name, or stand in an SLS: state.single, state.apply',
    template: 'an SLS stands in a tree: state.apply, or tsalt-call --local with file_roots',
    template_str: 'an SLS stands in a tree: state.apply, or tsalt-call --local with file_roots',
    top: 'the option state_top names another top file',
    request: 'state.test shows what a run would do, and a rollout waits for an approval: tsalt rollout',
    check_request: 'there are no requests: state.test shows what a run would do',
    clear_request: 'there are no requests: state.test shows what a run would do',
    run_request: 'there are no requests: state.apply runs at once',
    orchestrate: 'the master runs orchestrations: tsalt-run state.orchestrate SLS',
    event: 'the master shows events: tsalt events',
    clear_cache: 'a run compiles afresh: nothing is kept of SLS',
    reconcile_procs: 'a minion knows its jobs by itself: saltutil.running',
    pkg: 'it is a part of salt-ssh',
  }),
}
