import type { Reads } from '../reads.ts'
import type { TemplateContext } from './context.ts'
import { Budget, checkText, deepestCalls } from './limits.ts'
import { isPause, Located, placeOfPosition, type Unit } from './located.ts'
import { concatValues } from './operators.ts'
import { type Made, Output } from './output.ts'
import { Slice } from './slices.ts'
import type { Host } from './templates.ts'
import { Undo } from './undo.ts'
import {
  dictSet,
  type LazyHint,
  type LazyText,
  Markup,
  type Ports,
  PyError,
  PyFloat,
  PyTuple,
  type Registry,
  type RuntimeDict,
  type RuntimeList,
  type RuntimeValue,
  textOf,
  typeName,
  Undefined,
} from './values.ts'

const noKeywords: ReadonlyMap<string, RuntimeValue> = new Map()

/** What a rendering has beside its templates: budget, places, values. */
export class RuntimeBase {
  /** The text that a macro made last: printed as it is, its parts keep their positions. */
  last: Made | undefined
  autoescape: boolean
  readonly newline: string
  readonly mapped: boolean
  readonly ports: Ports
  readonly filters: Registry
  readonly tests: Registry
  readonly reads: Reads | undefined
  readonly strict: boolean
  readonly none: ReadonlyMap<string, RuntimeValue> = noKeywords
  readonly undo = new Undo()
  private readonly budget = new Budget()
  private depth = 0
  /** Context of the template at the top: what functions see. */
  main: TemplateContext | undefined

  constructor(host: Host) {
    this.autoescape = host.settings.autoescape
    this.newline = host.settings.newlineSequence
    this.ports = host.ports
    this.filters = host.filters
    this.tests = host.tests
    this.reads = host.reads
    this.mapped = host.mapped
    this.strict = host.settings.strictUndefined
  }

  // Budget and errors

  /** Steps that were made. */
  get steps(): number {
    return this.budget.spent
  }

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
    if (isPause(error)) {
      if ('place' in error) error.place ??= placeOfPosition(unit, position)
      return error
    }
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

  /** A macro or a recursive loop begins. */
  enter(): void {
    this.budget.spend(1)
    if (this.depth >= deepestCalls)
      throw new PyError('LimitError', `${deepestCalls} calls inside one another`)
    this.depth += 1
  }

  /** It failed. */
  leave(): void {
    this.depth -= 1
  }

  /** A macro or recursive loop ends with its text; whoever prints it as it is finds its places in `last`. */
  made(text: string, marks?: number[]): RuntimeValue {
    checkText(text.length)
    if (marks !== undefined) this.last = { text, marks }
    this.depth -= 1
    return this.autoescape ? new Markup(text) : text
  }

  output(): Output {
    return new Output()
  }

  concat(values: readonly RuntimeValue[]): RuntimeValue {
    return concatValues(values, this.autoescape)
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

  undefined(message: LazyText, hint?: LazyHint): Undefined {
    return new Undefined(message, this.strict, hint)
  }

  noParameter(name: string): RuntimeValue {
    return this.undefined(`parameter '${name}' was not provided`)
  }

  /** What the filter of a block made: it is put in as it is, so it has to be a text. */
  textAlone(value: RuntimeValue, _at: number): string {
    const text = textOf(value)
    if (text !== undefined) return text
    if (value instanceof Undefined && value.strict) value.fail()
    throw new PyError(
      'TypeError',
      `the filter of a block has to make a text, not ${typeName(value)}`,
      'Add "| string" behind it.',
    )
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
}
