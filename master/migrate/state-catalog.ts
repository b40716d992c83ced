/**
 * What the compiler asks about state functions, answered from the generated catalog. It finds fault with nothing:
 * what tsalt lacks is noted down, so that one unknown function does not hide the rest.
 */
import catalog from '../../docs/schema/catalog.json' with { type: 'json' }
import { nearest } from '../../shared/data/nearest.ts'
import { placeOfKey } from '../../shared/data/provenance.ts'
import { isDict, isList, type Value } from '../../shared/data/value.ts'
import type { StateCatalog } from '../../shared/sls/compiled.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { Findings } from './finding.ts'

interface Shape {
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly Shape[]
  readonly enum?: readonly unknown[]
}

interface FunctionFacts {
  readonly refreshes: boolean
  readonly any: boolean
  /** With `template`, what is no argument is a variable of the template. */
  readonly variables: boolean
  readonly ignored: readonly string[]
  readonly required: readonly string[]
  readonly args: Readonly<Record<string, Shape>>
}

const states = new Map(
  Object.entries(catalog.states as unknown as Record<string, Record<string, FunctionFacts>>).map(
    ([name, functions]) => [name, new Map(Object.entries(functions))],
  ),
)

/** Every execution function of the minion. */
export const executionFunctions: ReadonlySet<string> = new Set(catalog.functions)

/** @param ofTree modules that the tree brings as Python: reported as such, with their functions not looked at */
export function notingCatalog(found: Findings, ofTree: ReadonlySet<string>): StateCatalog {
  return {
    functions(module) {
      const functions = states.get(module)
      return functions && [...functions.keys()]
    },
    modules: () => [...states.keys()],
    check(chunk) {
      note(chunk, found, ofTree)
      return []
    },
    canRefresh: (module, fun) => states.get(module)?.get(fun)?.refreshes ?? false,
  }
}

/** Whether tsalt has the function of a chunk. */
export const isSupported = ({ state, fun }: Pick<LowChunk, 'state' | 'fun'>): boolean =>
  states.get(state)?.has(fun) ?? false

function note(chunk: LowChunk, found: Findings, ofTree: ReadonlySet<string>): void {
  const state = `${chunk.state}.${chunk.fun}`
  const { place } = chunk
  const facts = states.get(chunk.state)?.get(chunk.fun)
  if (facts === undefined) {
    const own = ofTree.has(chunk.state)
    found.add({
      group: 'state',
      subject: state,
      message: own ? `${state} is a Python module of this tree` : `tsalt has no state function ${state}`,
      hint: own ? undefined : stateHint(chunk),
      place,
    })
    return
  }
  for (const [key, value] of chunk.args) {
    const name = String(key)
    if (name === 'name' || facts.any || facts.ignored.includes(name)) continue
    const shape = facts.args[name]
    const at = placeOfKey(chunk.args, key) ?? place
    if (shape === undefined) {
      const isVariable = facts.variables && chunk.args.has('template')
      if (!isVariable || nearest(name, Object.keys(facts.args)) !== undefined)
        found.add(unknownArgument(state, name, Object.keys(facts.args), at))
    } else if (!couldBe(value, shape))
      found.add({
        group: 'compile',
        subject: 'state-argument-invalid',
        message: `${state}: "${name}" cannot be ${isDict(value) ? 'a mapping' : 'a list'}`,
        place: at,
      })
  }
  for (const name of facts.required)
    if (!chunk.args.has(name) && !chunk.globals.has(name))
      found.add({
        group: 'compile',
        subject: 'state-argument-missing',
        message: `${state} needs the argument "${name}"`,
        place,
      })
}

function unknownArgument(state: string, name: string, known: readonly string[], place: LowChunk['place']) {
  const near = nearest(name, known)
  return {
    group: 'argument' as const,
    subject: `${state} ${name}`,
    message: `${state} has no argument "${name}"`,
    hint: near === undefined ? undefined : `Did you mean "${near}"?`,
    place,
  }
}

function stateHint({ state, fun }: LowChunk): string | undefined {
  const functions = states.get(state)
  const near = functions && nearest(fun, [...functions.keys()])
  return near === undefined ? undefined : `Did you mean "${state}.${near}"?`
}

/** Scalars are read in many spellings, so only a mapping or list in the place of a scalar is surely wrong. */
function couldBe(value: Value, shape: Shape): boolean {
  if (shape.enum !== undefined || (shape.type === undefined && shape.anyOf === undefined))
    return shape.enum === undefined || !(isDict(value) || isList(value))
  const wanted = isDict(value) ? 'object' : isList(value) ? 'array' : undefined
  if (wanted === undefined) return true
  return [shape.type ?? []].flat().includes(wanted) || (shape.anyOf ?? []).some((one) => couldBe(value, one))
}
