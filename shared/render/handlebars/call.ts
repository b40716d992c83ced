/** What a helper is given: its arguments as Values, and how to complain with the place of the call. */
import type { Value } from '../../data/value.ts'
import { type Location, TemplateProblem } from './problem.ts'
import { originalOf } from './views.ts'

/** Counts what a rendering does, and stops it before it takes the process with it. */
export interface Budget {
  steps: number
  output: number
  depth: number
}

export const mostSteps = 1_000_000
export const mostOutput = 16 * 1024 * 1024
export const deepestPartials = 64

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

  wrong(reason: string): TemplateProblem {
    return new TemplateProblem('template-argument', { helper: this.name, reason }, this.options.loc)
  }

  problem(code: 'template-undefined', name: string, where: string, hint?: string): TemplateProblem {
    return new TemplateProblem(code, { name, where }, this.options.loc, hint)
  }
}

/** Counts steps of loops and what they print. */
export function spend(options: HandlebarsOptions, steps: number, output: number): void {
  const budget = options.data?.budget
  if (budget === undefined) return
  budget.steps += steps
  budget.output += output
  if (budget.steps > mostSteps)
    throw new TemplateProblem('template-limit', { limit: mostSteps, what: 'steps' }, options.loc)
  if (budget.output > mostOutput)
    throw new TemplateProblem(
      'template-limit',
      { limit: mostOutput, what: 'characters of output' },
      options.loc,
    )
}
