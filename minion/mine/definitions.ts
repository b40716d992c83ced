/** What `mine_functions` names, in all of Salt's forms: a list, a mapping, with lists or mappings of arguments. */
import * as v from 'valibot'
import { encodeValue } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfValue, setMarks } from '../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type MineReaders, mineName } from '../../shared/protocol/messages/mine-put.ts'
import { targetKinds } from '../../shared/targeting/target.ts'

export interface MineDefinition {
  /** Under which it is in the mine. */
  readonly name: string
  /** `module.function` */
  readonly fun: string
  readonly args: readonly Value[]
  readonly kwargs: Dict
  readonly readers?: MineReaders
}

const words: ReadonlySet<unknown> = new Set(['mine_function', 'allow_tgt', 'allow_tgt_type'])

/** What the configuration and the pillar name together; the configuration wins, name by name. */
export function configuredFunctions(config: Dict, pillar: Dict): Dict {
  const merged: Dict = new Map()
  const places = new Map<unknown, Place | undefined>()
  for (const source of [config, pillar]) {
    const functions = source.get('mine_functions') ?? null
    for (const [name, written] of entriesOf(functions)) {
      if (merged.has(name)) continue
      merged.set(name, written)
      places.set(name, isDict(functions) ? placeOfValue(functions, name) : undefined)
    }
  }
  const placeAt = (key: unknown): Place | undefined => places.get(key)
  setMarks(merged, { keyAt: placeAt, valueAt: placeAt })
  return merged
}

/** Equal where the same is configured. */
export const signatureOf = (functions: Dict): string => JSON.stringify(encodeValue(functions))

/** @throws TsaltError `mine-functions-invalid` for the first mistake, with its place where there is one */
export function definitionsOf(functions: Value): MineDefinition[] {
  return entriesOf(functions).map(([name, written]) => definitionOf(name, written, functions))
}

/** @throws TsaltError `mine-functions-invalid` */
export function definitionOf(name: string, written: Value, within?: Value): MineDefinition {
  const place = isDict(within) ? placeOfValue(within, name) : undefined
  const fail = (reason: string, hint?: string): never => {
    throw new TsaltError('mine-functions-invalid', { name, reason }, { place, hint })
  }
  if (!v.is(mineName, name)) fail('a name is at most 128 characters, without blanks and commas')
  const { args, named } = partsOf(written, fail)
  const fun = named.get('mine_function') ?? name
  if (typeof fun !== 'string' || !/^[\w-]+\.[\w-]+$/.test(fun))
    fail(
      named.has('mine_function')
        ? '"mine_function" is not the name of a function'
        : 'it is not the name of a function',
      'A name of your own needs the function beside it: mine_function: network.ip_addrs',
    )
  const readers = readersOf(named, fail)
  const kwargs: Dict = new Map([...named].filter(([key]) => !words.has(key)))
  return { name, fun: String(fun), args, kwargs, ...(readers === undefined ? {} : { readers }) }
}

function entriesOf(functions: Value): [string, Value][] {
  if (functions === null) return []
  if (isDict(functions)) return [...functions].map(([name, written]) => [String(name), written])
  if (!isList(functions))
    throw new TsaltError('mine-functions-invalid', {
      name: 'it',
      reason: 'it is neither a list nor a mapping of functions',
    })
  return functions.flatMap((item) => (isDict(item) ? entriesOf(item) : [[String(item), null]]))
}

function partsOf(written: Value, fail: (reason: string) => void): { args: Value[]; named: Dict } {
  const args: Value[] = []
  const named: Dict = new Map()
  if (isDict(written)) for (const [key, value] of written) named.set(key, value)
  else if (isList(written))
    for (const item of written) {
      if (isDict(item)) for (const [key, value] of item) named.set(key, value)
      else args.push(item)
    }
  else if (written !== null) fail(`"${String(written)}" is neither a list nor a mapping of arguments`)
  return { args, named }
}

function readersOf(
  named: Dict,
  fail: (reason: string, hint?: string) => never | undefined,
): MineReaders | undefined {
  const target = named.get('allow_tgt') ?? null
  const type = named.get('allow_tgt_type') ?? 'glob'
  const kind = targetKinds.find((known) => known === type)
  if (kind === undefined) {
    const near = nearest(String(type), targetKinds)
    const hint = near === undefined ? `There are: ${targetKinds.join(', ')}.` : `Did you mean "${near}"?`
    return fail(`allow_tgt_type: there is no kind of target "${String(type)}"`, hint)
  }
  // As in Salt nothing there means everybody; a number or the like would do so by mistake.
  if (target === null || target === '') return undefined
  if (isList(target) && kind === 'glob') return { kind: 'list', expression: target.map(String).join(',') }
  if (typeof target !== 'string') return fail('allow_tgt is not a target')
  return { kind, expression: target }
}
