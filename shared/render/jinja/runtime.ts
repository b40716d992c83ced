/** What the code of templates calls: one for each rendering. Names are short words, since they stand in made code. */
import { nearest } from '../../data/nearest.ts'
import type { Reads } from '../reads.ts'
import { failAssign, getAttribute, getItem } from './attributes.ts'
import type { TemplateContext } from './context.ts'
import { escapeHtml } from './escape.ts'
import { Budget, deepestCalls } from './limits.ts'
import { Located, TemplateWanted, type Unit } from './located.ts'
import { methodOf } from './methods/methods.ts'
import { bindMacro, Loop, Macro, type TemplateModule } from './objects.ts'
import {
  addValues,
  concatValues,
  divideValues,
  floorDivideValues,
  moduloValues,
  multiplyValues,
  negateValue,
  positiveValue,
  powerValues,
  subtractValues,
} from './operators.ts'
import { type LastText, Output } from './output.ts'
import { Slice } from './slices.ts'
import { type Host, Templates } from './templates.ts'
import { Undo } from './undo.ts'
import {
  type CallContext,
  compareValues,
  containsValue,
  dictSet,
  equalRuntime,
  type FilterFunction,
  iterate,
  Markup,
  Namespace,
  type Ports,
  PyCallable,
  PyError,
  PyFloat,
  PyTuple,
  type Registry,
  type RuntimeDict,
  type RuntimeList,
  type RuntimeValue,
  str,
  truthy,
  typeName,
  Undefined,
} from './values.ts'

const noKeywords: ReadonlyMap<string, RuntimeValue> = new Map()

export class Runtime implements CallContext, LastText {
  last: Output | undefined
  readonly mapped: boolean
  autoescape: boolean
  readonly ports: Ports
  readonly filters: Registry
  readonly tests: Registry
  readonly reads: Reads | undefined
  readonly strict: boolean
  readonly none = noKeywords
  readonly templates: Templates
  readonly undo = new Undo()
  private readonly budget = new Budget()
  private depth = 0
  /** Context of the template at the top: what functions see. */
  main: TemplateContext | undefined

  constructor(host: Host) {
    this.ports = host.ports
    this.filters = host.filters
    this.tests = host.tests
    this.reads = host.reads
    this.mapped = host.mapped
    this.strict = host.settings.strictUndefined
    this.autoescape = host.settings.autoescape
    this.templates = new Templates(host, this)
  }

  // Budget and errors

  step(): void {
    this.budget.spend(1)
  }

  spend(steps: number): void {
    this.budget.spend(steps)
  }

  willChange(container: RuntimeList | RuntimeDict): void {
    this.undo.note(container)
  }

  located(error: unknown, unit: Unit, position: number): unknown {
    if (error instanceof TemplateWanted) return error
    const located = error instanceof Located ? error : new Located(error)
    located.add(unit, position)
    return located
  }

  deeper<Result>(run: () => Result): Result {
    if (this.depth >= deepestCalls)
      throw new PyError('LimitError', `${deepestCalls} calls inside one another`)
    this.depth += 1
    try {
      return run()
    } finally {
      this.depth -= 1
    }
  }

  output(): Output {
    return new Output(this)
  }

  // Values

  tuple(items: RuntimeValue[]): RuntimeValue {
    return new PyTuple(items)
  }

  float(value: number): RuntimeValue {
    return new PyFloat(value)
  }

  dict(parts: readonly RuntimeValue[], _at: number): RuntimeValue {
    const dict: RuntimeDict = new Map()
    for (let index = 0; index < parts.length; index += 2)
      dictSet(dict, parts[index] ?? null, parts[index + 1] ?? null)
    return dict
  }

  slice(start: RuntimeValue, stop: RuntimeValue, step: RuntimeValue): RuntimeValue {
    return new Slice({ start, stop, step })
  }

  markup(text: string): RuntimeValue {
    return this.autoescape ? new Markup(text) : text
  }

  undefined(message: string, hint?: string): Undefined {
    return new Undefined(message, this.strict, hint)
  }

  /** A name that has no value. */
  miss(context: TemplateContext, name: string): RuntimeValue {
    if (!this.strict) return this.undefined(`'${name}' is undefined`)
    const near = nearest(name, [...context.names(), ...this.templates.globalNames()])
    return this.undefined(
      `'${name}' is undefined`,
      near === undefined ? undefined : `Did you mean "${near}"?`,
    )
  }

  noParameter(name: string): RuntimeValue {
    return this.undefined(`parameter '${name}' was not provided`)
  }

  noElse(): RuntimeValue {
    return new Undefined(
      'the inline if-expression evaluated to false and no else section was defined.',
      false,
    )
  }

  refuse(message: string, _at: number): never {
    throw new PyError('TemplateRuntimeError', message)
  }

  variable(name: string): RuntimeValue | undefined {
    return this.main?.get(name)
  }

  // Operators

  truth(value: RuntimeValue, _at: number): boolean {
    return truthy(value)
  }
  add(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return addValues(a, b)
  }
  sub(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return subtractValues(a, b)
  }
  mul(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return multiplyValues(a, b)
  }
  div(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return divideValues(a, b)
  }
  floordiv(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return floorDivideValues(a, b)
  }
  mod(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return moduloValues(a, b)
  }
  pow(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return powerValues(a, b)
  }
  neg(value: RuntimeValue, _at: number): RuntimeValue {
    return negateValue(value)
  }
  pos(value: RuntimeValue, _at: number): RuntimeValue {
    return positiveValue(value)
  }
  concat(items: readonly RuntimeValue[], _at: number): RuntimeValue {
    return concatValues(items, this.autoescape)
  }
  eq(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return equalRuntime(a, b)
  }
  ne(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return !equalRuntime(a, b)
  }
  lt(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return (compareValues(a, b, '<') ?? 1) < 0
  }
  le(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return (compareValues(a, b, '<=') ?? 1) <= 0
  }
  gt(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return (compareValues(a, b, '>') ?? -1) > 0
  }
  ge(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return (compareValues(a, b, '>=') ?? -1) >= 0
  }
  isIn(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return containsValue(b, a)
  }
  notIn(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return !containsValue(b, a)
  }

  // Members

  attr(object: RuntimeValue, name: string, _at: number): RuntimeValue {
    return getAttribute(this, object, name)
  }
  item(object: RuntimeValue, key: RuntimeValue, _at?: number): RuntimeValue {
    return getItem(this, object, key)
  }
  attribute(object: RuntimeValue, name: string): RuntimeValue {
    return getAttribute(this, object, name)
  }
  setAttribute(object: RuntimeValue, name: string, value: RuntimeValue, _at: number): void {
    if (!(object instanceof Namespace)) failAssign()
    object.members.set(name, value)
  }
  whole(name: string, value: RuntimeValue): RuntimeValue {
    this.reads?.whole(name)
    return value
  }
  readKey(name: string, value: RuntimeValue, key: string): RuntimeValue {
    this.reads?.key(name, key)
    return value
  }

  // Calls

  spread(items: RuntimeValue): readonly RuntimeValue[] {
    return iterate(items)
  }

  keywords(
    pairs: readonly (readonly [string, RuntimeValue])[],
    rest?: RuntimeValue,
  ): ReadonlyMap<string, RuntimeValue> {
    const all = new Map(pairs)
    if (rest === undefined) return all
    if (!(rest instanceof Map))
      throw new PyError('TypeError', `argument after ** must be a mapping, not ${typeName(rest)}`)
    for (const [key, value] of rest) {
      if (typeof key !== 'string') throw new PyError('TypeError', 'keywords must be strings')
      if (all.has(key)) throw new PyError('TypeError', `got multiple values for keyword argument '${key}'`)
      all.set(key, value)
    }
    return all
  }

  call(
    callee: RuntimeValue,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue> = noKeywords,
  ): RuntimeValue {
    this.step()
    if (callee instanceof PyCallable) return callee.run(this, args, kwargs)
    if (callee instanceof Loop) {
      const [items] = args
      if (items === undefined || args.length > 1)
        throw new PyError('TypeError', 'loop() takes one argument: the items')
      return this.deeper(() => callee.recurse(items))
    }
    if (callee instanceof Undefined) callee.fail()
    throw new PyError('TypeError', `'${typeName(callee)}' object is not callable`)
  }

  callAt(
    callee: RuntimeValue,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
    _at: number,
  ): RuntimeValue {
    return this.call(callee, args, kwargs)
  }

  method(
    object: RuntimeValue,
    name: string,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
    _at: number,
  ): RuntimeValue {
    const method = methodOf(object, name)
    if (method === undefined) return this.call(getAttribute(this, object, name), args, kwargs)
    this.step()
    return method(this, object, args, kwargs)
  }

  run(
    filter: FilterFunction,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
    _at: number,
  ): RuntimeValue {
    return filter(this, args, kwargs)
  }

  check(
    test: FilterFunction,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
    _at: number,
  ): boolean {
    return truthy(test(this, args, kwargs))
  }

  filter(
    name: string,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue> = noKeywords,
  ): RuntimeValue {
    const run = this.filters.get(name)
    if (run === undefined) throw unknown('filter', name, this.filters)
    return run(this, args, kwargs)
  }

  test(
    name: string,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue> = noKeywords,
  ): boolean {
    const run = this.tests.get(name)
    if (run === undefined) throw unknown('test', name, this.tests)
    return truthy(run(this, args, kwargs))
  }

  macro(
    name: string,
    parameters: readonly string[],
    caller: boolean,
    kwargs: boolean,
    varargs: boolean,
    body: (...values: (RuntimeValue | undefined)[]) => Output,
  ): RuntimeValue {
    const macro: Macro = new Macro(name, parameters, { caller, kwargs, varargs }, (_, args, named) => {
      const output = this.deeper(() => body(...bindMacro(this, macro, args, named)))
      this.last = output
      return this.markup(output.text)
    })
    return macro
  }

  // Loops and printing

  iterate(value: RuntimeValue, _at: number): readonly RuntimeValue[] {
    return iterate(value)
  }

  loop(
    source: RuntimeValue,
    condition: ((item: RuntimeValue) => boolean) | null,
    depth: number,
    again: ((items: RuntimeValue, depth: number) => RuntimeValue) | null,
    _at: number,
  ): Loop {
    return new Loop(source, condition, depth, again)
  }

  unpack(value: RuntimeValue, count: number, _at: number): readonly RuntimeValue[] {
    const items = iterate(value)
    if (items.length < count)
      throw new PyError('ValueError', `not enough values to unpack (expected ${count}, got ${items.length})`)
    if (items.length > count) throw new PyError('ValueError', `too many values to unpack (expected ${count})`)
    return items
  }

  escaped(value: RuntimeValue, _at: number): RuntimeValue {
    if (!this.autoescape || value instanceof Markup) return value
    return escapeHtml(str(value))
  }

  // Other templates

  include(
    output: Output,
    context: TemplateContext,
    unit: Unit,
    name: RuntimeValue,
    ignoreMissing: boolean,
    locals: readonly (RuntimeValue | undefined)[] | null,
    _at: number,
  ): void {
    this.deeper(() => this.templates.include(output, context, unit, { name, ignoreMissing, locals }))
  }

  importModule(
    context: TemplateContext,
    unit: Unit,
    name: RuntimeValue,
    locals: readonly (RuntimeValue | undefined)[] | null,
    _at: number,
  ): TemplateModule {
    return this.deeper(() => this.templates.importModule(context, unit, name, locals))
  }

  member(module: TemplateModule, name: string, _at: number): RuntimeValue {
    const found = module.members.get(name)
    if (found !== undefined) return found
    const near = nearest(name, module.members.keys())
    return this.undefined(
      `the template '${module.name}' does not export the requested name '${name}'`,
      near && `Did you mean "${near}"?`,
    )
  }

  extend(parent: unknown, context: TemplateContext, unit: Unit, name: RuntimeValue, _at: number): unknown {
    if (parent !== undefined) throw new PyError('TemplateRuntimeError', 'extended multiple times')
    return this.templates.extend(context, unit, name)
  }

  renderParent(
    parent: { root: (runtime: Runtime, context: TemplateContext, output: Output) => void },
    context: TemplateContext,
    output: Output,
  ): void {
    context.extended = false
    this.deeper(() => parent.root(this, context, output))
  }

  block(
    context: TemplateContext,
    name: string,
    output: Output,
    locals: readonly (RuntimeValue | undefined)[] | null,
    _at: number,
  ): void {
    this.deeper(() => this.templates.block(context, name, output, locals))
  }

  superBlock(context: TemplateContext, name: string, current: unknown): RuntimeValue {
    return this.templates.superBlock(context, name, current)
  }

  self(context: TemplateContext): RuntimeValue {
    return this.templates.self(context)
  }
}

function unknown(kind: string, name: string, registry: Registry): PyError {
  const near = nearest(name, registry.keys())
  return new PyError('TemplateRuntimeError', `No ${kind} named '${name}'.`, near && `Did you mean "${near}"?`)
}
