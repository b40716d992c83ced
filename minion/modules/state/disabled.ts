/** `state.disable`: SLS that this minion refuses to apply, kept in its grain `state_runs_disabled` as Salt keeps them. */
import * as v from 'valibot'
import { isList, type Value } from '../../../shared/data/value.ts'
import { needed } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { compileGlob } from '../../../shared/targeting/glob.ts'
import { type Answer, execFunction, type ModuleContext } from '../contract.ts'

const grain = 'state_runs_disabled'

function disabledNames({ look }: ModuleContext): string[] {
  const value: Value = look.grains.get(grain) ?? null
  return isList(value) ? value.map(String) : []
}

/**
 * @param mods SLS to be applied; absent: the highstate
 * @returns Salt's refusal where one of them is disabled
 */
export function disabledBy(mods: readonly string[] | undefined, context: ModuleContext): Answer | undefined {
  const disabled = disabledNames(context)
  if (mods === undefined || mods.length === 0) {
    if (!disabled.includes('highstate')) return undefined
    const name = 'Salt highstate run is disabled. To re-enable, run state.enable highstate'
    return { ret: { name, result: false, comment: 'Disabled' }, retcode: 1, format: 'nested' }
  }
  const messages = mods.flatMap((sls) => {
    const by = disabled.find((pattern) => compileGlob(pattern)(sls))
    return by === undefined
      ? []
      : [`The state file "${sls}" is currently disabled by "${by}", to re-enable, run state.enable ${by}.`]
  })
  return messages.length > 0 ? { ret: messages, retcode: 1, format: 'highstate' } : undefined
}

const args = v.strictObject({
  states: needed(nameList, '`highstate`, or SLS names and patterns, by comma or several.'),
})

async function keep(names: readonly string[], { services }: ModuleContext): Promise<void> {
  await services.grains.set(grain, [...names])
}

export const disabledFunctions = {
  disable: execFunction({
    summary: 'Keeps SLS, or the highstate, from being applied on this minion until they are enabled again.',
    args,
    examples: ['tsalt web1 state.disable highstate', "tsalt '*' state.disable nginx,redis.*"],
    readOnly: false,
    async run({ states }, context) {
      const disabled = disabledNames(context)
      const messages = states.map((name) =>
        disabled.includes(name) ? `Info: ${name} state already disabled.` : `Info: ${name} state disabled.`,
      )
      await keep([...new Set([...disabled, ...states])], context)
      return { res: true, msg: messages.join('\n') }
    },
  }),
  enable: execFunction({
    summary: 'Lets SLS, or the highstate, be applied again that state.disable keeps from it.',
    args,
    examples: ['tsalt web1 state.enable highstate'],
    readOnly: false,
    async run({ states }, context) {
      const disabled = disabledNames(context)
      const messages = states.map((name) =>
        disabled.includes(name) ? `Info: ${name} state enabled.` : `Info: ${name} state already enabled.`,
      )
      await keep(
        disabled.filter((name) => !states.includes(name)),
        context,
      )
      return { res: true, msg: messages.join('\n') }
    },
  }),
  list_disabled: execFunction({
    summary: 'Lists what state.disable keeps from being applied.',
    args: v.strictObject({}),
    examples: ["tsalt '*' state.list_disabled"],
    readOnly: true,
    run: async (_, context) => disabledNames(context),
  }),
}
