/** Whether a reaction names what the master has: a mistake there is one of the file, with its place. */
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { checkRunnerCall } from '../runners/call.ts'
import { bindWheel } from '../wheel/call-wheel.ts'
import { callArguments } from './perform.ts'
import type { Reaction } from './reaction.ts'

/** @throws TsaltError `runner-unknown`, `runner-argument`, `wheel-unknown`, `wheel-argument`, with the place */
export function requireCallable(reaction: Reaction): void {
  if (reaction.kind === 'local') return
  const call = { fun: reaction.fun, ...callArguments(reaction) }
  try {
    if (reaction.kind === 'runner') checkRunnerCall(call)
    else bindWheel(call)
  } catch (error) {
    if (!isTsaltError(error)) throw error
    const { code, parameters, hint } = error
    // The same error, at the function in the file.
    throw new TsaltError(code, parameters as never, { place: reaction.place, hint, cause: error })
  }
}
