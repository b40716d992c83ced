/** How templates see Values: ordered mappings and lists behind views that look only at own keys and record reads. */
import { type Dict, isDict, isList, type Key, PyFloat, type Scalar, type Value } from '../../data/value.ts'
import { findKey, type Reads, recordedByKey } from '../reads.ts'

/** Marks that stand in the output for what cannot be printed; found, and turned into an error with a place. */
export const unprintable = { mapping: '\uFDE3', list: '\uFDE4', undefined: '\uFDE5' } as const

/** Under this key an object that Handlebars made of a view and extra variables finds the view again. */
export const baseKey = '\uFDE6'

export type Visible = Exclude<Scalar, PyFloat> | FloatView | ListView | DictView | undefined

export class FloatView extends PyFloat {
  override toString(): string {
    return Math.abs(this.value) < 1e16 && Number.isFinite(this.value)
      ? this.value.toFixed(1)
      : String(this.value)
  }
}

/** Called with each key that a template asks for; undefined: with the whole. */
export type OnRead = (key: string | undefined) => void

export class DictView {
  readonly [baseKey]: DictView
  private readonly dict: Dict
  private readonly onRead: OnRead | undefined
  private readonly wrap: (key: Key, value: Value) => Visible

  constructor(dict: Dict, onRead?: OnRead, wrap: (key: Key, value: Value) => Visible = viewItem) {
    this.dict = dict
    this.onRead = onRead
    this.wrap = wrap
    // Handlebars copies enumerable members when a partial gets extra variables: only the way back may be one.
    for (const name of ['dict', 'onRead', 'wrap']) Object.defineProperty(this, name, { enumerable: false })
    this[baseKey] = this
  }

  get(name: string): Visible {
    const key = this.findKey(name)
    this.onRead?.(name)
    if (key === undefined) return undefined
    return this.wrap(key, this.dict.get(key) ?? null)
  }

  private findKey(name: string): Key | undefined {
    return findKey(this.dict, name)
  }

  has(name: string): boolean {
    const key = this.findKey(name)
    this.onRead?.(name)
    return key !== undefined
  }

  get size(): number {
    this.onRead?.(undefined)
    return this.dict.size
  }

  keys(): string[] {
    this.onRead?.(undefined)
    return [...this.dict.keys()].map(String)
  }

  *entries(): IterableIterator<[Key, Visible]> {
    this.onRead?.(undefined)
    for (const [key, value] of this.dict) yield [key, this.wrap(key, value)]
  }

  original(): Dict {
    this.onRead?.(undefined)
    return this.dict
  }

  toString(): string {
    return unprintable.mapping
  }
}

export class ListView {
  private readonly list: Value[]

  constructor(list: Value[]) {
    this.list = list
  }

  get length(): number {
    return this.list.length
  }

  at(index: number): Visible {
    const value = this.list.at(index)
    return value === undefined ? undefined : viewOf(value)
  }

  original(): Value[] {
    return this.list
  }

  toString(): string {
    return unprintable.list
  }
}

export function viewOf(value: Value): Visible {
  if (isDict(value)) return new DictView(value)
  if (isList(value)) return new ListView(value)
  return value instanceof PyFloat ? new FloatView(value.value) : value
}

const viewItem = (_key: Key, value: Value): Visible => viewOf(value)

/** The outermost scope: variables by name, with what is read of them recorded. */
export function viewVariables(
  variables: Readonly<Record<string, Value>>,
  reads: Reads | undefined,
): DictView {
  const dict: Dict = new Map(Object.entries(variables))
  if (reads === undefined) return new DictView(dict)
  return new DictView(dict, undefined, (key, value) => {
    const name = String(key)
    if (recordedByKey.has(name) && isDict(value))
      return new DictView(value, (read) => (read === undefined ? reads.whole(name) : reads.key(name, read)))
    reads.whole(name)
    return viewOf(value)
  })
}

/** The Value behind what a template sees. undefined: it is not defined. */
export function originalOf(visible: unknown): Value | undefined {
  if (visible instanceof DictView || visible instanceof ListView) return visible.original()
  if (visible instanceof FloatView) return new PyFloat(visible.value)
  if (visible === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof visible))
    return visible as Scalar
  if (typeof visible === 'object' && baseKey in visible) return originalOf(visible[baseKey])
  return undefined
}
