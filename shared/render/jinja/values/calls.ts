/** What filters, tests and functions get when a template calls them, and how arguments find their parameters. */
import type { RuntimeDict, RuntimeList, RuntimeValue } from '../values.ts'
import { PyError } from './errors.ts'
import { PyTuple, type Undefined } from './objects.ts'

/** The rendering that a call belongs to. */
export interface CallContext {
  readonly autoescape: boolean
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
  undefined(message: string, hint?: string): Undefined
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
  call(
  /** Why a function is not there, where that is known. */
  why?(name: string): string | undefined
    name: string,
    context: CallContext,
    args: readonly RuntimeValue[],
    kwargs: ReadonlyMap<string, RuntimeValue>,
  ): RuntimeValue
}

export type FilterFunction = (
  context: CallContext,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
) => RuntimeValue

/** Filters or tests by name. `args[0]` is the value before `|` or `is`. */
export type Registry = ReadonlyMap<string, FilterFunction>

/** `'name'` must be given, `['name', default]` may, `'*rest'` and `'**rest'` take what is left (a tuple, a dict). */
export type Parameter = string | readonly [string, RuntimeValue]

export type HandlerOf = (context: CallContext, ...values: RuntimeValue[]) => RuntimeValue

/** A filter with Python's rules for arguments; `handler` gets one value for each parameter. */
export function defineFilter(
  name: string,
  parameters: readonly Parameter[],
  handler: HandlerOf,
): [string, FilterFunction] {
  const plan = planOf(name, parameters)
  return [name, (context, args, kwargs) => handler(context, ...bind(plan, args, kwargs))]
}

export const defineTest: (
  name: string,
  parameters: readonly Parameter[],
  handler: (context: CallContext, ...values: RuntimeValue[]) => boolean,
) => [string, FilterFunction] = defineFilter

interface Plan {
  readonly name: string
  readonly names: readonly string[]
  readonly defaults: readonly (RuntimeValue | undefined)[]
  readonly rest: boolean
  readonly keywords: boolean
}

function planOf(name: string, parameters: readonly Parameter[]): Plan {
  const named = parameters.filter((one) => typeof one !== 'string' || !one.startsWith('*'))
  return {
    name,
    names: named.map((one) => (typeof one === 'string' ? one : one[0])),
    defaults: named.map((one) => (typeof one === 'string' ? undefined : one[1])),
    rest: parameters.some((one) => typeof one === 'string' && /^\*[^*]/.test(one)),
    keywords: parameters.some((one) => typeof one === 'string' && one.startsWith('**')),
  }
}

/** One value for each parameter, in their order. @throws PyError TypeError in Python's words */
export function bindParameters(
  name: string,
  parameters: readonly Parameter[],
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): RuntimeValue[] {
  return bind(planOf(name, parameters), args, kwargs)
}

function bind(
  plan: Plan,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): RuntimeValue[] {
  const { names } = plan
  if (args.length > names.length && !plan.rest)
    throw new PyError(
      'TypeError',
      `${plan.name}() takes ${names.length} positional arguments but ${args.length} were given`,
    )
  const bound: RuntimeValue[] = []
  for (let index = 0; index < names.length; index++) bound.push(one(plan, index, args, kwargs))
  if (plan.rest) bound.push(new PyTuple(args.slice(names.length)))
  const others: RuntimeDict = new Map()
  for (const [key, value] of kwargs) {
    if (names.includes(key)) continue
    if (!plan.keywords)
      throw new PyError('TypeError', `${plan.name}() got an unexpected keyword argument '${key}'`)
    others.set(key, value)
  }
  if (plan.keywords) bound.push(others)
  return bound
}

function one(
  plan: Plan,
  index: number,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): RuntimeValue {
  const name = plan.names[index] ?? ''
  const given = kwargs.size === 0 ? undefined : kwargs.get(name)
  const value = args[index]
  if (value !== undefined) {
    if (given !== undefined)
      throw new PyError('TypeError', `${plan.name}() got multiple values for argument '${name}'`)
    return value
  }
  const chosen = given === undefined ? plan.defaults[index] : given
  if (chosen === undefined)
    throw new PyError('TypeError', `${plan.name}() missing 1 required positional argument: '${name}'`)
  return chosen
}
