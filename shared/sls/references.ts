/** What a requisite's list says: `- MODULE: NAME`, or a name alone for any module. */
import type { Place } from '../data/place.ts'
import { placeOfKey, placeOfValue } from '../data/provenance.ts'
import { isDict, isList, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { Argument } from './call.ts'
import { requisiteIns, strictKinds } from './keywords.ts'

export interface Reference {
  /** `file`, `sls`; undefined: any module. */
  readonly state: string | undefined
  readonly name: string
  readonly place: Place | undefined
  /** It was told already what is wrong with it. */
  readonly misread?: true
}

export interface ReferenceAt {
  readonly id: string
  readonly sls: string
  readonly errors: TsaltError[]
}

export function readReferences(argument: Argument, at: ReferenceAt): Reference[] {
  const { value, from, key, name: kind } = argument
  // `require_in:` with nothing below it, as loops over nothing leave it.
  if (value === null && !strictKinds.has(kind)) return []
  // Salt reads this form of the other direction alone.
  if (isDict(value) && requisiteIns.has(kind))
    return [...value].flatMap(([module, name]) =>
      readPair(module, name, placeOfKey(value, module), argument, at),
    )
  if (!isList(value)) {
    refuse(argument, at, 'it is not a list', placeOfKey(from, key))
    return []
  }
  const references: Reference[] = []
  for (const [index, item] of value.entries()) {
    const place = placeOfValue(value, index) ?? placeOfValue(from, key)
    if (typeof item === 'string') references.push({ state: undefined, name: item, place })
    else if (isDict(item) && item.size === 1)
      for (const [module, name] of item) references.push(...readPair(module, name, place, argument, at))
    else refuse(argument, at, 'an entry is neither a name nor a single "MODULE: NAME"', place)
  }
  return references
}

function readPair(
  module: unknown,
  name: Value,
  place: Place | undefined,
  argument: Argument,
  at: ReferenceAt,
): Reference[] {
  const written = String(module)
  if (typeof name !== 'string' && typeof name !== 'number') {
    refuse(argument, at, `what "${written}" names is not text`, place)
    return []
  }
  const told = at.errors.length
  const state = withoutFunction(written, place, argument.name, at)
  const misread = at.errors.length > told ? { misread: true as const } : {}
  return [
    // `id: NAME` is what a name alone means.
    { state: state === 'id' ? undefined : state, name: String(name), place, ...misread },
  ]
}

function withoutFunction(
  written: string,
  place: Place | undefined,
  kind: string,
  { id, sls, errors }: ReferenceAt,
): string {
  const dot = written.indexOf('.')
  const short = dot === -1 ? written : written.slice(0, dot)
  if (short !== written && (strictKinds.has(kind) || requisiteIns.has(kind) || kind.startsWith('use')))
    errors.push(new TsaltError('requisite-dotted', { kind, id, sls, module: written, short }, { place }))
  return short
}

function refuse(
  { name: kind }: Argument,
  { id, sls, errors }: ReferenceAt,
  reason: string,
  place: Place | undefined,
): void {
  errors.push(new TsaltError('requisite-invalid', { kind, id, sls, reason }, { place }))
}
