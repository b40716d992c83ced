/** Template text to functions, kept by content: a compiled template is good for every rendering. */
import { TextSource } from '../source-map.ts'
import { codeFunctions } from './code-functions.ts'
import type { Block } from './context.ts'
import { SyntaxFault } from './fault.ts'
import { forgetLoadedYaml } from './filters/loaded-yaml.ts'
import { generate } from './generator.ts'
import { readText } from './lexer.ts'
import type { Unit } from './located.ts'
import { bodiesOf } from './node-walk.ts'
import type { Expression, Statement, TemplateNode } from './nodes.ts'
import { parseTemplate } from './parser.ts'
import { type JinjaSettings, settingsKey } from './settings.ts'
import type { Compiled } from './templates.ts'
import type { Registry } from './values.ts'

/** Another template that one reaches for by a constant name. */
export interface Reference {
  readonly name: string
  /** Offset of the statement. */
  readonly at: number
}

export interface CompiledFile extends Compiled {
  /** Names of templates that it reaches for and that are constant. */
  readonly references: readonly Reference[]
}

/** By text, then by everything else that makes a difference: a long text is hashed once. */
const known = new Map<string, Map<string, CompiledFile>>()
const mostKnown = 1_000
let nextNumber = 1
/** What was asked for last, and the answer: many files of one template come one after the other. */
let last: { readonly request: CompileRequest; readonly made: CompiledFile } | undefined

/** Drops compiled templates but for the newest `keep`. */
export function forgetJinjaTemplates(keep: number): void {
  if (keep < mostKnown) {
    forgetLoadedYaml()
    last = undefined
  }
  for (const key of known.keys()) {
    if (known.size <= keep) return
    known.delete(key)
  }
}

export interface CompileRequest {
  readonly text: string
  /** For errors. */
  readonly file: string
  /** Relative to the roots. */
  readonly name: string
  readonly settings: JinjaSettings
  readonly filters: Registry
  readonly tests: Registry
  /** Places of the output are asked for. */
  readonly mapped: boolean
}

/** @throws SyntaxFault */
export function compileJinja(request: CompileRequest): CompiledFile {
  if (last !== undefined && isSame(request, last.request)) return last.made
  const made = fromKnown(request)
  last = { request, made }
  return made
}

/** By identity where that will do: the same settings are the same object. */
function isSame(a: CompileRequest, b: CompileRequest): boolean {
  return (
    a.text === b.text &&
    a.file === b.file &&
    a.name === b.name &&
    a.mapped === b.mapped &&
    a.settings === b.settings
  )
}

function fromKnown(request: CompileRequest): CompiledFile {
  const key = `${request.mapped ? 'm' : ''}${settingsKey(request.settings)}\0${request.file}\0${request.name}`
  const found = known.get(request.text)
  const kept = found?.get(key)
  const made = kept ?? compileText(request)
  const all = found ?? new Map<string, CompiledFile>()
  if (kept === undefined) all.set(key, made)
  // The newest stands last.
  known.delete(request.text)
  known.set(request.text, all)
  forgetJinjaTemplates(mostKnown)
  return made
}

function compileText(request: CompileRequest): CompiledFile {
  const { settings, filters, tests } = request
  const text = readText(request.text)
  try {
    const template = parseTemplate(text, settings)
    const number = nextNumber
    const { code, constants, positions } = generate(template, {
      filters,
      tests,
      autoescape: settings.autoescape,
      mapped: request.mapped,
      number,
    })
    const unit: Unit = {
      number,
      source: new TextSource(text, request.file),
      name: request.name,
      positions,
    }
    nextNumber += positions.length / 2 + 1
    // The code holds names of its own, numbers, and JSON strings; see generator.ts.
    const make = new Function('U', 'F', 'K', `'use strict';${code}`) as (
      unit: Unit,
      functions: typeof codeFunctions,
      constants: readonly unknown[],
    ) => { root: Compiled['root']; blocks: Map<string, Block> }
    return { unit, ...make(unit, codeFunctions, constants), references: referencesOf(template) }
  } catch (error) {
    if (error instanceof RangeError) throw new SyntaxFault('it is nested too deeply', 0)
    throw error
  }
}

function referencesOf(template: TemplateNode): Reference[] {
  const names: Places = new Map()
  collect(template.body, names)
  return [...names].map(([name, at]) => ({ name, at }))
}

type Places = Map<string, number>

function collect(statements: readonly Statement[], names: Places): void {
  for (const node of statements) {
    if (
      node.kind === 'import' ||
      node.kind === 'fromimport' ||
      node.kind === 'include' ||
      node.kind === 'extends'
    )
      collectName(node.template, names, node.at)
    for (const body of bodiesOf(node)) collect(body, names)
  }
}

function collectName(node: Expression, names: Places, at: number): void {
  if (node.kind === 'constant' && typeof node.value === 'string') {
    if (!names.has(node.value)) names.set(node.value, at)
  } else if (node.kind === 'list' || node.kind === 'tuple')
    for (const item of node.items) collectName(item, names, at)
}
