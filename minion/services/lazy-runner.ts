/**
 * The state runner, loaded at the first state run: the compiler and all state modules are half of the program, and a
 * minion that only answers pings does without them.
 */
import { layerOptions } from '../../shared/config/load.ts'
import { type MinionOptions, minionOptions } from '../../shared/config/minion-options.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { RunControls } from '../../shared/run/run-control.ts'
import type { StateRequest, StateRunner } from '../modules/contract.ts'
import type { StateRunnerParts } from '../run/state-runner.ts'

type Parts = Omit<StateRunnerParts, 'controls'>

/** @param partsOf is asked again for a run with options of its own (`localconfig=`) */
export function lazyStateRunner(
  options: MinionOptions,
  partsOf: (options: MinionOptions) => Parts,
): StateRunner {
  const controls = new RunControls()
  const make = async (wanted: MinionOptions): Promise<StateRunner> => {
    const { makeStateRunner } = await import('../run/state-runner.ts')
    return makeStateRunner({ ...partsOf(wanted), controls })
  }
  let loading: Promise<StateRunner> | undefined
  const usual = (): Promise<StateRunner> => {
    loading ??= make(options)
    return loading
  }
  const prepare = async (request: StateRequest): Promise<[StateRunner, StateRequest]> => {
    const { localConfig: file } = request
    const own = file === undefined ? options : layerOptions(minionOptions, options, file)
    return [await (file === undefined ? usual() : make(own)), inEnvironment(request, own)]
  }
  return {
    run: async (request, context) => {
      const [runner, wanted] = await prepare(request)
      return runner.run(wanted, context)
    },
    single: async (fun, args, test, context) => (await usual()).single(fun, args, test, context),
    control: (jid) => controls.find(jid),
    show: async (what, request, context) => {
      const [runner, wanted] = await prepare(request)
      return runner.show(what, wanted, context)
    },
  }
}

/** @throws TsaltError `saltenv-locked` */
function inEnvironment(request: StateRequest, { saltenv: own, lock_saltenv }: MinionOptions): StateRequest {
  const { environment } = request
  if (lock_saltenv && environment !== undefined && environment !== own)
    throw new TsaltError('saltenv-locked', { own: own === '' ? 'base' : own, environment })
  return environment === undefined && own !== '' ? { ...request, environment: own } : request
}
