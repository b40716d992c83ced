/** What filters, tests and functions get when a template calls them, and how arguments find their parameters. */
import type { RuntimeDict, RuntimeList, RuntimeValue } from '../values.ts'
import { PyError } from './errors.ts'
import { type LazyHint, type LazyText, PyTuple, type Undefined } from './objects.ts'

/** The rendering that a call belongs to. */
export interface CallContext {
  readonly autoescape: boolean
  /** What a line ends with, in the settings of the environment. */
  readonly newline?: string
  /** What the host of the templates gives; each may be missing. */
  readonly ports: Ports
  readonly filters: Registry
  readonly tests: Registry
  /** Calls a callable value: a macro, a method, a global. */
  call(
    callee: RuntimeValue,
    args: readonly RuntimeValue[],
    kwargs?: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue
  /** `value | name(args)`, by name, as `map` needs it. */
  filter(
    name: string,
    args: readonly RuntimeValue[],
    kwargs?: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue
  test(name: string, args: readonly RuntimeValue[], kwargs?: ReadonlyMap<string, RuntimeValue>): boolean
  /** `object.name`: attribute, then item, else an undefined. */
  attribute(object: RuntimeValue, name: string): RuntimeValue
  /** `object[key]`: item, then attribute, else an undefined. */
  item(object: RuntimeValue, key: RuntimeValue): RuntimeValue
  /** Texts as functions are made when somebody asks: most undefineds are only asked whether they are defined. */
  undefined(message: LazyText, hint?: LazyHint): Undefined
  /** A variable by its name as the template sees it at its top level. */
  variable(name: string): RuntimeValue | undefined
  /** Call before a list or dict that a template handed over is changed in place: it is put back after the rendering. */
  willChange(container: RuntimeList | RuntimeDict): void
  /** Counts work against the budget: 1 for each item that is touched. @throws PyError LimitError */
  spend(steps: number): void
}

/** Functions of the host that filters and globals use. */
export interface Ports {
  /** A number from 0 up to and without 1. */
  readonly random: () => number
  /** Seconds since 1970. */
  readonly now: () => number
  readonly salt: SaltPort
  readonly log?: (level: string, message: string) => void
}

/**
 * Execution functions for templates. They are called in the midst of a rendering and cannot wait: a host that has
 * only asynchronous ones answers from what it has got before, or refuses.
 */
export interface SaltPort {
  has(name: string): boolean
  /** Names for "did you mean". */
  names(): readonly string[]
  /** Why a function is not there, where that is known. */
  why?(name: string): string | undefined
  call(
    name: string,
    context: CallContext,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue
}

export interface FilterFunction {
  (
    context: CallContext,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue
  /** What calls with a fixed number of arguments need: they go to the handler directly. */
  readonly signature?: Signature
}

/** Filters or tests by name. `args[0]` is the value before `|` or `is`. */
export type Registry = ReadonlyMap<string, FilterFunction>

/** `'name'` must be given, `['name', default]` may, `'*rest'` and `'**rest'` take what is left (a tuple, a dict). */
export type Parameter = string | readonly [string, RuntimeValue]

export type HandlerOf = (context: CallContext, ...values: RuntimeValue[]) => RuntimeValue

export interface Signature {
  readonly name: string
  readonly names: readonly string[]
  /** undefined: it must be given. */
  readonly defaults: readonly (RuntimeValue | undefined)[]
  readonly rest: boolean
  readonly keywords: boolean
  readonly handler: HandlerOf
}

/** A filter with Python's rules for arguments; `handler` gets one value for each parameter. */
export function defineFilter(
  name: string,
  parameters: readonly Parameter[],
  handler: HandlerOf,
): [string, FilterFunction] {
  const signature = signatureOf(name, parameters, handler)
  const run = (
    context: CallContext,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue => handler(context, ...bindTo(signature, args, kwargs))
  return [name, Object.assign(run, { signature })]
}

export const defineTest: (
  name: string,
  parameters: readonly Parameter[],
  handler: (context: CallContext, ...values: RuntimeValue[]) => boolean,
) => [string, FilterFunction] = defineFilter

export function signatureOf(name: string, parameters: readonly Parameter[], handler: HandlerOf): Signature {
  const named = parameters.filter((one) => typeof one !== 'string' || !one.startsWith('*'))
  return {
    name,
    names: named.map((one) => (typeof one === 'string' ? one : one[0])),
    defaults: named.map((one) => (typeof one === 'string' ? undefined : one[1])),
    rest: parameters.some((one) => typeof one === 'string' && /^\*[^*]/.test(one)),
    keywords: parameters.some((one) => typeof one === 'string' && one.startsWith('**')),
    handler,
  }
}

const noHandler: HandlerOf = () => null

/** One value for each parameter, in their order. @throws PyError TypeError in Python's words */
export function bindParameters(
  name: string,
  parameters: readonly Parameter[],
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): RuntimeValue[] {
  return bindTo(signatureOf(name, parameters, noHandler), args, kwargs)
}

/** @throws PyError TypeError in Python's words */
export function bindTo(
  signature: Omit<Signature, 'handler'>,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): RuntimeValue[] {
  const { names } = signature
  if (args.length > names.length && !signature.rest)
    throw new PyError(
      'TypeError',
      `${signature.name}() takes ${names.length} positional arguments but ${args.length} were given`,
    )
  const bound: RuntimeValue[] = []
  for (let index = 0; index < names.length; index++) bound.push(one(signature, index, args, kwargs))
  if (signature.rest) bound.push(new PyTuple(args.slice(names.length)))
  if (kwargs.size > 0 || signature.keywords) bindOthers(signature, kwargs, bound)
  return bound
}

function bindOthers(
  signature: Omit<Signature, 'handler'>,
  kwargs: ReadonlyMap<string, RuntimeValue>,
  bound: RuntimeValue[],
): void {
  const others: RuntimeDict = new Map()
  for (const [key, value] of kwargs) {
    if (signature.names.includes(key)) continue
    if (!signature.keywords)
      throw new PyError('TypeError', `${signature.name}() got an unexpected keyword argument '${key}'`)
    others.set(key, value)
  }
  if (signature.keywords) bound.push(others)
}

function one(
  signature: Omit<Signature, 'handler'>,
  index: number,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): RuntimeValue {
  const name = signature.names[index] ?? ''
  const given = kwargs.size === 0 ? undefined : kwargs.get(name)
  const value = args[index]
  if (value !== undefined) {
    if (given !== undefined)
      throw new PyError('TypeError', `${signature.name}() got multiple values for argument '${name}'`)
    return value
  }
  const chosen = given === undefined ? signature.defaults[index] : given
  if (chosen === undefined)
    throw new PyError('TypeError', `${signature.name}() missing 1 required positional argument: '${name}'`)
  return chosen
}
