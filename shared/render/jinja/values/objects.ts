/** Python's objects that YAML does not have. Nothing of JavaScript can be reached through them: attributes are asked for. */
import type { RuntimeDict, RuntimeList, RuntimeValue } from '../values.ts'
import type { CallContext } from './calls.ts'
import { PyError } from './errors.ts'
import { keysOf, pairsOfDict } from './marked-keys.ts'

/** The base of all: what it does not override does not exist for templates. */
export abstract class PyObject {
  abstract readonly type: string
  /** An attribute as `.name` sees it; undefined: none. */
  attribute(_name: string): RuntimeValue | undefined {
    return undefined
  }
  /** An item as `[key]` sees it; undefined: none. */
  item(_key: RuntimeValue): RuntimeValue | undefined {
    return undefined
  }
  /** All items; undefined: not iterable. */
  items(): readonly RuntimeValue[] | undefined {
    return undefined
  }
  /** What `in` answers; undefined: look among the items. */
  contains(_item: RuntimeValue): boolean | undefined {
    return undefined
  }
  /** undefined: has no length. */
  size(): number | undefined {
    return undefined
  }
  truth(): boolean {
    const size = this.size()
    return size === undefined || size > 0
  }
  repr(_show: (value: RuntimeValue) => string): string {
    return `<${this.type} object>`
  }
  str(show: (value: RuntimeValue) => string): string {
    return this.repr(show)
  }
  /** Names for "did you mean". */
  names(): readonly string[] {
    return []
  }
}

export class PyTuple extends PyObject {
  readonly type = 'tuple'
  readonly values: readonly RuntimeValue[]
  constructor(values: readonly RuntimeValue[]) {
    super()
    this.values = values
  }
  override items(): readonly RuntimeValue[] {
    return this.values
  }
  override size(): number {
    return this.values.length
  }
  override repr(show: (value: RuntimeValue) => string): string {
    const [only] = this.values
    return this.values.length === 1 && only !== undefined
      ? `(${show(only)},)`
      : `(${this.values.map(show).join(', ')})`
  }
}

export type LazyText = string | (() => string)
export type LazyHint = string | (() => string | undefined) | undefined

/** What a missing name or member is. Strict: everything but asking whether it is defined is an error. */
export class Undefined extends PyObject {
  readonly type = 'Undefined'
  private readonly messageOf: LazyText
  private readonly hintOf: LazyHint
  /** False: prints as nothing, is false and empty. */
  readonly strict: boolean
  constructor(message: LazyText, strict: boolean, hint?: LazyHint) {
    super()
    this.messageOf = message
    this.strict = strict
    this.hintOf = hint
  }
  get message(): string {
    return typeof this.messageOf === 'string' ? this.messageOf : this.messageOf()
  }
  get hint(): string | undefined {
    return typeof this.hintOf === 'function' ? this.hintOf() : this.hintOf
  }
  fail(): never {
    throw new PyError('UndefinedError', this.message, this.hint)
  }
  override items(): readonly RuntimeValue[] {
    if (this.strict) this.fail()
    return []
  }
  override size(): number {
    if (this.strict) this.fail()
    return 0
  }
  override truth(): boolean {
    if (this.strict) this.fail()
    return false
  }
  override repr(): string {
    return 'Undefined'
  }
  override str(): string {
    if (this.strict) this.fail()
    return ''
  }
}

/** Text that is marked as safe HTML. Filters may treat it as its text: `textOf`. */
export class Markup extends PyObject {
  readonly type = 'Markup'
  readonly text: string
  constructor(text: string) {
    super()
    this.text = text
  }
  override items(): readonly RuntimeValue[] {
    return [...this.text]
  }
  override size(): number {
    return /[\uD800-\uDBFF]/.test(this.text) ? [...this.text].length : this.text.length
  }
  override repr(show: (value: RuntimeValue) => string): string {
    return `Markup(${show(this.text)})`
  }
  override str(): string {
    return this.text
  }
}

export class PyBytes extends PyObject {
  readonly type = 'bytes'
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    super()
    this.bytes = bytes
  }
  override items(): readonly RuntimeValue[] {
    return [...this.bytes]
  }
  override size(): number {
    return this.bytes.length
  }
  override contains(item: RuntimeValue): boolean | undefined {
    if (item instanceof PyBytes) return Buffer.from(this.bytes).includes(Buffer.from(item.bytes))
    if (typeof item === 'number' || typeof item === 'boolean') return undefined
    if (item instanceof Undefined && item.strict) item.fail()
    throw new PyError(
      'TypeError',
      `a bytes-like object is required, not '${item === null ? 'NoneType' : typeof item}'`,
    )
  }
  override repr(): string {
    const text = [...this.bytes].map(byteText).join('')
    return text.includes("'") && !text.includes('"') ? `b"${text}"` : `b'${text.replaceAll("'", "\\'")}'`
  }
}

function byteText(byte: number): string {
  if (byte === 92) return '\\\\'
  if (byte === 10) return '\\n'
  if (byte === 13) return '\\r'
  if (byte === 9) return '\\t'
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
}

/** A function that templates can call. */
export class PyCallable extends PyObject {
  readonly type: string = 'function'
  readonly name: string
  readonly run: (
    context: CallContext,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
  ) => RuntimeValue
  readonly #shown: string
  /** @param shown what Python calls it, without its address */
  constructor(name: string, run: PyCallable['run'], shown = `function ${name}`) {
    super()
    this.name = name
    this.run = run
    this.#shown = shown
  }
  override repr(): string {
    return `<${this.#shown} at 0x7f0000000000>`
  }
}

/** `namespace(a=1)`: the one object whose attributes can be set. */
export class Namespace extends PyObject {
  readonly type = 'Namespace'
  readonly members: Map<string, RuntimeValue>
  constructor(members: Map<string, RuntimeValue>) {
    super()
    this.members = members
  }
  override attribute(name: string): RuntimeValue | undefined {
    return this.members.get(name)
  }
  override item(key: RuntimeValue): RuntimeValue | undefined {
    return typeof key === 'string' ? this.members.get(key) : undefined
  }
  override names(): readonly string[] {
    return [...this.members.keys()]
  }
  override repr(show: (value: RuntimeValue) => string): string {
    return `<Namespace {${[...this.members].map(([key, value]) => `${show(key)}: ${show(value)}`).join(', ')}}>`
  }
}

export class PyRange extends PyObject {
  readonly type = 'range'
  readonly start: number
  readonly stop: number
  readonly step: number
  constructor(start: number, stop: number, step: number) {
    super()
    this.start = start
    this.stop = stop
    this.step = step
  }
  override size(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step))
  }
  override items(): readonly RuntimeValue[] {
    return Array.from({ length: this.size() }, (_, index) => this.start + index * this.step)
  }
  override item(key: RuntimeValue): RuntimeValue | undefined {
    if (typeof key !== 'number') return undefined
    const at = key < 0 ? key + this.size() : key
    return at >= 0 && at < this.size() ? this.start + at * this.step : undefined
  }
  override repr(): string {
    return this.step === 1
      ? `range(${this.start}, ${this.stop})`
      : `range(${this.start}, ${this.stop}, ${this.step})`
  }
}

/** `d.keys()`, `d.values()`, `d.items()`: follows the dict. */
export class DictView extends PyObject {
  readonly type: 'dict_keys' | 'dict_values' | 'dict_items'
  readonly of: RuntimeDict
  constructor(type: DictView['type'], of: RuntimeDict) {
    super()
    this.type = type
    this.of = of
  }
  override size(): number {
    return this.of.size
  }
  override items(): readonly RuntimeValue[] {
    if (this.type === 'dict_keys') return keysOf(this.of)
    if (this.type === 'dict_values') return [...this.of.values()]
    const pairs: RuntimeList = []
    for (const pair of pairsOfDict(this.of)) pairs.push(new PyTuple(pair))
    return pairs
  }
  override repr(show: (value: RuntimeValue) => string): string {
    return `${this.type}([${this.items().map(show).join(', ')}])`
  }
}

/** A generator: gives its items once. `type` as Python prints it, e.g. `generator`, `zip`, `list_reverseiterator`. */
export class PyIterator extends PyObject {
  readonly type: string
  private readonly source: Iterator<RuntimeValue>
  readonly #shown: string
  /** @param maker the function of Jinja that makes it, where it is a generator */
  constructor(source: Iterable<RuntimeValue>, type = 'generator', maker = '') {
    super()
    this.source = source[Symbol.iterator]()
    this.type = type
    this.#shown = maker === '' ? `${type} object` : `${type} object ${maker}`
  }
  override repr(): string {
    return `<${this.#shown} at 0x7f0000000000>`
  }
  /** The next item; undefined: no more. */
  next(): RuntimeValue | undefined {
    const step = this.source.next()
    return step.done === true ? undefined : step.value
  }
  override items(): readonly RuntimeValue[] {
    const all: RuntimeList = []
    for (let item = this.next(); item !== undefined; item = this.next()) all.push(item)
    return all
  }
  override truth(): boolean {
    return true
  }
}
