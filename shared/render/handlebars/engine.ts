/** Our own Handlebars: strict, without escaping, every path and helper ours, compiled templates kept by content. */
import Handlebars from 'handlebars'
import { nearest } from '../../data/nearest.ts'
import { blockHelpers, sectionOf } from './blocks.ts'
import { type HandlebarsOptions, HelperCall, spend, stepsOf } from './call.ts'
import { valueHelpers } from './helpers.ts'
import { type Location, TemplateProblem } from './problem.ts'
import { isDefined, step, undefinedProblem } from './step.ts'
import { viewOf } from './views.ts'

/** Where compiled code finds the lookup of path steps; no template can name it. */
const lookupName = '\uFDE7'

/** The parts of Handlebars' code generator that paths go through; its documented extension point. */
interface CodeGenerator {
  options: object
  source: { currentLocation?: Location & { source?: string } }
  popStack(): unknown
  push(code: unknown): void
  quotedString(text: string): string
  append(): void
}
interface CodeGeneratorClass {
  new (): CodeGenerator
  prototype: CodeGenerator
}

export type Compiled = (context: unknown, options?: object) => string

const environment = Handlebars.create() as typeof Handlebars & { JavaScriptCompiler: CodeGeneratorClass }

environment.JavaScriptCompiler = class PathCompiler extends environment.JavaScriptCompiler {
  /** What is printed is made text first: Handlebars itself adds two numbers that stand side by side. */
  override append(): void {
    this.push([`helpers[${this.quotedString(lookupName)}].print(`, this.popStack(), ')'])
    super.append()
  }

  /** Code for a path: one call of `step` for each part, with the place for its errors. */
  resolvePath(
    _type: string,
    parts: readonly string[],
    first: number,
    _falsy: boolean,
    strict?: boolean,
  ): void {
    const start = this.source.currentLocation?.start
    const place = start
      ? `{"start":{"line":${Number(start.line)},"column":${Number(start.column)}}}`
      : 'undefined'
    let code = this.popStack()
    for (let index = first; index < parts.length; index++) {
      // A step that is not the last must be there: the next one looks into it.
      const must = strict === true || index < parts.length - 1
      const name = this.quotedString(parts[index] ?? '')
      const path = this.quotedString(parts.slice(0, index + 1).join('.'))
      const whole = this.quotedString(parts.join('.'))
      code = [
        `helpers[${this.quotedString(lookupName)}].step(`,
        code,
        `, ${name}, ${must}, ${place}, ${path}, ${whole})`,
      ]
    }
    this.push(code)
  }
}

// Blocks are compiled by what this names.
Object.defineProperty(environment.JavaScriptCompiler.prototype, 'compiler', {
  value: environment.JavaScriptCompiler,
})

function registerAll(): void {
  for (const name of Object.keys(environment.helpers)) environment.unregisterHelper(name)
  const registry = environment.helpers as Record<string, unknown>
  registry[lookupName] = { step, print }
  for (const [name, helper] of Object.entries(valueHelpers)) {
    environment.registerHelper(name, function (this: unknown, ...all: unknown[]) {
      const options = all.pop() as HandlebarsOptions
      // A variable of the same name, used without arguments, is what is meant.
      if (all.length === 0 && isDefined(this, name)) return step(this, name, true, options.loc)
      const call = new HelperCall(this, all, options)
      if (all.length > helper.most) throw call.wrong(`it takes at most ${helper.most} arguments`)
      const result = helper.run(call)
      spend(options, stepsOf(result), 0)
      return result === undefined ? undefinedResult : viewOf(result as never)
    })
  }
  for (const [name, block] of Object.entries(blockHelpers)) {
    environment.registerHelper(name, function (this: unknown, ...all: unknown[]) {
      const options = all.pop() as HandlebarsOptions
      if (options.fn === undefined)
        throw new TemplateProblem(
          'template-argument',
          { helper: name, reason: `it needs a block: {{#${name} …}} … {{/${name}}}` },
          options.loc,
        )
      return block(this, all, options)
    })
  }
  environment.registerHelper('helperMissing', function (this: unknown, ...all: unknown[]) {
    const options = all.pop() as HandlebarsOptions
    if (all.length === 0) throw undefinedProblem(this, options.name, options.loc)
    const near = nearest(options.name, [...Object.keys(valueHelpers), ...Object.keys(blockHelpers)])
    throw new TemplateProblem(
      'template-helper-unknown',
      { helper: options.name },
      options.loc,
      near ? `Did you mean "${near}"?` : `There are: ${Object.keys(valueHelpers).join(', ')}.`,
    )
  })
  environment.registerHelper(
    'blockHelperMissing',
    function (this: unknown, value: unknown, options: unknown) {
      return sectionOf(this, value, options as HandlebarsOptions)
    },
  )
}

function print(value: unknown): string {
  return value === undefined || value === null ? '' : String(value)
}

/** Prints as an error, and counts as not defined for other helpers. */
const undefinedResult = { toString: () => '\uFDE5' }

registerAll()

export const parseTemplate = Handlebars.parseWithoutProcessing

/** Handlebars takes these for its own, which are not there: they are names like any other. */
const knownHelpers = { log: false, helperMissing: false, blockHelperMissing: false, lookup: false }

/** @param text with marks; always a string, since an object would become code */
export function compileTemplate(text: string): Compiled {
  if (typeof text !== 'string') throw new TypeError('a template is text')
  return environment.compile(text, {
    noEscape: true,
    strict: true,
    knownHelpersOnly: false,
    knownHelpers,
  }) as Compiled
}
