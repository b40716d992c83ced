/** What a helper is given: its arguments as Values, and how to complain with the place of the call. */
import { systemClock } from '../../clock.ts'
import type { Value } from '../../data/value.ts'
import { type Location, TemplateProblem } from './problem.ts'
import { originalOf } from './views.ts'

/** Counts what a rendering does, and stops it before it takes the process with it. */
export interface Budget {
  steps: number
  output: number
  /** When it began, milliseconds of monotonic time. */
  began: number
}

export function newBudget(): Budget {
  return { steps: 0, output: 0, began: systemClock.monotonic() }
}

export const mostSteps = 1_000_000
export const mostOutput = 16 * 1024 * 1024
export const deepestPartials = 64
/** Milliseconds; far beyond what a thousand states take, on any machine. */
export const longestRendering = 10_000
/** Characters that a helper handles for one step. */
const charactersPerStep = 256

/** Handlebars' last argument of every helper. */
export interface HandlebarsOptions {
  readonly name: string
  readonly hash: Readonly<Record<string, unknown>>
  readonly loc?: Location
  readonly data?: HandlebarsData
  fn?(context: unknown, options?: { data?: unknown; blockParams?: unknown[] }): string
  inverse?(context: unknown, options?: { data?: unknown }): string
}

export interface HandlebarsData {
  readonly root: unknown
  readonly budget: Budget
  /** Functions of the machine; absent where there is none to ask. */
  readonly machine?: {
    ask(name: string, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value
  }
}

export class HelperCall {
  readonly name: string
  readonly visible: readonly unknown[]
  readonly context: unknown
  readonly options: HandlebarsOptions

  constructor(context: unknown, visible: readonly unknown[], options: HandlebarsOptions) {
    this.name = options.name
    this.visible = visible
    this.context = context
    this.options = options
  }

  /** Undefined where the template's argument is not defined. Looked at late, since looking counts as reading. */
  arg(index: number): Value | undefined {
    return originalOf(this.visible.at(index))
  }

  get args(): (Value | undefined)[] {
    return this.visible.map(originalOf)
  }

  /** The outermost scope, where `pillar` and `grains` are found from inside loops. */
  get root(): unknown {
    return this.options.data?.root
  }

  /** Everything that is given by name. */
  get keywords(): Map<string, Value> {
    const all = new Map<string, Value>()
    for (const name of Object.keys(this.options.hash)) {
      const value = this.named(name)
      if (value === undefined) throw this.wrong(`${name} is not defined`)
      all.set(name, value)
    }
    return all
  }

  named(name: string): Value | undefined {
    return Object.hasOwn(this.options.hash, name) ? originalOf(this.options.hash[name]) : undefined
  }

  /** @throws TemplateProblem where the argument is missing or not defined */
  value(index: number): Value {
    const value = this.arg(index)
    if (value !== undefined) return value
    if (index >= this.visible.length)
      throw this.wrong(`it needs ${index + 1} argument${index > 0 ? 's' : ''}`)
    throw this.wrong(`argument ${index + 1} is not defined`)
  }

  text(index: number): string {
    const value = this.value(index)
    if (value !== null && typeof value === 'object') throw this.wrong(`argument ${index + 1} must be text`)
    return String(value)
  }

  whole(index: number): number {
    const value = this.value(index)
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value
    throw this.wrong(`argument ${index + 1} must be a whole number`)
  }

  /** Called before a text of so many characters is made. @throws TemplateProblem `template-limit` */
  willMake(characters: number): void {
    if (characters > mostOutput) throw limit(mostOutput, 'characters in one text', this.options)
  }

  wrong(reason: string): TemplateProblem {
    return new TemplateProblem('template-argument', { helper: this.name, reason }, this.options.loc)
  }

  problem(code: 'template-undefined', name: string, where: string, hint?: string): TemplateProblem {
    return new TemplateProblem(code, { name, where }, this.options.loc, hint)
  }
}

/** Counts steps of loops, partials and helpers, and what loops and partials print. */
export function spend(options: Pick<HandlebarsOptions, 'data' | 'loc'>, steps: number, output: number): void {
  const budget = options.data?.budget
  if (budget === undefined) return
  budget.steps += steps
  budget.output += output
  if (budget.steps > mostSteps) throw limit(mostSteps, 'steps', options)
  if (budget.output > mostOutput) throw limit(mostOutput, 'characters of output', options)
  if (systemClock.monotonic() - budget.began > longestRendering)
    throw limit(longestRendering, 'milliseconds', options)
}

/** What a helper costs that was given, or made, such a text. */
export function stepsOf(result: unknown): number {
  return typeof result === 'string' ? 1 + result.length / charactersPerStep : 1
}

function limit(most: number, what: string, options: Pick<HandlebarsOptions, 'loc'>): TemplateProblem {
  return new TemplateProblem('template-limit', { limit: most, what }, options.loc)
}
