/** What the compiler of states asks about state functions, answered from the registry. */
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import {
  type ChunkArguments,
  type ParsedArguments,
  parseArguments as parse,
} from '../../shared/run/arguments.ts'
import type { StateCatalog } from '../../shared/sls/compiled.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { StateFunction, StateModule } from './contract.ts'
import { stateModules } from './registry.ts'

/** The function that a chunk calls; undefined where there is none. */
export function findState(module: string, fun: string): StateFunction | undefined {
  const found = moduleOf(module)
  const known = found && Object.hasOwn(found.functions, fun) ? found.functions[fun] : undefined
  return known ?? others?.state(`${module}.${fun}`)
}

/** State functions that are not in the registry: programs of the tree. */
export interface OtherStates {
  state(name: string): StateFunction | undefined
  why(kind: 'states', name: string): string | undefined
}

let others: OtherStates | undefined

/** Once for a process, before anything is compiled. */
export function useOtherStates(given: OtherStates | undefined): void {
  others = given
}

/** @param fun e.g. `file.managed`; @returns arguments for `check`, or all that is wrong with them */
export function parseArguments(fun: string, chunk: ChunkArguments): ParsedArguments {
  const [module = '', name = ''] = fun.split('.')
  const definition = findState(module, name)
  return definition ? parse(definition, chunk) : { ok: false, errors: [unknownState(chunk)] }
}

export const stateCatalog: StateCatalog = {
  functions(module) {
    const found = moduleOf(module)
    return found && Object.keys(found.functions)
  },
  modules: () => Object.keys(stateModules),
  check(chunk: LowChunk) {
    const definition = findState(chunk.state, chunk.fun)
    if (!definition) return [unknownState(chunk)]
    const read = parse(definition, chunk)
    return read.ok ? [] : read.errors
  },
  canRefresh: (module, fun) => findState(module, fun)?.refresh !== undefined,
}

function moduleOf(name: string): StateModule | undefined {
  return Object.hasOwn(stateModules, name) ? stateModules[name] : undefined
}

/** `state-unknown`, with the nearest function of the module, or of all modules where there is no such module. */
export function unknownState(chunk: Pick<LowChunk, 'state' | 'fun' | 'place'>): TsaltError {
  const state = `${chunk.state}.${chunk.fun}`
  return new TsaltError('state-unknown', { state }, { place: chunk.place, hint: stateHint(chunk, state) })
}

function stateHint(chunk: Pick<LowChunk, 'state' | 'fun'>, state: string): string {
  const why = others?.why('states', state)
  if (why !== undefined) return why
  if (chunk.state === 'salt') return 'It is a state of orchestrations: tsalt-run state.orchestrate SLS.'
  const module = moduleOf(chunk.state)
  if (module) {
    const names = Object.keys(module.functions)
    const near = nearest(chunk.fun, names)
    return near ? `Did you mean "${chunk.state}.${near}"?` : `${chunk.state} has: ${names.join(', ')}.`
  }
  const nearModule = nearest(chunk.state, Object.keys(stateModules))
  if (nearModule === undefined) return `State modules: ${Object.keys(stateModules).sort().join(', ')}.`
  if (findState(nearModule, chunk.fun)) return `Did you mean "${nearModule}.${chunk.fun}"?`
  const functions = Object.keys(moduleOf(nearModule)?.functions ?? {}).map((fun) => `${nearModule}.${fun}`)
  const near = nearest(state, functions)
  return near ? `Did you mean "${near}"?` : `${nearModule} has: ${functions.join(', ')}.`
}
