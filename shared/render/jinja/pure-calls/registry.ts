/** Execution functions that only read data which the template has anyway: pillar, grains, configuration. */
import type { Value } from '../../../data/value.ts'
import type { Reads } from '../../reads.ts'
import { saltCalls } from '../salt-calls/registry.ts'
import type { CallContext, RuntimeValue } from '../values.ts'
import { dataFunctions } from './data.ts'

export interface PureCall {
  readonly context: CallContext
  readonly variables: Readonly<Record<string, Value>>
  readonly reads: Reads | undefined
}

export type PureFunction = (
  call: PureCall,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
) => RuntimeValue

export const pureFunctions: ReadonlyMap<string, PureFunction> = new Map([
  ...dataFunctions,
  // Judged by recorded answers of Salt.
  ...saltCalls,
])
