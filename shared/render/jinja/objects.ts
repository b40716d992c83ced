/** Objects that templates make as they run: macros, modules, loops. */
import { nearest } from '../../data/nearest.ts'
import type { Made } from './output.ts'
import {
  type CallContext,
  equalRuntime,
  iterate,
  PyCallable,
  PyError,
  PyIterator,
  PyObject,
  PyTuple,
  type RuntimeValue,
  sequenceOf,
} from './values.ts'

export type MacroBody = (...values: (RuntimeValue | undefined)[]) => RuntimeValue

/** A macro. Its function gets one argument for each parameter, undefined where none was given. */
export class Macro extends PyCallable {
  override readonly type = 'Macro'
  readonly parameters: readonly string[]
  readonly catchesKwargs: boolean
  readonly catchesVarargs: boolean
  readonly usesCaller: boolean
  /** Its function, where it takes nothing but its parameters. */
  readonly direct: MacroBody | undefined

  constructor(
    name: string,
    parameters: readonly string[],
    uses: { caller: boolean; kwargs: boolean; varargs: boolean },
    body: MacroBody,
  ) {
    super(name, (context, args, kwargs) => body(...bindMacro(context, this, args, kwargs)))
    this.direct = uses.caller || uses.kwargs || uses.varargs ? undefined : body
    this.parameters = parameters
    this.usesCaller = uses.caller
    this.catchesKwargs = uses.kwargs
    this.catchesVarargs = uses.varargs
  }

  override attribute(name: string): RuntimeValue | undefined {
    if (name === 'name') return this.name
    if (name === 'arguments') return new PyTuple([...this.parameters])
    if (name === 'catch_kwargs') return this.catchesKwargs
    if (name === 'catch_varargs') return this.catchesVarargs
    return name === 'caller' ? this.usesCaller : undefined
  }

  override repr(): string {
    return this.name === 'caller' ? '<Macro anonymous>' : `<Macro '${this.name}'>`
  }
}

/** Arguments of a call in the order of a macro's JavaScript parameters. @throws PyError TypeError */
function bindMacro(
  context: CallContext,
  macro: Macro,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): (RuntimeValue | undefined)[] {
  const { parameters } = macro
  const count = parameters.length
  const bound: (RuntimeValue | undefined)[] = args.slice(0, count)
  let used = 0
  for (let index = bound.length; index < count; index++) {
    const given = kwargs.get(parameters[index] ?? '')
    if (given !== undefined) used += 1
    bound.push(given)
  }
  if (macro.usesCaller && !parameters.includes('caller')) {
    const caller = kwargs.get('caller')
    bound.push(caller === undefined ? context.undefined('No caller defined') : caller)
    if (kwargs.has('caller')) used += 1
  }
  if (macro.catchesKwargs) {
    const others = [...kwargs].filter(
      ([name]) =>
        !(parameters.indexOf(name) >= Math.min(args.length, count)) &&
        !(name === 'caller' && macro.usesCaller),
    )
    bound.push(new Map<RuntimeValue, RuntimeValue>(others))
  } else if (kwargs.size > used) failKeyword(macro, kwargs, args.length)
  if (macro.catchesVarargs) bound.push(new PyTuple(args.slice(count)))
  else if (args.length > count)
    throw new PyError('TypeError', `macro '${macro.name}' takes not more than ${count} argument(s)`)
  return bound
}

function failKeyword(macro: Macro, kwargs: ReadonlyMap<string, RuntimeValue>, given: number): never {
  if (kwargs.has('caller') && !macro.usesCaller)
    throw new PyError(
      'TypeError',
      `macro '${macro.name}' was invoked with two values for the special caller argument. This is most likely a bug.`.replace(
        /was invoked.*/s,
        'takes no caller: it is used in a call block, but its body does not call caller()',
      ),
    )
  const twice = macro.parameters.slice(0, given).find((name) => kwargs.has(name))
  if (twice !== undefined)
    throw new PyError('TypeError', `macro '${macro.name}' got multiple values for argument '${twice}'`)
  const name = [...kwargs.keys()].find((key) => !macro.parameters.includes(key)) ?? ''
  const near = nearest(name, macro.parameters)
  const hint =
    near === undefined ? `It takes: ${macro.parameters.join(', ') || 'nothing'}.` : `Did you mean "${near}"?`
  throw new PyError('TypeError', `macro '${macro.name}' takes no keyword argument '${name}'`, hint)
}

/** What `import` gives: the exported variables of a template, and its text. */
export class TemplateModule extends PyObject {
  readonly type = 'TemplateModule'
  readonly name: string
  readonly members: ReadonlyMap<string, RuntimeValue>
  readonly output: Made

  constructor(name: string, members: ReadonlyMap<string, RuntimeValue>, output: Made) {
    super()
    this.name = name
    this.members = members
    this.output = output
  }

  override attribute(name: string): RuntimeValue | undefined {
    return this.members.get(name)
  }

  override names(): readonly string[] {
    return [...this.members.keys()]
  }

  override str(): string {
    return this.output.text
  }

  override repr(): string {
    return `<TemplateModule '${this.name}'>`
  }
}

/** `loop` inside of a loop. */
export class Loop extends PyObject {
  readonly type = 'LoopContext'
  private readonly iterator: () => RuntimeValue | undefined
  private readonly source: RuntimeValue
  private readonly condition: ((item: RuntimeValue) => boolean) | null
  private readonly again: ((items: RuntimeValue, depth: number) => RuntimeValue) | null
  private readonly depth0: number
  private index0 = -1
  private before: RuntimeValue | undefined
  private current: RuntimeValue | undefined
  private after: RuntimeValue | undefined
  private total: number | undefined
  private rest: RuntimeValue[] | undefined
  private lastChanged: PyTuple | undefined

  constructor(
    source: RuntimeValue,
    condition: ((item: RuntimeValue) => boolean) | null,
    depth: number,
    again: ((items: RuntimeValue, depth: number) => RuntimeValue) | null,
  ) {
    super()
    this.source = source
    this.condition = condition
    this.depth0 = depth
    this.again = again
    this.iterator = stepper(source)
  }

  private pull(): RuntimeValue | undefined {
    if (this.rest !== undefined) return this.rest.shift()
    for (;;) {
      const item = this.iterator()
      if (item === undefined || this.condition === null || this.condition(item)) return item
    }
  }

  private peek(): RuntimeValue | undefined {
    if (this.after === undefined) this.after = this.pull()
    return this.after
  }

  /** The next item; undefined: the loop is over. */
  next(): RuntimeValue | undefined {
    const item = this.after === undefined ? this.pull() : this.after
    this.after = undefined
    if (item === undefined) return undefined
    this.index0 += 1
    this.before = this.current
    this.current = item
    return item
  }

  override truth(): boolean {
    return true
  }

  override size(): number {
    if (this.total !== undefined) return this.total
    const known = this.condition === null ? sequenceOf(this.source) : undefined
    if (known !== undefined) {
      this.total = known.length
      return this.total
    }
    const rest: RuntimeValue[] = []
    for (let item = this.pull(); item !== undefined; item = this.pull()) rest.push(item)
    this.rest = rest
    this.total = rest.length + this.index0 + 1 + (this.after === undefined ? 0 : 1)
    return this.total
  }

  override attribute(name: string): RuntimeValue | undefined {
    switch (name) {
      case 'index':
        return this.index0 + 1
      case 'index0':
        return this.index0
      case 'revindex':
        return this.size() - this.index0
      case 'revindex0':
        return this.size() - this.index0 - 1
      case 'first':
        return this.index0 === 0
      case 'last':
        return this.peek() === undefined
      case 'length':
        return this.size()
      case 'depth':
        return this.depth0 + 1
      case 'depth0':
        return this.depth0
      default:
        return this.neighbour(name)
    }
  }

  private neighbour(name: string): RuntimeValue | undefined {
    if (name === 'previtem') return this.index0 === 0 ? undefined : this.before
    if (name === 'nextitem') return this.peek()
    if (name === 'cycle') return new PyCallable('cycle', (_, args) => this.cycle(args))
    return name === 'changed' ? new PyCallable('changed', (_, args) => this.changed(args)) : undefined
  }

  private cycle(args: readonly RuntimeValue[]): RuntimeValue {
    const item = args[this.index0 % args.length]
    if (item === undefined) throw new PyError('TypeError', 'no items for cycling given')
    return item
  }

  private changed(args: readonly RuntimeValue[]): boolean {
    const now = new PyTuple([...args])
    if (this.lastChanged !== undefined && equalRuntime(this.lastChanged, now)) return false
    this.lastChanged = now
    return true
  }

  /** `loop(items)` */
  recurse(items: RuntimeValue): RuntimeValue {
    if (this.again === null)
      throw new PyError('TypeError', "The loop must have the 'recursive' marker to be called recursively.")
    return this.again(items, this.depth0 + 1)
  }

  override names(): readonly string[] {
    return [
      'index',
      'index0',
      'revindex',
      'revindex0',
      'first',
      'last',
      'length',
      'depth',
      'depth0',
      'previtem',
      'nextitem',
      'cycle',
      'changed',
    ]
  }

  override repr(): string {
    return `<LoopContext ${this.index0 + 1}/${this.size()}>`
  }
}

/** One item after the other; what is appended to a list meanwhile comes too. */
function stepper(source: RuntimeValue): () => RuntimeValue | undefined {
  if (source instanceof PyIterator) return () => source.next()
  const items = iterate(source)
  let next = 0
  return () => {
    const item = items[next]
    next += 1
    return item
  }
}
