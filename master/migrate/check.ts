/** Walks a Salt tree: compiles every SLS for one minion, and finds what tsalt lacks and what it does differently. */
import type { Dict, Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { RenderHost } from '../../shared/render/host.ts'
import { compileStates } from '../../shared/sls/compile.ts'
import type { CompileRequest, CompileSettings } from '../../shared/sls/compiled.ts'
import { findSls } from '../../shared/sls/names.ts'
import { renderSls } from '../../shared/sls/render-sls.ts'
import { AssumedCalls } from './assumed-calls.ts'
import { type Finding, Findings } from './finding.ts'
import type { LocalTree } from './local-tree.ts'
import { isProgram, noteModules, type TreeModules } from './python-files.ts'
import { declaredIn, noteQuirks } from './quirks.ts'
import { scanTemplate, type TemplateUse } from './scan-template.ts'
import { executionFunctions, notingCatalog } from './state-catalog.ts'
import { templateFunctions } from './template-functions.ts'

export interface CheckRequest {
  readonly tree: LocalTree
  readonly id: string
  readonly grains: Dict
  readonly pillar: Dict
  readonly settings: CompileSettings
}

/**
 * `compiles`; `together`: only beside SLS that it does not include; `machine`: fails where a call to the machine was
 * answered with nothing; `data`: fails for a value that the pillar or grains lack; `program`: Python; `fails`; `included`: fails for an SLS that it includes.
 */
export type SlsStatus = 'compiles' | 'together' | 'machine' | 'data' | 'program' | 'fails' | 'included'

export interface CheckedSls {
  readonly sls: string
  readonly environment: string
  readonly file: string
  readonly status: SlsStatus
}

export interface Check {
  readonly sls: readonly CheckedSls[]
  readonly findings: readonly Finding[]
  /** Other templates that were looked at: *.jinja, *.j2, … */
  readonly templates: number
  /** States that the top file gives the minion; undefined: there is no top file. */
  readonly highstate: { readonly sls: number; readonly errors: number } | undefined
}

export async function checkTree(request: CheckRequest, found = new Findings()): Promise<Check> {
  const { tree } = request
  found.locate = (file) => locate(tree, file)
  const sls: CheckedSls[] = []
  let templates = 0
  const walk = new TreeCheck(request, found)
  for (const environment of tree.environments) await walk.prepare(environment)
  for (const environment of tree.environments) {
    for (const name of tree.slsNames(environment)) {
      if (name === 'top') continue
      sls.push(await walk.check(environment, name))
    }
    templates += walk.templatesOf(environment)
  }
  const highstate = await walk.highstate()
  return { sls, findings: found.all, templates, highstate }
}

function locate(tree: LocalTree, file: string): string {
  for (const environment of tree.environments) {
    const where = tree.where(environment, file)
    if (where !== undefined) return where
  }
  return file
}

const isTemplate = /\.(?:jinja2?|j2|tmpl|tpl|template)$/

class TreeCheck {
  readonly #request: CheckRequest
  readonly #found: Findings
  readonly #modules = new Map<string, TreeModules>()
  /** ID or name → SLS that have it. */
  readonly #declared = new Map<string, string[]>()
  #calls = new AssumedCalls([])
  readonly #templates = new Map<string, number>()

  constructor(request: CheckRequest, found: Findings) {
    this.#request = request
    this.#found = found
  }

  /** What stands in the files, whatever the grains: programs, and what templates call. */
  async prepare(environment: string): Promise<void> {
    const { tree } = this.#request
    const modules = noteModules(tree, environment, this.#found)
    this.#modules.set(environment, modules)
    const called = new Set<string>()
    let templates = 0
    for (const path of tree.list(environment)) {
      const isSls = path.endsWith('.sls')
      if (!isSls && !isTemplate.test(path)) continue
      if (!isSls) templates += 1
      const text = (await tree.read(environment, path))?.text ?? ''
      for (const use of scanTemplate(text, path)) this.#noteUse(use, modules, called)
    }
    this.#templates.set(environment, templates)
    this.#calls = new AssumedCalls([...this.#calls.names(), ...called])
    for (const name of tree.slsNames(environment)) await this.#index(environment, name)
  }

  templatesOf(environment: string): number {
    return this.#templates.get(environment) ?? 0
  }

  #noteUse({ kind, name, place }: TemplateUse, modules: TreeModules, called: Set<string>): void {
    if (kind !== 'function') {
      const message = `tsalt has no ${kind} "${name}"`
      this.#found.add({ group: 'filter', subject: `${kind} ${name}`, message, place })
      return
    }
    called.add(name)
    if (templateFunctions.has(name)) return
    if (executionFunctions.has(name)) {
      const message = `${name} asks the machine`
      this.#found.add({ group: 'machine', subject: name, message, place })
      return
    }
    const own = modules.modules.has(name.slice(0, name.indexOf('.')))
    const message = own ? `${name} is Python of this tree` : `tsalt has no ${name}`
    const hint = own ? 'It is Python of this tree, in _modules.' : undefined
    this.#found.add({ group: 'function', subject: name, message, hint, place })
  }

  /** Quirks of one SLS, and what it declares. What cannot be rendered is told when it is compiled. */
  async #index(environment: string, sls: string): Promise<void> {
    const { tree, settings } = this.#request
    try {
      const file = findSls(tree, environment, sls)
      const text = file === undefined ? undefined : (await tree.read(environment, file))?.text
      if (file === undefined || text === undefined || isProgram(text, file, this.#found)) return
      const value = await renderSls({
        ...{ tree, environment, sls, file, text, renderer: settings.renderer },
        variables: this.#variables(),
        host: this.#host(),
      })
      noteQuirks(value, this.#found)
      for (const name of declaredIn(value))
        this.#declared.set(name, [...(this.#declared.get(name) ?? []), sls])
    } catch (error) {
      // Compiling it tells of it.
      if (!(error instanceof Error)) throw error
    }
  }

  #variables(): Record<string, Value> {
    const { id, pillar, grains } = this.#request
    return { id, pillar, grains, opts: this.#opts() }
  }

  #opts(): Dict {
    return new Map<string, Value>([
      ['id', this.#request.id],
      ['file_client', 'local'],
      ['saltenv', 'base'],
      ['pillarenv', null],
      ['test', false],
    ])
  }

  #host(): RenderHost {
    return { functions: this.#calls }
  }

  #compile(more: Partial<CompileRequest>): ReturnType<typeof compileStates> {
    const { tree, id, grains, pillar, settings } = this.#request
    const ofTree = new Set([...this.#modules.values()].flatMap(({ states }) => [...states]))
    this.#calls.called.clear()
    return compileStates({
      tree,
      settings,
      subject: { id, grains, pillar, opts: this.#opts() },
      catalog: notingCatalog(this.#found, ofTree),
      host: this.#host(),
      ...more,
    })
  }

  async check(environment: string, sls: string): Promise<CheckedSls> {
    const { tree } = this.#request
    const path = fileOf(tree, environment, sls)
    const file = tree.where(environment, path) ?? path
    const text = (await tree.read(environment, path))?.text ?? ''
    if (isProgram(text, path, this.#found)) return { sls, environment, file, status: 'program' }
    const errors = await this.#errorsOf(environment, sls, path)
    for (const error of errors) this.#note(error)
    return { sls, environment, file, status: this.#statusOf(errors, path) }
  }

  /** A mistake of tsalt's own ends one SLS, not the report of three hundred. */
  async #errorsOf(environment: string, sls: string, path: string): Promise<readonly TsaltError[]> {
    try {
      return (await this.#compile({ sls: [sls], environment })).errors
    } catch (error) {
      if (isTsaltError(error)) return [error]
      const place = { file: path, line: 1, column: 1 }
      return [new TsaltError('migrate-own-mistake', { reason: String(error) }, { place })]
    }
  }

  #statusOf(errors: readonly TsaltError[], path: string): SlsStatus {
    if (errors.length === 0) return 'compiles'
    if (errors.every(({ code }) => code === 'requisite-missing')) return 'together'
    if (errors.some(({ code }) => code === 'language-renderer-unsupported')) return 'included'
    if (this.#calls.called.size > 0) return 'machine'
    if (errors.every(({ code }) => code === 'jinja-undefined')) return 'data'
    return errors.every(({ place }) => place !== undefined && place.file !== path) ? 'included' : 'fails'
  }

  #note(error: TsaltError): void {
    if (error.code === 'language-renderer-unsupported') return
    const { code, message, place, hint } = error
    if (code !== 'requisite-missing') {
      const called = [...this.#calls.called].join(', ')
      const asked = called === '' ? hint : `${hint ?? ''} Answered with nothing here: ${called}.`.trim()
      const group = called !== '' ? 'untold' : code === 'jinja-undefined' ? 'data' : 'compile'
      this.#found.add({ group, subject: code, message, hint: asked, place })
      return
    }
    const reference = /^(?:\w+ )?"?(.*?)"?$/.exec(String(error.parameters.reference))?.[1] ?? ''
    const having = this.#declared.get(reference.replace(/^\w+: /, '')) ?? []
    const where = having.length > 0 ? `It is in ${[...new Set(having)].slice(0, 3).join(', ')}.` : hint
    this.#found.add({ group: 'together', subject: code, message, hint: where, place })
  }

  /** The run that the top file gives the minion; undefined: no top file, or none for it. */
  async highstate(): Promise<Check['highstate']> {
    const { tree } = this.#request
    if (!tree.environments.some((name) => tree.has(name, 'top.sls'))) return undefined
    const compiled = await this.#compile({}).catch(() => undefined)
    if (compiled === undefined) return { sls: 0, errors: 1 }
    const { top, errors } = compiled
    const names = [...top.values()].flat()
    if (errors.length === 1 && errors[0]?.code === 'top-no-match') return { sls: 0, errors: 0 }
    for (const error of errors) if (error.code !== 'requisite-missing') this.#note(error)
    return { sls: names.length, errors: errors.length }
  }
}

function fileOf(tree: LocalTree, environment: string, sls: string): string {
  try {
    return findSls(tree, environment, sls) ?? sls
  } catch {
    // Two files answer to the name: compiling it says so.
    return `${sls.replaceAll('.', '/')}.sls`
  }
}
