/** A mapping or list of YAML that is being read, and the keys that "<<" brings into one. */
import { ListMarks, OffsetMarks, type SourceMap } from '../data/marks.ts'
import type { Place } from '../data/place.ts'
import { isMarkedSecret, placeOfKey } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Key, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'

export interface Frame {
  readonly value: Value[] | Dict
  readonly dict: Dict | undefined
  readonly list: Value[] | undefined
  readonly marks: OffsetMarks | undefined
  readonly listMarks: ListMarks | undefined
  readonly start: number
  readonly flow: boolean
  readonly tag: string | undefined
  readonly anchor: string | undefined
  readonly weightBefore: number
  /** A key that waits for its value. */
  key: Key
  keyAt: number
  keyTag: string | undefined
  hasKey: boolean
  /** The waiting key is `<<`. */
  merging: boolean
  /** Keys that `<<` brought and the mapping does not have itself, with the places where each stands. */
  merged: Map<Key, (Place | undefined)[]> | undefined
}

export interface Opening {
  readonly isMapping: boolean
  readonly start: number
  readonly flow: boolean
  readonly tag: string | undefined
  readonly anchor: string | undefined
  readonly weight: number
}

export function openFrame(source: SourceMap, opening: Opening): Frame {
  const { isMapping, start, flow, tag, anchor, weight } = opening
  const dict: Dict | undefined = isMapping ? new Map() : undefined
  const list: Value[] | undefined = isMapping ? undefined : []
  return {
    value: dict ?? list ?? [],
    dict,
    list,
    marks: isMapping ? new OffsetMarks(source) : undefined,
    listMarks: isMapping ? undefined : new ListMarks(source),
    start,
    flow,
    tag,
    anchor,
    weightBefore: weight,
    key: null,
    keyAt: 0,
    keyTag: undefined,
    hasKey: false,
    merging: false,
    merged: undefined,
  }
}

/** The mappings that `<<` names, in the order in which PyYAML goes through them: those of a list from its end. */
export function mergeSources(value: Value, place: () => Place): Dict[] {
  const sources = isList(value) ? [...value].reverse() : [value]
  return sources.map((source) => {
    if (!isDict(source)) throw new TsaltError('yaml-merge-invalid', {}, { place: place() })
    return source
  })
}

/** Merged keys come first, wherever `<<` stands; a key that two of them have is refused by `refuseClashes`. */
export function mergeInto(frame: Frame, sources: readonly Dict[], at: number): void {
  const { dict, marks } = frame
  if (dict === undefined) return
  frame.merged ??= new Map()
  const { merged } = frame
  const own = [...dict].filter(([key]) => !merged.has(key))
  const ownKeys = new Set(own.map(([key]) => key))
  for (const [key] of own) dict.delete(key)
  for (const source of sources)
    for (const [key, item] of source) {
      if (ownKeys.has(key)) continue
      merged.set(key, [...(merged.get(key) ?? []), placeOfKey(source, key)])
      dict.set(key, item)
      marks?.add(key, at, at)
      if (isMarkedSecret(source, key)) marks?.markSecret(key)
    }
  for (const [key, item] of own) dict.set(key, item)
}

/** @throws TsaltError `yaml-duplicate-key` for a key that two mappings of `<<` bring and that is not written anew */
export function refuseClashes({ merged, start }: Frame, source: SourceMap): void {
  if (merged === undefined) return
  for (const [key, places] of merged) {
    if (places.length < 2) continue
    const related = places
      .slice(0, 2)
      .flatMap((place) => (place === undefined ? [] : [{ note: 'one of those that "<<" brings', place }]))
    const hint =
      'Write the key in the mapping itself to say which value counts, or merge only one of the two.'
    throw new TsaltError(
      'yaml-duplicate-key',
      { key: String(key) },
      { place: source.placeOf(start), related, hint },
    )
  }
}

/**
 * PyYAML reads a key that is not there only behind "?".
 * @param lastEnd where the node before it ends
 * @throws TsaltError `yaml-syntax`
 */
export function refuseEmptyKey(text: string, lastEnd: number, source: SourceMap): void {
  const start = Math.max(0, lastEnd - 2)
  const after = text.slice(start).replace(/(?<=\s)#.*/g, (comment) => ' '.repeat(comment.length))
  const colon = after.search(/[:?]/)
  if (colon === -1 || after.charAt(colon) === '?') return
  const hint = 'If a template made the key, it came out empty; "" is a key as well.'
  const place = source.placeOf(start + colon)
  throw new TsaltError('yaml-syntax', { reason: 'nothing stands before the colon' }, { place, hint })
}
