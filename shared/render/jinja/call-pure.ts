/** Calls a pure function of templates from elsewhere: a command line, a guard given as `fun:`. */
import type { Value } from '../../data/value.ts'
import { TsaltError } from '../../errors/error.ts'
import { HostLog } from '../host-log.ts'
import { hostArgument } from './host-arguments.ts'
import { builtinFilters, builtinTests } from './library.ts'
import { longestTime } from './limits.ts'
import { portsWith } from './ports.ts'
import { Runtime } from './runtime.ts'
import { defaultSettings } from './settings.ts'
import { bounded } from './values/work.ts'
import { PyError } from './values.ts'

/**
 * @param variables pillar, grains, opts
 * @throws TsaltError `function-failed` in the words that a template would fail with
 */
export function callPure(
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  variables: Readonly<Record<string, Value>>,
): Value {
  const ports = portsWith(undefined, variables, undefined, new HostLog(undefined))
  const runtime = new Runtime({
    settings: defaultSettings,
    ports,
    filters: builtinFilters,
    tests: builtinTests,
    reads: undefined,
    variables,
    variablesAreGlobal: true,
    mapped: false,
    globals: new Map(),
    library: new Map(),
    used: { add() {} },
  })
  try {
    return bounded(longestTime, () => hostArgument(ports.salt.call(name, runtime, args, keywords)))
  } catch (error) {
    if (!(error instanceof PyError)) throw error
    throw new TsaltError(
      'function-failed',
      { fun: name, reason: error.message.replace(/\.$/, '') },
      error.hint === undefined ? {} : { hint: error.hint },
    )
  } finally {
    runtime.undo.restore()
  }
}
