/** What the compiler of states asks about the states of orchestrations. */
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { parseArguments } from '../../shared/run/arguments.ts'
import type { StateCatalog } from '../../shared/sls/compiled.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { OrchestrationFunction } from './contract.ts'
import { orchestrationModules } from './registry.ts'

export interface BoundCall {
  readonly definition: OrchestrationFunction
  readonly args: Parameters<OrchestrationFunction['run']>[0]
}

const functionsOf = (module: string) =>
  Object.hasOwn(orchestrationModules, module) ? orchestrationModules[module] : undefined

function find({ state, fun }: Pick<LowChunk, 'state' | 'fun'>): OrchestrationFunction | undefined {
  const functions = functionsOf(state)
  return functions && Object.hasOwn(functions, fun) ? functions[fun] : undefined
}

/** @throws TsaltError `state-unknown`, `state-argument-…` */
export function bindCall(chunk: LowChunk): BoundCall {
  const definition = find(chunk)
  if (!definition) throw unknownState(chunk)
  const read = parseArguments(definition, chunk)
  if (!read.ok) throw read.errors[0] ?? unknownState(chunk)
  return { definition, args: read.args as BoundCall['args'] }
}

/**
 * @param more what else can be known to be wrong with a chunk whose arguments are right
 * @param amongStates states of minions are no mistake
 */
export const orchestrationCatalog = (
  more: (chunk: LowChunk) => readonly TsaltError[],
  amongStates = false,
): StateCatalog => ({
  functions(module) {
    const functions = functionsOf(module)
    return functions && Object.keys(functions)
  },
  modules: () => Object.keys(orchestrationModules),
  check(chunk) {
    const definition = find(chunk)
    if (!definition) return amongStates && !functionsOf(chunk.state) ? [] : [unknownState(chunk)]
    const read = parseArguments(definition, chunk)
    return read.ok ? more(chunk) : read.errors
  },
  canRefresh: (state, fun) => find({ state, fun })?.refresh !== undefined,
})

function unknownState({ state, fun, place }: Pick<LowChunk, 'state' | 'fun' | 'place'>): TsaltError {
  return new TsaltError('state-unknown', { state: `${state}.${fun}` }, { place, hint: hintFor(state, fun) })
}

const elsewhere =
  'An orchestration changes no machine itself: put this into an SLS and run that on minions with salt.state, or call one function of them with salt.function.'

function hintFor(state: string, fun: string): string {
  const functions = functionsOf(state)
  if (functions) {
    const names = Object.keys(functions)
    const near = nearest(fun, names)
    return near ? `Did you mean "${state}.${near}"?` : `${state} has: ${names.join(', ')}.`
  }
  const near = nearest(state, Object.keys(orchestrationModules))
  return near && functionsOf(near)?.[fun] ? `Did you mean "${near}.${fun}"?` : elsewhere
}
