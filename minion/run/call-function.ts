/** Calls an execution function from within a run: guards given as `fun:`. */
import { type Dict, isList, toValue, traverse, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { bindArguments } from '../jobs/bind-arguments.ts'
import { isAnswer, type ModuleContext } from '../modules/contract.ts'

/**
 * @param call `{fun, args: [], get_return: a:b, …keywords}`
 * @throws TsaltError `function-unknown` or of its arguments
 */
export async function callFunction(
  fun: string,
  call: Dict,
  context: ModuleContext,
): Promise<{ value: Value; retcode: number }> {
  const definition = context.services.functions.find(fun)
  if (!definition) throw new TsaltError('function-unknown', { fun })
  const given = call.get('args') ?? []
  const keywords: Dict = new Map(
    [...call].filter(([key]) => !['fun', 'args', 'get_return'].includes(String(key))),
  )
  const args = bindArguments(fun, definition, isList(given) ? given : [given], keywords)
  const answer = await definition.run(args, context)
  const value = toValue(isAnswer(answer) ? answer.ret : answer)
  const path = call.get('get_return')
  const picked = typeof path === 'string' ? (traverse(value, path) ?? null) : value
  return { value: picked, retcode: isAnswer(answer) ? answer.retcode : 0 }
}
