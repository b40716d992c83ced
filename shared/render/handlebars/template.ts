/** Renders one Handlebars template with its partials: text, and the way back to the place of each character. */
import type { SourceMap } from '../../data/marks.ts'
import { nearest } from '../../data/nearest.ts'
import type { Place } from '../../data/place.ts'
import type { Value } from '../../data/value.ts'
import { TsaltError } from '../../errors/error.ts'
import type { RenderHost } from '../host.ts'
import { HostLog, HostWanted } from '../host-log.ts'
import type { Reads } from '../reads.ts'
import { TextSource } from '../source-map.ts'
import { type Budget, deepestPartials, type HandlebarsData, mostOutput, newBudget, spend } from './call.ts'
import { type Compiled, compileTemplate, parseTemplate } from './engine.ts'
import { valueHelpers } from './helpers.ts'
import { type Marked, markTemplate, type Part, reservedCharacters, stripMarks, unmark } from './markers.ts'
import { partialNames } from './partials.ts'
import { CallFailed, TemplateProblem } from './problem.ts'
import { syntaxError } from './syntax.ts'
import { unprintable, viewVariables } from './views.ts'

export interface HandlebarsTemplate {
  readonly text: string
  /** For errors. */
  readonly file: string
  readonly variables: Readonly<Record<string, Value>>
  /** Gets what the rendering reads. */
  readonly reads?: Reads
  /** A partial by its name; undefined: none. Without it there are no partials. */
  readonly partial?: (name: string) => Promise<{ text: string; file: string } | undefined>
  /** Functions of the machine, for the helper salt. */
  readonly host?: RenderHost | undefined
}

export interface Rendered {
  readonly text: string
  readonly source: SourceMap
}

interface Known {
  readonly marked: Marked
  readonly run: Compiled
  readonly partials: readonly { name: string; at: Place }[]
}

/** Compiled templates by content, the oldest first. */
const known = new Map<string, Known>()
const mostKnown = 1_000
let lastNumber = 0

/** Drops compiled templates but for the newest `keep`: each holds about 15 KB, and can be compiled again. */
export function forgetTemplates(keep: number): void {
  for (const text of known.keys()) {
    if (known.size <= keep) return
    known.delete(text)
  }
}

/** @throws TsaltError `template-…` */
export async function renderHandlebars(template: HandlebarsTemplate): Promise<Rendered> {
  const main = new TextSource(template.text, template.file)
  if (!template.text.includes('{{')) return { text: template.text, source: main }
  const parts = new Map<number, Part>()
  const stack: Part[] = []
  const budget = newBudget()
  const partials: Record<string, Compiled> = Object.create(null)
  const first = prepare(main, parts)
  await gatherPartials(template, first.entry, { parts, partials, stack, budget })
  const scope = viewVariables(template.variables, template.reads)
  const log = new HostLog(template.host?.functions)
  const machine = template.host?.functions && machineOf(log, template.reads)
  let output: string | undefined
  while (output === undefined) {
    log.rewind()
    Object.assign(budget, newBudget())
    stack.splice(0, stack.length, first.part)
    try {
      output = first.entry.run(scope, { data: { root: scope, budget, machine }, partials })
    } catch (error) {
      if (!(error instanceof HostWanted)) throw explain(error, stack.at(-1) ?? first.part)
      await log.wait(error)
    }
  }
  if (output.length > mostOutput * 2)
    throw new TsaltError(
      'template-limit',
      { limit: mostOutput, what: 'characters of output' },
      { place: main.placeOf(0) },
    )
  const rendered = stripMarks(output, parts, main)
  refuseUnprintable(rendered)
  return rendered
}

function machineOf(log: HostLog, reads: Reads | undefined): HandlebarsData['machine'] {
  return {
    ask: (name, args, keywords) => {
      reads?.askMachine()
      return log.ask(name, args, keywords)
    },
  }
}

interface Gathering {
  readonly parts: Map<number, Part>
  readonly partials: Record<string, Compiled>
  readonly stack: Part[]
  readonly budget: Budget
}

async function gatherPartials(template: HandlebarsTemplate, entry: Known, into: Gathering): Promise<void> {
  for (const { name, at } of entry.partials) {
    if (name in into.partials) continue
    const found = await template.partial?.(name)
    if (found === undefined)
      throw new TsaltError('template-partial-missing', { name }, { place: { ...at, file: template.file } })
    const { part, entry: inner } = prepare(new TextSource(found.text, found.file), into.parts)
    into.partials[name] = (context, options) => {
      into.stack.push(part)
      if (into.stack.length > deepestPartials)
        throw new TemplateProblem(
          'template-limit',
          { limit: deepestPartials, what: 'partials inside one another' },
          undefined,
        )
      const output = inner.run(context, options)
      into.stack.pop()
      // Two partials that use one another twice are a million after twenty levels.
      spend({ data: { root: undefined, budget: into.budget } }, 1, output.length)
      return output
    }
    await gatherPartials({ ...template, file: found.file }, inner, into)
  }
}

/** Each file takes part under its own number, even if another has the same text. */
function prepare(source: TextSource, parts: Map<number, Part>): { part: Part; entry: Known } {
  const key = [...parts.values()].some((part) => part.source.text === source.text)
    ? `${parts.size}\0${source.text}`
    : source.text
  let entry = known.get(key)
  if (entry === undefined) {
    entry = compile(source)
    if (known.size >= mostKnown) known.delete(known.keys().next().value ?? '')
  } else known.delete(key)
  known.set(key, entry)
  const part = { source, marked: entry.marked }
  parts.set(entry.marked.number, part)
  return { part, entry }
}

function compile(source: TextSource): Known {
  const reserved = reservedCharacters.exec(source.text)
  if (reserved)
    throw new TsaltError(
      'template-syntax',
      { reason: 'it contains a Unicode noncharacter (U+FDD0 to U+FDEF)' },
      { place: source.placeOf(reserved.index), hint: 'Remove the character.' },
    )
  try {
    const program = parseTemplate(source.text)
    const marked = markTemplate(source, program, ++lastNumber)
    const run = compileTemplate(marked.text)
    return { marked, run, partials: partialNames(program, source) }
  } catch (error) {
    if (error instanceof TsaltError) throw error
    throw syntaxError(error, source)
  }
}

function explain(error: unknown, part: Part): unknown {
  if (error instanceof TsaltError) return error
  if (error instanceof CallFailed) return failedCall(error, part)
  if (error instanceof TemplateProblem) {
    const place = error.at === undefined ? part.source.placeOf(0) : templatePlace(part, error.at.start)
    const unknown = unknownHelper(error, part.source, place)
    if (unknown) return unknown
    const hint = error.hint?.startsWith('Did you mean') ? error.hint : (helperHint(error) ?? error.hint)
    return new TsaltError(error.code, error.parameters, { place, hint })
  }
  const at = error as { lineNumber?: number; column?: number; message?: string }
  if (error instanceof RangeError)
    return new TsaltError(
      'template-limit',
      { limit: deepestPartials, what: 'calls inside one another' },
      { place: part.source.placeOf(0) },
    )
  const reason = (at.message ?? String(error)).replace(/ - \d+:\d+$/, '')
  const place =
    at.lineNumber === undefined
      ? part.source.placeOf(0)
      : templatePlace(part, { line: at.lineNumber, column: at.column ?? 0 })
  return new TsaltError('template-syntax', { reason }, { place, cause: error })
}

function failedCall({ cause, at }: CallFailed, part: Part): unknown {
  if (!(cause instanceof TsaltError) || at === undefined) return cause
  const { code, parameters, hint, related } = cause
  const place = templatePlace(part, at.start)
  return new TsaltError(code, parameters as never, { place, related, hint, cause })
}

/** A name that nothing has, with arguments behind it, was meant as a helper. */
function unknownHelper(error: TemplateProblem, source: TextSource, place: Place): TsaltError | undefined {
  const { name: helper } = error.parameters as { name?: string }
  if (error.code !== 'template-undefined' || helper === undefined) return undefined
  const offset = source.offsetAt(place.line, place.column)
  if (!source.text.startsWith(helper, offset)) return undefined
  const before = /(?:\{\{[~#^]*|\()\s*$/.test(source.text.slice(Math.max(0, offset - 20), offset))
  const after = /^\s+(?!as\s*\|)[^\s}~)]/.test(source.text.slice(offset + helper.length).slice(0, 40))
  return before && after ? noHelper(helper, place) : undefined
}

function noHelper(helper: string, place: Place): TsaltError {
  const near = nearest(helper, Object.keys(valueHelpers))
  const hint = near ? `Did you mean "${near}"?` : `There are: ${Object.keys(valueHelpers).join(', ')}.`
  return new TsaltError('template-helper-unknown', { helper }, { place, hint })
}

function helperHint(error: TemplateProblem): string | undefined {
  const { name } = error.parameters as { name?: string }
  if (error.code !== 'template-undefined' || name === undefined) return undefined
  const near = nearest(name, Object.keys(valueHelpers))
  return near === undefined ? undefined : `Did you mean the helper "${near}"?`
}

function templatePlace(part: Part, at: { line: number; column: number }): Place {
  const marked = new TextSource(part.marked.text, part.source.file)
  return part.source.placeOf(unmark(part.marked, marked.offsetAt(at.line, at.column + 1)))
}

function refuseUnprintable(rendered: Rendered): void {
  for (const [kind, mark] of Object.entries(unprintable)) {
    const at = rendered.text.indexOf(mark)
    if (at === -1) continue
    const place = rendered.source.placeOf(at)
    if (kind === 'undefined')
      throw new TsaltError('template-undefined', { name: 'the result', where: 'here' }, { place })
    throw new TsaltError('template-unprintable', { kind }, { place })
  }
}
