/**
 * The state runner, loaded at the first state run: the compiler and all state modules are half of the program, and a
 * minion that only answers pings does without them.
 */
import type { StateRunner } from '../modules/contract.ts'
import { RunControls } from '../run/run-control.ts'
import type { StateRunnerParts } from '../run/state-runner.ts'

/** @param environment of every run that names none (the option `saltenv`); empty: none */
export function lazyStateRunner(environment: string, parts: Omit<StateRunnerParts, 'controls'>): StateRunner {
  const controls = new RunControls()
  let loading: Promise<StateRunner> | undefined
  const runner = (): Promise<StateRunner> => {
    loading ??= import('../run/state-runner.ts').then(({ makeStateRunner }) =>
      makeStateRunner({ ...parts, controls }),
    )
    return loading
  }
  const usual = environment === '' ? {} : { environment }
  return {
    run: async (request, context) => (await runner()).run({ ...usual, ...request }, context),
    single: async (fun, args, test, context) => (await runner()).single(fun, args, test, context),
    control: (jid) => controls.find(jid),
    show: async (what, request, context) => (await runner()).show(what, { ...usual, ...request }, context),
  }
}
