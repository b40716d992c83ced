/** Templates that reach for one another: include, import, extends, blocks; names are relative to the roots. */
import type { Value } from '../../data/value.ts'
import { templateVariables } from '../path-variables.ts'
import type { Reads } from '../reads.ts'
import { type Block, TemplateContext } from './context.ts'
import { TemplateWanted, type Unit } from './located.ts'
import { resolveName } from './names.ts'
import { TemplateModule } from './objects.ts'
import type { Output } from './output.ts'
import type { Runtime } from './runtime.ts'
import type { JinjaSettings } from './settings.ts'
import {
  Markup,
  type Ports,
  PyCallable,
  PyError,
  PyObject,
  type Registry,
  type RuntimeValue,
  repr,
  sequenceOf,
  textOf,
  truthy,
  typeName,
  Undefined,
} from './values.ts'

/** A template that is ready to run. */
export interface Compiled {
  readonly unit: Unit
  readonly root: (runtime: Runtime, context: TemplateContext, output: Output) => void
  readonly blocks: ReadonlyMap<string, Block>
}

/** Functions and objects that every template sees. */
export interface Globals {
  get(name: string): RuntimeValue | undefined
  keys(): Iterable<string>
}

/** What a rendering gets from outside. */
export interface Host {
  readonly settings: JinjaSettings
  readonly ports: Ports
  readonly filters: Registry
  readonly tests: Registry
  readonly reads: Reads | undefined
  readonly variables: Readonly<Record<string, Value>>
  readonly variablesAreGlobal: boolean
  /** Positions of the output are asked for. */
  readonly mapped: boolean
  readonly globals: Globals
  /** Templates by name: null is one that does not exist, undefined one that was not looked for. */
  readonly library: ReadonlyMap<string, Compiled | null>
  /** Gets every template that is used beside the main one. */
  readonly used: { add(unit: Unit): void }
}

type Locals = readonly (RuntimeValue | undefined)[] | null

export class Templates {
  private readonly host: Host
  private readonly runtime: Runtime
  private modules: Map<string, TemplateModule> | undefined

  constructor(host: Host, runtime: Runtime) {
    this.host = host
    this.runtime = runtime
  }

  /** Variables of the rendering, then Jinja's own. */
  readonly global = (name: string): RuntimeValue | undefined => {
    const { variables, globals, reads, variablesAreGlobal } = this.host
    if (variablesAreGlobal && Object.hasOwn(variables, name)) {
      if (reads !== undefined && !recordedApart.has(name)) reads.whole(name)
      return variables[name]
    }
    return globals.get(name)
  }

  globalNames(): string[] {
    return [...Object.keys(this.host.variables), ...this.host.globals.keys()]
  }

  renderMain(main: Compiled, output: Output): void {
    const { variables, variablesAreGlobal } = this.host
    const handed = variablesAreGlobal ? undefined : new Map<string, RuntimeValue>(Object.entries(variables))
    const context = this.contextOf(main, undefined, noVariables, handed)
    this.runtime.main = context
    this.start(main, context, output)
  }

  private start(template: Compiled, context: TemplateContext, output: Output): void {
    if (context !== this.runtime.main) this.host.used.add(template.unit)
    if (template.blocks.size > 0)
      for (const [name, block] of template.blocks) context.blocks.set(name, [block])
    template.root(this.runtime, context, output)
  }

  /**
   * @param outer whose variables it sees, those of the file too: Salt keeps them in the context that is handed on
   * @param file variables of the file; the main template has them among its variables
   */
  private contextOf(
    template: Compiled,
    outer: TemplateContext | undefined,
    file = outer?.file ?? fileVariables(template.unit.name),
    locals?: ReadonlyMap<string, RuntimeValue>,
  ): TemplateContext {
    return new TemplateContext(this.global, file, locals, outer)
  }

  /** @returns undefined where it does not exist */
  private find(unit: Unit, name: RuntimeValue): Compiled | undefined {
    const path = resolveName(nameText(name), unit.name)
    const found = this.host.library.get(path)
    if (found === undefined) throw new TemplateWanted(path)
    return found ?? undefined
  }

  /** The first that exists of one name or a list of them. */
  private choose(unit: Unit, name: RuntimeValue): Compiled | undefined {
    const list = sequenceOf(name)
    if (list === undefined) return isEmptyName(name) ? undefined : this.find(unit, name)
    for (const one of list) {
      const found = this.find(unit, one)
      if (found !== undefined) return found
    }
    return undefined
  }

  private need(unit: Unit, name: RuntimeValue): Compiled {
    const found = this.choose(unit, name)
    if (found === undefined) throw notFound(name)
    return found
  }

  include(
    output: Output,
    context: TemplateContext,
    unit: Unit,
    wanted: { name: RuntimeValue; ignoreMissing: boolean; locals: Locals },
  ): void {
    const found = this.choose(unit, wanted.name)
    if (found === undefined) {
      if (wanted.ignoreMissing) return
      throw notFound(wanted.name)
    }
    const inner =
      wanted.locals === null
        ? this.contextOf(found, undefined)
        : this.contextOf(found, context, undefined, localsMap(wanted.locals))
    this.start(found, inner, output)
  }

  importModule(context: TemplateContext, unit: Unit, name: RuntimeValue, locals: Locals): TemplateModule {
    const found = this.need(unit, name)
    const known = locals === null ? this.modules?.get(found.unit.name) : undefined
    if (known !== undefined) return known
    const inner =
      locals === null
        ? this.contextOf(found, undefined)
        : this.contextOf(found, context, undefined, localsMap(locals))
    const output = this.runtime.output()
    this.start(found, inner, output)
    const module = new TemplateModule(found.unit.name, inner.exports(), output)
    if (locals === null) {
      this.modules ??= new Map()
      this.modules.set(found.unit.name, module)
    }
    return module
  }

  extend(context: TemplateContext, unit: Unit, name: RuntimeValue): Compiled {
    const parent = this.need(unit, name)
    this.host.used.add(parent.unit)
    for (const [block, code] of parent.blocks) {
      const known = context.blocks.get(block)
      if (known === undefined) context.blocks.set(block, [code])
      else known.push(code)
    }
    context.extended = true
    return parent
  }

  block(context: TemplateContext, name: string, output: Output, locals: Locals): void {
    const [block] = context.blocks.get(name) ?? []
    if (block === undefined) throw new PyError('TemplateRuntimeError', `block '${name}' is not defined`)
    if (block.required) throw new PyError('TemplateRuntimeError', `Required block '${name}' not found`)
    block.run(this.runtime, locals === null ? context : context.derived(localsMap(locals)), output)
  }

  superBlock(context: TemplateContext, name: string, current: unknown): RuntimeValue {
    const list = context.blocks.get(name) ?? []
    const at = list.findIndex((block) => block.run === current)
    if (at === -1 || at + 1 >= list.length)
      return this.runtime.undefined(`there is no parent block called '${name}'.`)
    return new BlockReference(this.runtime, context, list, at + 1)
  }

  self(context: TemplateContext): RuntimeValue {
    return new SelfReference(this.runtime, context)
  }
}

const noVariables: ReadonlyMap<string, RuntimeValue> = new Map()

const recordedApart = new Set(['grains', 'pillar', 'opts'])

/** `super()` and `self.name()`; `super.super()` goes one further. */
class BlockReference extends PyCallable {
  private readonly runtime: Runtime
  private readonly context: TemplateContext
  private readonly list: readonly Block[]
  private readonly at: number

  constructor(runtime: Runtime, context: TemplateContext, list: readonly Block[], at: number) {
    super('super', () => this.text())
    this.runtime = runtime
    this.context = context
    this.list = list
    this.at = at
  }

  private text(): RuntimeValue {
    const output = this.runtime.output()
    const block = this.list[this.at]
    this.runtime.deeper(() => block?.run(this.runtime, this.context, output))
    this.runtime.last = output
    return this.runtime.autoescape ? new Markup(output.text) : output.text
  }

  override attribute(name: string): RuntimeValue | undefined {
    if (name !== 'super') return undefined
    if (this.at + 1 >= this.list.length)
      return this.runtime.undefined("there is no parent block called 'super'.")
    return new BlockReference(this.runtime, this.context, this.list, this.at + 1)
  }
}

class SelfReference extends PyObject {
  readonly type = 'TemplateReference'
  private readonly runtime: Runtime
  private readonly context: TemplateContext

  constructor(runtime: Runtime, context: TemplateContext) {
    super()
    this.runtime = runtime
    this.context = context
  }

  override attribute(name: string): RuntimeValue | undefined {
    const list = this.context.blocks.get(name)
    return list === undefined ? undefined : new BlockReference(this.runtime, this.context, list, 0)
  }

  override names(): readonly string[] {
    return [...this.context.blocks.keys()]
  }
}

function fileVariables(name: string): ReadonlyMap<string, RuntimeValue> {
  return new Map<string, RuntimeValue>(Object.entries(templateVariables(name)))
}

function localsMap(locals: readonly (RuntimeValue | undefined)[]): Map<string, RuntimeValue> {
  const map = new Map<string, RuntimeValue>()
  for (let index = 0; index < locals.length; index += 2) {
    const name = locals[index]
    const value = locals[index + 1]
    if (typeof name === 'string' && value !== undefined) map.set(name, value)
  }
  return map
}

function nameText(name: RuntimeValue): string {
  const text = textOf(name)
  if (text !== undefined) return text
  if (name instanceof Undefined) name.fail()
  throw new PyError('TypeError', `the name of a template must be text, not ${typeName(name)}`)
}

/** No text, and nothing in it: an empty list of names. */
function isEmptyName(name: RuntimeValue): boolean {
  return textOf(name) === undefined && !(name instanceof Undefined) && !truthy(name)
}

function notFound(name: RuntimeValue): PyError {
  const list = sequenceOf(name)
  if (list === undefined) return new PyError('TemplateNotFound', nameText(name))
  return new PyError(
    'TemplateNotFound',
    `none of the templates given were found: ${list.map(repr).join(', ')}`,
  )
}
