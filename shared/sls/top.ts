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
}

export interface TopTarget {
  readonly expression: string
  readonly type: string | undefined
  readonly entries: readonly TopEntry[]
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
    errors.push(new TsaltError('top-invalid', { environment, reason: 'it is not a mapping' }))
    return top
  }
  for (const [section, targets] of value) {
    if (section === 'include') continue
    const place = placeOfKey(value, section)
    if (!isDict(targets)) {
      const reason = `"${section}" is not a mapping of targets`
      errors.push(new TsaltError('top-invalid', { environment, reason }, { place }))
      continue
    }
    const read = new Map<string, TopTarget>()
    for (const [expression, list] of targets) {
      const target = readTarget(String(expression), list, {
        environment,
        section: String(section),
        targets,
        errors,
      })
      if (target) read.set(target.expression, target)
    }
    top.set(String(section), read)
  }
  return top
}

interface TargetAt {
  readonly environment: string
  readonly section: string
  readonly targets: Dict
  readonly errors: TsaltError[]
}

function readTarget(expression: string, list: Value, at: TargetAt): TopTarget | undefined {
  const place = placeOfKey(at.targets, expression)
  // `'*': name` instead of a list of one.
  const items = typeof list === 'string' ? [list] : list
  if (!isList(items)) {
    const reason = `what "${expression}" gets is not a list`
    at.errors.push(new TsaltError('top-invalid', { environment: at.environment, reason }, { place }))
    return undefined
  }
  let type: string | undefined
  let order = 0
  let ignoreMissing = false
  const found: Omit<TopEntry, 'ignoreMissing'>[] = []
  for (const [index, item] of items.entries()) {
    const itemPlace = placeOfValue(items, index) ?? placeOfValue(at.targets, expression)
    if (typeof item === 'string') {
      found.push({ sls: item, environment: at.section, place: itemPlace })
    } else if (isDict(item)) {
      for (const [key, value] of item) {
        if (key === 'match') type = String(value)
        else if (key === 'order') order = Number(value) || 0
        else if (key === 'ignore_missing') ignoreMissing = value === true
        else if (typeof value === 'string')
          found.push({ sls: value, environment: String(key), place: itemPlace })
        else invalidItem(itemPlace)
      }
    } else if (item !== null && !isList(item)) {
      found.push({ sls: String(item), environment: at.section, place: itemPlace })
    } else invalidItem(itemPlace)
  }
  const entries = found.map((entry) => ({ ...entry, ignoreMissing }))
  return { expression, type, entries, order, place }

  function invalidItem(where: Place | undefined): void {
    const reason = `an entry of "${expression}" is neither an SLS name nor "match: TYPE"`
    at.errors.push(new TsaltError('top-invalid', { environment: at.environment, reason }, { place: where }))
  }
}

/**
 * What the top files of several environments say together (salt-semantics.md 5.8).
 * @param tops by environment, in their order
 */
export function mergeTops(tops: ReadonlyMap<string, TopFile>, settings: CompileSettings): TopFile {
  if (settings.topMerging === 'same') return mergeSame(tops, settings.defaultTop)
  const merged = new Map<string, Map<string, TopTarget>>()
  for (const [environment, top] of tops) {
    for (const [section, targets] of top) {
      const known = merged.get(section)
      if (settings.topMerging === 'merge_all') {
        merged.set(section, uniteTargets(known, targets))
      } else if (environment === 'base' || (section === environment && known === undefined)) {
        merged.set(section, new Map(targets))
      }
    }
  }
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

/** What of a merged top file is meant for one minion: environment → entries, each SLS once, in their order. */
export function matchTop(
  top: TopFile,
  subject: TopSubject,
  environment: string | undefined,
  errors: TsaltError[],
): Map<string, TopEntry[]> {
  const matched = new Map<string, TopEntry[]>()
  for (const [section, targets] of top) {
    if (environment !== undefined && section !== environment) continue
    const sorted = [...targets.values()].sort((a, b) => a.order - b.order)
    for (const target of sorted) {
      try {
        if (!compileTopMatch(target.expression, target.type, target.place)(subject)) continue
      } catch (error) {
        if (!isTsaltError(error)) throw error
        errors.push(error)
        continue
      }
      for (const entry of target.entries) add(matched, entry)
    }
  }
  return matched
}

function add(matched: Map<string, TopEntry[]>, entry: TopEntry): void {
  const entries = matched.get(entry.environment)
  if (entries === undefined) matched.set(entry.environment, [entry])
  else if (!entries.some(({ sls }) => sls === entry.sls)) entries.push(entry)
}
