/** Calls become drafts of chunks: one for each name, with its own arguments and order number. */
import type { Place } from '../data/place.ts'
import { placeOfValue } from '../data/provenance.ts'
import { equalValues, isDict, isList, PyFloat, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { type Argument, type Call, named, readArguments } from './call.ts'
import type { Declaration } from './document.ts'
import type { Declarations } from './extend.ts'
import { listRequisites } from './keywords.ts'
import type { CompileWarning } from './low.ts'

export interface Draft {
  readonly declaration: Declaration
  readonly call: Call
  readonly fun: string
  readonly name: string
  /** Where the name is written; undefined: it is the ID. */
  readonly namePlace: Place | undefined
  /** By name, later ones have won. Requisites are beside. */
  readonly args: ReadonlyMap<string, Argument>
  readonly requisites: readonly Argument[]
  /** As given, or automatic; undefined: an extension added the call. */
  readonly order: number | 'first' | 'last' | undefined
  /** From 1 among the names of its ID; 0 without `names`. */
  readonly nameOrder: number
}

export function draftChunks(all: Declarations, errors: TsaltError[], warnings: CompileWarning[]): Draft[] {
  const drafts: Draft[] = []
  for (const declaration of all.values()) {
    for (const call of declaration.calls) {
      // Salt's name for the function of a call that has none; an error was made of it.
      const fun = call.functions[0] ?? (call.added === true ? undefined : '__call__')
      if (fun !== undefined) draftCall(declaration, call, fun, { drafts, errors, warnings })
    }
  }
  return drafts
}

interface Drafting {
  readonly drafts: Draft[]
  readonly errors: TsaltError[]
  readonly warnings: CompileWarning[]
}

function draftCall(declaration: Declaration, call: Call, fun: string, into: Drafting): void {
  const names = named(call.args, 'names') ? call.args.find(({ name }) => name === 'names') : undefined
  const calling = { declaration, call, fun }
  if (names === undefined) {
    into.drafts.push(settle(calling, call.args, undefined, into))
    return
  }
  const own = call.args.filter(({ name }) => name !== 'names')
  let nameOrder = 0
  for (const entry of readNames(names, declaration, into.errors)) {
    // A requisite of one name stands in place of that of its ID.
    const replaced = new Set(entry.args.map(({ name }) => name))
    const kept = replaced.size === 0 ? own : own.filter(({ name }) => !replaced.has(name))
    nameOrder += 1
    into.drafts.push(settle(calling, [...kept, ...entry.args], { ...entry, nameOrder }, into))
  }
}

interface NameEntry {
  readonly name: string
  readonly place: Place | undefined
  readonly args: readonly Argument[]
}

function readNames(argument: Argument, { id, sls, place }: Declaration, errors: TsaltError[]): NameEntry[] {
  const wrong = (reason: string, at: Place | undefined, hint: string): undefined => {
    errors.push(new TsaltError('sls-argument-invalid', { id, sls, reason }, { place: at, hint }))
  }
  if (!isList(argument.value)) {
    wrong(
      '"names" is not a list',
      placeOfValue(argument.from, argument.key),
      'Write "- NAME" below it for each.',
    )
    return []
  }
  const list = argument.value
  const entries: NameEntry[] = []
  const plain = new Set<string>()
  const withArguments: Value[] = []
  for (const [index, item] of list.entries()) {
    // One that stands there twice counts once.
    if (typeof item === 'string') {
      if (plain.has(item)) continue
      plain.add(item)
    } else if (withArguments.some((other) => equalValues(other, item))) continue
    else withArguments.push(item)
    const at = placeOfValue(list, index)
    const only = isDict(item) && item.size === 1 ? [...item][0] : undefined
    if (typeof item === 'string') entries.push({ name: item, place: at, args: [] })
    else if (only !== undefined && isList(only[1])) {
      const name = String(only[0])
      entries.push({
        name,
        place: at,
        args: readArguments(only[1], undefined, name, { id, sls, errors, place }),
      })
    } else {
      const hint = 'Write "- NAME", or "- NAME:" and below it its own arguments as a list ("- mode: 644").'
      wrong('an entry of "names" is neither text nor "NAME:" with a list of arguments', at, hint)
    }
  }
  return entries
}

type Calling = Pick<Draft, 'declaration' | 'call' | 'fun'>
const noRequisites: readonly Argument[] = []

function settle(
  { declaration, call, fun }: Calling,
  given: readonly Argument[],
  entry: (Pick<NameEntry, 'name' | 'place'> & { readonly nameOrder: number }) | undefined,
  into: Drafting,
): Draft {
  const args = new Map<string, Argument>()
  let requisites: Argument[] | undefined
  for (let index = 0; index < given.length; index++) {
    const argument = given[index] as Argument
    if (listRequisites.has(argument.name)) {
      requisites ??= []
      requisites.push(argument)
    } else args.set(argument.name, argument)
  }
  const order = args.get('order')
  const name = args.get('name')
  if (order !== undefined) args.delete('order')
  if (name !== undefined) args.delete('name')
  return {
    declaration,
    call,
    fun,
    name: entry?.name ?? readName(name, declaration, into.warnings),
    namePlace: entry?.place ?? (name && placeOfValue(name.from, name.key)),
    args,
    requisites: requisites ?? noRequisites,
    nameOrder: entry?.nameOrder ?? 0,
    order: order === undefined ? undefined : readOrder(order, declaration, into.errors),
  }
}

/** As in Salt, a name that is not text is none. */
function readName(
  argument: Argument | undefined,
  { id, sls }: Declaration,
  warnings: CompileWarning[],
): string {
  if (argument === undefined || argument.value === null) return id
  if (typeof argument.value === 'string') return argument.value
  const place = placeOfValue(argument.from, argument.key)
  const where = place === undefined ? '' : ` (${place.file}:${place.line})`
  warnings.push({
    id,
    text: `The name of ID "${id}" in SLS "${sls}"${where} is not text, so the ID stands for it. Put it in quotes, or use "names" for several.`,
  })
  return id
}

function readOrder(argument: Argument, { id, sls }: Declaration, errors: TsaltError[]): Draft['order'] {
  const { value } = argument
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (value instanceof PyFloat) return value.value
  if (value === 'first' || value === 'last') return value
  const place = placeOfValue(argument.from, argument.key)
  errors.push(new TsaltError('sls-order-invalid', { id, sls, order: printed(value) }, { place }))
  return undefined
}

const printed = (value: Value): string => (isList(value) || isDict(value) ? 'given' : `"${String(value)}"`)
