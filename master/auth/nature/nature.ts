/** What a call is by its nature, whoever asks for it: a look, a change, or root on the machine. */
import { decodeValue, type Json } from '../../../shared/data/codec.ts'
import { toPlain } from '../../../shared/data/value.ts'
import type { Call } from '../access.ts'
import { changingFunctions, dryRunFunctions, lookFunctions } from './plain-functions.ts'
import { changingOnMaster, lookOnMaster } from './plain-on-master.ts'

export type Nature =
  /** @param guarded arguments that only a rule which names them lets through */
  | { readonly kind: 'look' | 'change'; readonly guarded: readonly string[] }
  | { readonly kind: 'root'; readonly because: string }

/** Where a function is called. */
export type Ground = 'job' | 'runner' | 'wheel'

type ValueShape = 'any' | 'word' | 'names'

export interface PlainFunction {
  readonly kind: 'look' | 'change'
  /** It takes whatever it takes. */
  readonly any: boolean
  /** By position, in the order of the function. */
  readonly positional: readonly string[]
  readonly shapes: ReadonlyMap<string, ValueShape>
  readonly guarded: ReadonlySet<string>
}

const entry = /(\w+)\(([^()]*)\)/g
const word = /^[A-Za-z0-9_][\w.+:~@-]*$/

type Table = Readonly<Record<string, string>>

export function readTable(kind: PlainFunction['kind'], table: Table): [string, PlainFunction][] {
  return Object.entries(table).flatMap(([module, text]) =>
    [...text.matchAll(entry)].map(([, name, within]): [string, PlainFunction] => [
      `${module}.${name}`,
      { kind, ...readArguments(within ?? '') },
    ]),
  )
}

function readArguments(text: string): Omit<PlainFunction, 'kind'> {
  const [byPosition = [], byName = [], guarded = []] = text
    .split(';')
    .map((part) => part.split(',').filter((item) => item !== ''))
  const shapes = new Map<string, ValueShape>()
  const nameOf = (item: string): string => {
    const [name = '', shape = 'any'] = item.split(':')
    shapes.set(name, shape as ValueShape)
    return name
  }
  return {
    any: text === '...',
    positional: byPosition.map(nameOf),
    guarded: new Set(guarded.map(nameOf)),
    shapes: new Map(
      [...byName.map(nameOf), ...shapes.keys()].map((name) => [name, shapes.get(name) ?? 'any']),
    ),
  }
}

let tables: Readonly<Record<Ground, ReadonlyMap<string, PlainFunction>>> | undefined

function plainOn(ground: Ground): ReadonlyMap<string, PlainFunction> {
  tables ??= {
    job: new Map([...readTable('look', lookFunctions), ...readTable('change', changingFunctions)]),
    runner: new Map([
      ...readTable('look', lookOnMaster.runner),
      ...readTable('change', changingOnMaster.runner),
    ]),
    wheel: new Map([
      ...readTable('look', lookOnMaster.wheel),
      ...readTable('change', changingOnMaster.wheel),
    ]),
  }
  return tables[ground]
}

export const plainFunction = (ground: Ground, fun: string): PlainFunction | undefined =>
  plainOn(ground).get(fun)

/** Those that are not root. */
export const plainNames = (ground: Ground): readonly string[] => [...plainOn(ground).keys()]

export function natureOf(ground: Ground, { fun, args, kwargs }: Call): Nature {
  const plain = plainFunction(ground, fun)
  const where = ground === 'job' ? 'the minion' : 'the master'
  if (plain === undefined) return { kind: 'root', because: `${fun} is root on ${where} by its nature` }
  if (plain.any) return { kind: plain.kind, guarded: [] }
  const root = (what: string): Nature => ({
    kind: 'root',
    because: `${fun} with ${what} is root on ${where}`,
  })
  if (args.length > plain.positional.length)
    return root(
      plain.positional.length === 0 ? 'arguments' : `more than ${plain.positional.length} by position`,
    )
  const given = [
    ...args.map((value, index): [string, Json] => [plain.positional[index] ?? '', value]),
    ...Object.entries(kwargs),
  ]
  for (const [name, value] of given) {
    const shape = plain.shapes.get(name)
    if (shape === undefined) return root(`the argument "${name.slice(0, 60)}"`)
    if (shape === 'word' && !textsOf(value).every((text) => word.test(text)))
      return root(`a "${name}" that is no plain name`)
  }
  return { kind: plain.kind, guarded: Object.keys(kwargs).filter((name) => plain.guarded.has(name)) }
}

/** Whether nothing is changed: asked for as a dry run, by name. */
export const isDryRun = ({ fun, kwargs }: Call): boolean =>
  dryRunFunctions.has(fun) && Object.hasOwn(kwargs, 'test') && kwargs.test === true

/** The names in a value: parted at commas, out of lists and mappings, keys as well. */
export function textsOf(json: Json): readonly string[] {
  const texts: string[] = []
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk)
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) {
        texts.push(key)
        walk(item)
      }
    else if (value !== null && value !== undefined && typeof value !== 'boolean')
      texts.push(...String(value).split(','))
  }
  walk(plainOf(json))
  return texts
}

/** What nobody can read matches nothing; the job is refused for it later, with a better sentence. */
const unreadable = '\0'

export function plainOf(json: Json): unknown {
  try {
    return toPlain(decodeValue(json))
  } catch {
    return unreadable
  }
}
