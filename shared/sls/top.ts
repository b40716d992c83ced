/** Top files: which SLS of which environment a minion gets. The same for states and for pillars. */
import type { Place } from '../data/place.ts'
import { placeOfKey, placeOfValue } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { CompileSettings } from './compiled.ts'
import { compileTopMatch, type TopSubject } from './top-match.ts'

/** One line of a target's list: an SLS name with where it is written. */
export interface TopEntry {
  readonly sls: string
  readonly environment: string
  readonly place: Place | undefined
  /** `ignore_missing: True` stands in the same list. */
  readonly ignoreMissing: boolean
  /** Every way by which a minion came to it: the targets that all had to mean it. */
  readonly chosenBy?: (readonly TopTarget[])[]
}

export interface TopTarget {
  readonly expression: string
  readonly type: string | undefined
  /** In their order; a target is a `subfilter`, for those who are meant by both. */
  readonly entries: readonly (TopEntry | TopTarget)[]
  readonly order: number
  readonly place: Place | undefined
}

/** Environment → target → what it gets, of one top file. */
export type TopFile = ReadonlyMap<string, ReadonlyMap<string, TopTarget>>

/** @param value what a top file rendered to; mistakes go to `errors` */
export function readTop(value: Value, environment: string, errors: TsaltError[]): TopFile {
  const top = new Map<string, Map<string, TopTarget>>()
  if (value === null) return top
  if (!isDict(value)) {
    invalidTop({ environment, errors }, 'it is not a mapping', undefined)
    return top
  }
  for (const [section, targets] of value) {
    if (section === 'include') continue
    const place = placeOfKey(value, section)
    if (!isDict(targets)) {
      invalidTop({ environment, errors }, `"${section}" is not a mapping of targets`, place)
      continue
    }
    top.set(String(section), readTargets(targets, { environment, section: String(section), errors }))
  }
  return top
}

interface SectionAt {
  readonly environment: string
  readonly section: string
  readonly errors: TsaltError[]
}

interface TargetAt extends SectionAt {
  readonly targets: Dict
  readonly expression: string
}

function readTargets(targets: Dict, at: SectionAt): Map<string, TopTarget> {
  const read = new Map<string, TopTarget>()
  for (const [key, list] of targets) {
    const expression = String(key)
    const target = readTarget(list, placeOfKey(targets, key), { ...at, targets, expression })
    if (target) read.set(expression, target)
  }
  return read
}

/** What stands in a target's list beside its SLS. */
interface TargetOptions {
  type: string | undefined
  order: number
  ignoreMissing: boolean
}

function readTarget(list: Value, place: Place | undefined, at: TargetAt): TopTarget | undefined {
  const { expression } = at
  // `'*': name` instead of a list of one.
  const items = typeof list === 'string' ? [list] : list
  if (!isList(items)) return invalidTop(at, `what "${expression}" gets is not a list`, place)
  const options: TargetOptions = { type: undefined, order: 0, ignoreMissing: false }
  const found: (Omit<TopEntry, 'ignoreMissing'> | TopTarget)[] = []
  for (const [index, item] of items.entries()) {
    const itemPlace = placeOfValue(items, index) ?? place
    if (isDict(item)) found.push(...readOptions(item, options, itemPlace, at))
    else if (item === null || isList(item) || item === '') invalidItem(at, itemPlace)
    else found.push({ sls: String(item), environment: at.section, place: itemPlace })
  }
  const entries = found.map((entry) =>
    'entries' in entry ? entry : { ...entry, ignoreMissing: options.ignoreMissing },
  )
  return { expression, type: options.type, entries, order: options.order, place }
}

/** `match: TYPE`, `order: N`, `ignore_missing: True`, `subfilter: {TARGET: […]}` or `ENVIRONMENT: SLS`. */
function readOptions(
  item: Dict,
  options: TargetOptions,
  place: Place | undefined,
  at: TargetAt,
): (Omit<TopEntry, 'ignoreMissing'> | TopTarget)[] {
  const found: (Omit<TopEntry, 'ignoreMissing'> | TopTarget)[] = []
  for (const [key, value] of item) {
    if (key === 'match') options.type = String(value)
    else if (key === 'order') options.order = Number(value) || 0
    else if (key === 'ignore_missing') options.ignoreMissing = value === true
    else if (key === 'subfilter' && isDict(value)) found.push(...readTargets(value, at).values())
    else if (typeof value === 'string' && value !== '')
      found.push({ sls: value, environment: String(key), place })
    else invalidItem(at, place)
  }
  return found
}

function invalidItem(at: TargetAt, place: Place | undefined): void {
  invalidTop(at, `an entry of "${at.expression}" is neither an SLS name nor "match: TYPE"`, place)
}

function invalidTop(
  { environment, errors }: Pick<SectionAt, 'environment' | 'errors'>,
  reason: string,
  place: Place | undefined,
): undefined {
  errors.push(new TsaltError('top-invalid', { environment, reason }, { place }))
}

/**
 * What the top files of several environments say together (salt-semantics.md 5.8).
 * @param tops by environment, in their order
 */
export function mergeTops(tops: ReadonlyMap<string, TopFile>, settings: CompileSettings): TopFile {
  if (settings.topMerging === 'same') return mergeSame(tops, settings.defaultTop)
  if (settings.topMerging === 'merge_all') return mergeAll(tops)
  // The one of base speaks for every environment that it names; the others only for their own.
  const merged = new Map(tops.get('base'))
  for (const [environment, top] of tops) {
    const own = top.get(environment)
    if (own !== undefined && !merged.has(environment)) merged.set(environment, own)
  }
  return merged
}

function mergeAll(tops: ReadonlyMap<string, TopFile>): TopFile {
  const merged = new Map<string, ReadonlyMap<string, TopTarget>>()
  for (const top of tops.values())
    for (const [section, targets] of top) merged.set(section, uniteTargets(merged.get(section), targets))
  return merged
}

function uniteTargets(
  known: ReadonlyMap<string, TopTarget> | undefined,
  targets: ReadonlyMap<string, TopTarget>,
): Map<string, TopTarget> {
  const united = new Map(known)
  for (const [expression, target] of targets) {
    const other = united.get(expression)
    united.set(
      expression,
      other === undefined
        ? target
        : { ...target, type: target.type ?? other.type, entries: [...other.entries, ...target.entries] },
    )
  }
  return united
}

function mergeSame(tops: ReadonlyMap<string, TopFile>, defaultTop: string): TopFile {
  const merged = new Map<string, ReadonlyMap<string, TopTarget>>()
  for (const [environment, top] of tops) {
    const own = top.size > 0 ? top : tops.get(defaultTop)
    const targets = own?.get(environment)
    if (targets !== undefined) merged.set(environment, targets)
  }
  return merged
}

export interface TopMatching {
  readonly subject: TopSubject
  /** Only this section. */
  readonly environment: string | undefined
  readonly nodegroups: Dict | undefined
  readonly errors: TsaltError[]
}

/** What of a merged top file is meant for one minion: environment → entries, each SLS once, in their order. */
export function matchTop(top: TopFile, matching: TopMatching): Map<string, TopEntry[]> {
  const matched = new Map<string, Map<string, TopEntry>>()
  for (const [section, targets] of top) {
    if (matching.environment !== undefined && section !== matching.environment) continue
    const sorted = [...targets.values()].sort((a, b) => a.order - b.order)
    for (const target of sorted) addTarget(matched, target, matching)
  }
  return new Map([...matched].map(([environment, entries]) => [environment, [...entries.values()]]))
}

function addTarget(
  matched: Map<string, Map<string, TopEntry>>,
  target: TopTarget,
  matching: TopMatching,
  outer: readonly TopTarget[] = [],
): void {
  if (!isMeant(target, matching)) return
  const targets = [...outer, target]
  for (const entry of target.entries) {
    if ('entries' in entry) {
      addTarget(matched, entry, matching, targets)
      continue
    }
    const entries = matched.get(entry.environment) ?? new Map<string, TopEntry>()
    matched.set(entry.environment, entries)
    const known = entries.get(entry.sls)
    if (known === undefined) entries.set(entry.sls, { ...entry, chosenBy: [targets] })
    else known.chosenBy?.push(targets)
  }
}

function isMeant(
  { expression, type, place }: TopTarget,
  { subject, nodegroups, errors }: TopMatching,
): boolean {
  try {
    return compileTopMatch({ expression, type, nodegroups, place })(subject)
  } catch (error) {
    if (!isTsaltError(error)) throw error
    errors.push(error)
    return false
  }
}
