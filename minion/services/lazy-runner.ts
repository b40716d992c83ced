/**
 * The state runner, loaded at the first state run: the compiler and all state modules are half of the program, and a
 * minion that only answers pings does without them.
 */
import type { StateRunner } from '../modules/contract.ts'
import type { StateRunnerParts } from '../run/state-runner.ts'

/** @param environment of every run that names none (the option `saltenv`); empty: none */
export function lazyStateRunner(environment: string, parts: StateRunnerParts): StateRunner {
  let loading: Promise<StateRunner> | undefined
  const runner = (): Promise<StateRunner> => {
    loading ??= import('../run/state-runner.ts').then(({ makeStateRunner }) => makeStateRunner(parts))
    return loading
  }
  const usual = environment === '' ? {} : { environment }
  return {
    run: async (request, context) => (await runner()).run({ ...usual, ...request }, context),
    single: async (fun, args, test, context) => (await runner()).single(fun, args, test, context),
    show: async (what, request, context) => (await runner()).show(what, { ...usual, ...request }, context),
  }
}
