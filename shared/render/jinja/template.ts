/** Renders a Jinja template with everything that it imports: text, and the way back to the place of each character. */
import type { SourceMap } from '../../data/marks.ts'
import type { Place } from '../../data/place.ts'
import type { Value } from '../../data/value.ts'
import type { RenderHost } from '../host.ts'
import { HostLog, HostWanted } from '../host-log.ts'
import type { Reads } from '../reads.ts'
import { lastNotAfter, TextSource } from '../source-map.ts'
import { type CompiledFile, compileJinja } from './compile.ts'
import { explainError, usedFrom } from './explain.ts'
import { builtinFilters, builtinGlobals, builtinTests } from './library.ts'
import { longestTime, mostRepeatedSteps } from './limits.ts'
import { isPause, type Pause, TemplateWanted, type Unit } from './located.ts'
import { resolveName } from './names.ts'
import { portsWith } from './ports.ts'
import { Runtime } from './runtime.ts'
import { saltGlobals } from './salt-globals.ts'
import { defaultSettings, type JinjaSettings, lenient, settingsFrom } from './settings.ts'
import type { Compiled, Globals, Host } from './templates.ts'
import { bounded } from './values/work.ts'
import type { Ports, RuntimeValue } from './values.ts'
import { PyError } from './values.ts'

export interface JinjaTemplate {
  readonly text: string
  /** For errors; the path relative to the roots, or a URL. */
  readonly file: string
  readonly variables: Readonly<Record<string, Value>>
  /** Gets what the rendering reads. */
  readonly reads?: Reads | undefined
  /** Another template of the tree, by its path relative to the roots; undefined: none. */
  readonly partial?: ((name: string) => Promise<{ text: string; file: string } | undefined>) | undefined
  readonly settings?: JinjaSettings
  /** Functions of the machine; without it only pure ones are called. */
  readonly host?: RenderHost | undefined
  readonly ports?: Partial<Ports>
  /** Variables are seen by imports without context too, as Salt has it; false as Jinja has it. */
  readonly variablesAreGlobal?: boolean
  /** False: only the text is wanted, which is quicker. */
  readonly mapped?: boolean
  /** Milliseconds; default: what the host says, or longestTime. */
  readonly longest?: number
}

export interface Rendered {
  readonly text: string
  readonly source: SourceMap
}

const noLibrary: ReadonlyMap<string, CompiledFile | null> = new Map()

/** A rendering starts again when a template is wanted whose name was computed; more than this is a loop. */
const mostStarts = 500

/** @throws TsaltError `jinja-…` */
export async function renderJinja(template: JinjaTemplate): Promise<Rendered> {
  const source = new TextSource(template.text, template.file)
  const settings = settingsOf(template)
  if (settings === defaultSettings && !/\{[{%#]|\r/.test(template.text))
    return { text: template.text, source }
  const rendering = new Rendering(template, settings)
  const main = rendering.compile(template.text, template.file, rendering.mainName)
  if (main.references.length > 0) await rendering.gather(main)
  for (let fetched = 0; fetched < mostStarts; ) {
    const outcome = rendering.run(main)
    if (outcome instanceof HostWanted) await rendering.log.wait(outcome)
    else if (outcome instanceof TemplateWanted) {
      fetched += 1
      await rendering.fetch(outcome.wanted)
    } else return outcome
  }
  throw explainError(new PyError('LimitError', `${mostStarts} templates with computed names`), source)
}

/** Salt takes `allow_undefined` from the variables of a template. */
function settingsOf({ settings, host, variables }: JinjaTemplate): JinjaSettings {
  const engine = host?.engine
  const given = settings ?? (engine === undefined ? defaultSettings : settingsFrom(engine))
  return variables['allow_undefined'] === true ? lenient(given) : given
}

class Rendering implements Globals {
  private readonly template: JinjaTemplate
  private readonly settings: JinjaSettings
  private library: Map<string, CompiledFile | null> | undefined
  private units: Set<Unit> | undefined
  private readonly ports: Ports
  private own: ReadonlyMap<string, RuntimeValue> | undefined
  readonly log: HostLog
  /** Steps of the renderings that had to be started again. */
  private repeated = 0
  readonly mainName: string

  constructor(template: JinjaTemplate, settings: JinjaSettings) {
    this.template = template
    this.settings = settings
    this.mainName = template.file.includes('://') ? template.file.replace(/^\w+:\/\//, '') : template.file
    this.log = new HostLog(template.host?.functions)
    this.ports = portsWith(template.ports, template.variables, template.reads, this.log)
  }

  /** Functions that Salt adds, and Jinja's own: most templates ask for none of them. */
  get(name: string): RuntimeValue | undefined {
    return this.saltOwn().get(name) ?? builtinGlobals.get(name)
  }

  keys(): Iterable<string> {
    return [...this.saltOwn().keys(), ...builtinGlobals.keys()]
  }

  private saltOwn(): ReadonlyMap<string, RuntimeValue> {
    this.own ??= saltGlobals(this.ports, this.template.variables, this.template.reads)
    return this.own
  }

  compile(text: string, file: string, name: string): CompiledFile {
    try {
      return compileJinja({
        text,
        file,
        name,
        settings: this.settings,
        filters: builtinFilters,
        tests: builtinTests,
        mapped: this.template.mapped ?? true,
      })
    } catch (error) {
      throw explainError(error, new TextSource(text, file))
    }
  }

  /** Reads what a template reaches for by constant names, and what those reach for. */
  async gather(template: CompiledFile): Promise<void> {
    for (const reference of template.references) {
      const path = pathOf(reference.name, template.unit.name)
      if (path === undefined || this.library?.has(path) === true) continue
      try {
        await this.fetch(path)
      } catch (error) {
        throw usedFrom(error, template.unit.source.placeOf(reference.at))
      }
    }
  }

  async fetch(path: string): Promise<void> {
    const found = await this.template.partial?.(path)
    this.library ??= new Map()
    if (found === undefined) {
      this.library.set(path, null)
      return
    }
    const compiled = this.compile(found.text, found.file, path)
    this.library.set(path, compiled)
    await this.gather(compiled)
  }

  /** A template besides the main one. */
  add(unit: Unit): void {
    this.units ??= new Set()
    this.units.add(unit)
  }

  run(main: Compiled): Rendered | Pause {
    const { variables, reads } = this.template
    this.log.rewind()
    const host: Host = {
      settings: this.settings,
      ports: this.ports,
      filters: builtinFilters,
      tests: builtinTests,
      reads,
      variables,
      variablesAreGlobal: this.template.variablesAreGlobal ?? true,
      mapped: this.template.mapped ?? true,
      globals: this,
      library: this.library ?? noLibrary,
      used: this,
    }
    const runtime = new Runtime(host)
    const output = runtime.output()
    try {
      bounded(this.template.longest ?? this.template.host?.longest ?? longestTime, () =>
        runtime.templates.renderMain(main, output),
      )
    } catch (error) {
      if (!isPause(error)) throw this.failure(error, main.unit)
      this.repeated += runtime.steps
      if (this.repeated <= mostRepeatedSteps) return error
      throw this.failure(new PyError('LimitError', `${mostRepeatedSteps} repeated steps`), main.unit)
    } finally {
      runtime.undo.restore()
    }
    this.log.tell(this.template.ports?.log ?? this.template.host?.log)
    const text =
      endsWithNewline(this.template.text) && !this.settings.keepTrailingNewline
        ? `${output.text}\n`
        : output.text
    return { text, source: new JinjaSource(output.marks, this.units, main.unit) }
  }

  private failure(error: unknown, main: Unit): unknown {
    this.log.tell(this.template.ports?.log ?? this.template.host?.log)
    return explainError(error, main.source)
  }
}

function endsWithNewline(text: string): boolean {
  return text.endsWith('\n')
}

function pathOf(name: string, from: string): string | undefined {
  try {
    return resolveName(name, from)
  } catch {
    // Said with its place when the template gets there.
    return undefined
  }
}

/** From offsets of the output to places in the templates. */
class JinjaSource implements SourceMap {
  private readonly marks: readonly number[]
  private readonly used: Iterable<Unit> | undefined
  private readonly main: Unit
  private units: readonly Unit[] = []
  private starts: number[] | undefined

  constructor(marks: readonly number[], used: Iterable<Unit> | undefined, main: Unit) {
    this.marks = marks
    this.used = used
    this.main = main
  }

  placeOf(offset: number): Place {
    if (this.starts === undefined) {
      this.starts = this.marks.filter((_, index) => index % 2 === 0)
      this.units = [...new Set([...(this.used ?? []), this.main])].sort((a, b) => a.number - b.number)
    }
    if (this.starts.length === 0 || offset < (this.starts[0] ?? 0)) return this.main.source.placeOf(0)
    const index = lastNotAfter(this.starts, offset)
    const position = this.marks[index * 2 + 1] ?? 0
    const unit =
      this.units[
        lastNotAfter(
          this.units.map(({ number }) => number),
          position,
        )
      ] ?? this.main
    const slot = (position - unit.number) * 2
    const at = unit.positions[slot] ?? 0
    const along = Math.min(offset - (this.starts[index] ?? 0), (unit.positions[slot + 1] ?? at) - at)
    return unit.source.placeOf(at + along)
  }
}
