/** Calls of states from functions, which load a state only when they are called. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { Decision, StateFunction, StateRun } from '../states/contract.ts'
import type { ModuleContext } from './contract.ts'
import { callState, type StateCall } from './state-call.ts'

/** What states know of the run, where a function looks with their eyes. */
export const noRun: StateRun = {
  test: false,
  predicted: [],
  id: '',
  sls: '',
  environment: 'base',
}

/** @param fun of the registry of states: `host.present` */
export async function byState(
  fun: string,
  args: Readonly<Record<string, unknown>>,
  context: ModuleContext,
): Promise<StateCall> {
  const { findState } = await import('../states/catalog.ts')
  const [module = '', name = ''] = fun.split('.')
  const definition = findState(module, name) as StateFunction
  return callState(fun, definition, args, context)
}

/** @throws TsaltError `function-failed` where it is a decision: it could not be looked at */
export function found<Thing extends { readonly kind: string }>(
  fun: string,
  answer: Thing | Decision,
): Exclude<Thing, Decision> {
  if (answer.kind === 'failed' || answer.kind === 'unknown')
    throw new TsaltError('function-failed', {
      fun,
      reason: 'reason' in answer ? String(answer.reason) : 'comment' in answer ? String(answer.comment) : '',
    })
  return answer as Exclude<Thing, Decision>
}
