/** What states may ask of the minion around them: execution functions, and the file of static grains. */
import { nearest } from '../../shared/data/nearest.ts'
import { type Dict, toValue, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type BoundArguments, bindArguments } from '../jobs/bind-arguments.ts'
import { type ExecFunction, isAnswer, type ModuleContext } from '../modules/contract.ts'
import type { StatePorts } from '../states/contract.ts'

export function statePorts(context: ModuleContext): StatePorts {
  const { functions, grains, tell, schedule, beacons } = context.services
  const bound = (fun: string, args: readonly Value[], keywords: Dict): [ExecFunction, BoundArguments] => {
    const definition = functions.find(fun)
    if (!definition) throw unknownFunction(fun, context)
    if (definition.queued)
      throw new TsaltError('template-call-refused', {
        fun,
        reason: 'it waits for the run that it is part of',
      })
    return [definition, bindArguments(fun, definition, args, keywords)]
  }
  return {
    functions: {
      check: (fun, args, keywords) => void bound(fun, args, keywords),
      async call(fun, args, keywords, act) {
        const [definition, given] = bound(fun, args, keywords)
        const answer = await definition.run(given, { ...context, act, look: act.look })
        const value = toValue(isAnswer(answer) ? answer.ret : answer)
        return { value, retcode: isAnswer(answer) ? answer.retcode : 0 }
      },
    },
    ...(tell && { tell }),
    ...(schedule && { schedule }),
    ...(beacons && { beacons }),
    ...(grains.file === undefined
      ? {}
      : { grains: { file: grains.file, refresh: async () => void (await grains.refresh()) } }),
  }
}

function unknownFunction(fun: string, { services }: ModuleContext): TsaltError {
  const near = nearest(fun, services.functions.names())
  const hint = services.functions.why?.(fun) ?? (near && `Did you mean "${near}"?`)
  return new TsaltError('function-unknown', { fun }, hint === undefined ? {} : { hint })
}
