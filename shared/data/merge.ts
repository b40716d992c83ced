/** Salt's strategies for merging mappings, with marks that remember who won and who lost each key. */
import { aggregate } from './aggregate.ts'
import { BorrowedMarks } from './marks.ts'
import { marksOf, setMarks } from './provenance.ts'
import { type Dict, equalValues, isDict, isList, type Key, type Value } from './value.ts'

export type MergeStrategy = 'smart' | 'recurse' | 'aggregate' | 'overwrite' | 'list' | 'none'

export interface MergeSettings {
  readonly strategy: MergeStrategy
  /** Lists are joined, without what is there already, instead of replaced. */
  readonly mergeLists: boolean
}

/** Merges one mapping after the other; later ones win. What is given is never changed. */
export class Merger {
  private readonly settings: MergeSettings
  /** Mappings made here, with their marks; all others are copied before they change. */
  private readonly own = new Map<Dict, BorrowedMarks>()
  private result: Dict

  constructor(settings: MergeSettings) {
    this.settings = settings
    this.result = this.create()
  }

  add(update: Dict): void {
    if (this.settings.strategy === 'list') this.addAsList(update)
    else if (this.settings.strategy === 'aggregate') this.addAggregated(update)
    else this.merge(this.result, update, this.settings.strategy === 'overwrite')
  }

  finish(): Dict {
    return this.result
  }

  /** The top of a pillar grows with each file, whatever its mark. */
  private addAggregated(update: Dict): void {
    const result = aggregate(this.result, update, 1)
    if (isDict(result)) this.result = result
  }

  private create(): Dict {
    const dict: Dict = new Map()
    const marks = new BorrowedMarks()
    setMarks(dict, marks)
    this.own.set(dict, marks)
    return dict
  }

  private merge(into: Dict, update: Dict, replace: boolean): void {
    const marks = this.own.get(into)
    for (const [key, value] of update) {
      const old = into.get(key)
      const before = old === undefined ? undefined : marks?.loanOf(key)
      if (!replace && isDict(old) && isDict(value)) {
        const target = this.owned(old)
        this.merge(target, value, false)
        into.set(key, target)
        marks?.borrow(key, update, key, before?.lost)
      } else if (!replace && this.settings.mergeLists && isList(old) && isList(value)) {
        into.set(key, joinLists(old, value))
        marks?.borrow(key, update, key, before?.lost)
      } else {
        into.set(key, value)
        marks?.borrow(key, update, key, before && [before])
      }
    }
  }

  /** The mapping itself if it was made here, else a copy that still knows its places. */
  private owned(dict: Dict): Dict {
    if (this.own.has(dict)) return dict
    const copy = this.create()
    const marks = this.own.get(copy)
    for (const [key, value] of dict) {
      copy.set(key, value)
      marks?.borrow(key, dict, key)
    }
    return copy
  }

  private addAsList(update: Dict): void {
    const marks = this.own.get(this.result)
    for (const [key, value] of update) {
      const old = this.result.get(key)
      if (old === undefined) this.result.set(key, value)
      else {
        const both = new BorrowedMarks()
        both.lend(0, marks?.loanOf(key))
        both.borrow(1, update, key)
        const pair = [old, value]
        setMarks(pair, both)
        this.result.set(key, pair)
      }
      marks?.borrow(key, update, key)
    }
  }
}

/** What the second list itself holds twice comes twice: Salt compares with the first alone. */
function joinLists(old: Value[], more: Value[]): Value[] {
  const joined = [...old]
  const marks = new BorrowedMarks()
  for (const index of old.keys()) marks.borrow(index, old, index)
  for (const [index, item] of more.entries()) {
    if (old.some((known) => equalValues(known, item))) continue
    marks.borrow(joined.length, more, index)
    joined.push(item)
  }
  setMarks(joined, marks)
  return joined
}

/** `value` below `a`, `a:b`, …; `from` and `key` know its place. */
export function nest(path: readonly Key[], value: Value, from: Dict): Value {
  return path.reduceRight<Value>((inner, key) => {
    const dict: Dict = new Map([[key, inner]])
    const marks = new BorrowedMarks()
    const [first] = from.keys()
    if (first !== undefined && marksOf(from) !== undefined) marks.borrow(key, from, first)
    setMarks(dict, marks)
    return dict
  }, value)
}
