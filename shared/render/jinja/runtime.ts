/** What the code of templates calls: one for each rendering. Names are short words, since they stand in made code. */
import { nearest } from '../../data/nearest.ts'
import { failAssign, getAttribute, getItem } from './attributes.ts'
import type { TemplateContext } from './context.ts'
import { escapeHtml } from './escape.ts'
import { isComputed } from './folding.ts'
import type { Unit } from './located.ts'
import { methodOf } from './methods/methods.ts'
import { Loop, Macro, type MacroBody, type TemplateModule } from './objects.ts'
import type { Output } from './output.ts'
import { RuntimeBase } from './runtime-base.ts'
import { type Host, Templates } from './templates.ts'
import {
  type CallContext,
  type FilterFunction,
  iterate,
  Markup,
  Namespace,
  PyCallable,
  PyError,
  type Registry,
  type RuntimeValue,
  str,
  truthy,
  typeName,
  Undefined,
} from './values.ts'

const noKeywords: ReadonlyMap<string, RuntimeValue> = new Map()

export class Runtime extends RuntimeBase implements CallContext {
  readonly templates: Templates

  constructor(host: Host) {
    super(host)
    this.templates = new Templates(host, this)
  }

  /** A name that has no value. */
  miss(context: TemplateContext, name: string): RuntimeValue {
    if (!this.strict) return this.undefined(`'${name}' is undefined`)
    return this.undefined(`'${name}' is undefined`, () => {
      const near = nearest(name, [...context.names(), ...this.templates.globalNames()])
      return near === undefined ? undefined : `Did you mean "${near}"?`
    })
  }

  /** What is asked of constants before the rendering; other failures in them are left to it. */
  early(
    constants: readonly (() => RuntimeValue)[],
    areKeys: boolean,
    _at: number,
    whole?: () => RuntimeValue,
  ): void {
    if (whole !== undefined && isComputed(whole)) return
    for (const compute of constants) {
      let value: RuntimeValue
      try {
        value = compute()
      } catch (error) {
        if (error instanceof PyError) return
        throw error
      }
      if (areKeys) this.dict([value, null], 0)
      else if (value instanceof Undefined) truthy(value)
    }
  }

  // Members

  item(object: RuntimeValue, key: RuntimeValue): RuntimeValue {
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
    _at?: number,
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
    body: MacroBody,
  ): RuntimeValue {
    return new Macro(name, parameters, { caller, kwargs, varargs }, body)
  }

  // Loops and printing

  loop(
    source: RuntimeValue,
    condition: ((item: RuntimeValue) => boolean) | null,
    depth: number,
    again: ((items: RuntimeValue, depth: number) => RuntimeValue) | null,
    _at: number,
  ): Loop {
    return new Loop(source, condition, depth, again)
  }

  unpack(value: RuntimeValue, count: number, _at?: number): readonly RuntimeValue[] {
    const items = iterate(value)
    if (items.length < count)
      throw new PyError(
        'ValueError',
        `not enough values to unpack (expected ${count}, got ${items.length})`,
        'Of a mapping, ".items()" gives keys with their values.',
      )
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
