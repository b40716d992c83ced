/**
 * docs/types/tsalt.d.ts: the types that modules of a tree are written against, taken out of the contract itself. Only
 * what the thread of such modules offers is in it.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { changes, looks } from '../../minion/tree-code/machine-ports.ts'

const project = resolve(import.meta.dirname, '../..')

/** Where the contract is declared. */
const files = [
  'shared/data/value.ts',
  'minion/system/reader.ts',
  'minion/system/changer.ts',
  'minion/system/http-port.ts',
  'shared/run/related-state.ts',
  'minion/states/contract.ts',
]
/** What `own` below is written with; what these are written with comes along. */
const roots = ['Plain', 'Dict', 'Value', 'Reader', 'Changer', 'Decision', 'RelatedState', 'PredictedChange']

const offered: Readonly<Record<string, readonly string[] | undefined>> = {
  FileReader: looks.files,
  CommandReader: looks.commands,
  PackageReader: looks.packages,
  ServiceReader: looks.services,
  AccountReader: looks.accounts,
  SourceReader: looks.sources,
  FileChanger: changes.files,
  CommandChanger: changes.commands,
  PackageChanger: changes.packages,
  ServiceChanger: changes.services,
  AccountChanger: changes.accounts,
}

export function typeDeclarations(): string {
  const texts = files.map((file) => readFileSync(join(project, file), 'utf8'))
  const declared = new Map<string, string>()
  const open = [...roots]
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (declared.has(name)) continue
    const found = texts.map((text) => declarationOf(name as string, text)).find((one) => one !== undefined)
    if (found === undefined) continue
    declared.set(name, found)
    open.push(...(withoutComments(found).match(/\b[A-Z]\w+\b/g) ?? []))
  }
  const absent = roots.filter((name) => !declared.has(name))
  if (absent.length > 0) throw new Error(`nothing declares ${absent.join(', ')}`)
  return `${head}\n${[...declared.values()].join('\n')}\n${own}`
}

const withoutComments = (text: string): string => text.replace(/\/\*\*[\s\S]*?\*\//g, '')

/** Sources are formatted: a declaration ends with a line `}`, or where it began and the next line is not indented. */
function declarationOf(name: string, text: string): string | undefined {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => new RegExp(`^export (?:interface|type) ${name}\\b`).test(line))
  if (first === -1) return undefined
  let start = first
  while (start > 0 && /^(?:\/\*\*| \*)/.test(lines[start - 1] ?? '')) start -= 1
  let end = first
  while (/^\s+\S/.test(lines[end + 1] ?? '')) end += 1
  if (lines[end + 1] === '}') end += 1
  const declared = `${lines.slice(start, end + 1).join('\n')}\n`.replace(' | PyFloat', '')
  const methods = offered[name]
  return methods === undefined ? declared : onlyMethods(declared, methods)
}

/** Leaves out members that code of a tree is not offered, with their comments. */
function onlyMethods(declared: string, methods: readonly string[]): string {
  const kept: string[] = []
  let comment: string[] = []
  let isKept = true
  for (const line of declared.split('\n')) {
    const member = /^ {2}(\w+)\??[(<]/.exec(line)?.[1]
    if (/^ {2}\/\*\*/.test(line) || (comment.length > 0 && /^ {3}\*/.test(line))) {
      comment.push(line)
      continue
    }
    if (member !== undefined) isKept = methods.includes(member)
    if (/^\S/.test(line)) isKept = true
    if (isKept) kept.push(...comment, line)
    comment = []
  }
  return kept.join('\n')
}

const head = `// Written by "npm run docs" from the code. Changes made here are lost.
// Types for _states/*.ts and _modules/*.ts of a tree: docs/guide/custom-modules.md says how to use them.

type Sha256 = string
`

const own = `/** What a check may know about the run that it is part of. */
export interface StateRun {
  /** A dry run. */
  readonly test: boolean
  /** In a dry run: what earlier states predicted, so that what is missing now may be there in the real run. */
  readonly predicted: readonly PredictedChange[]
  readonly id: string
  readonly sls: string
  readonly environment: string
  readonly required?: readonly RelatedState[]
}

/** How a value of YAML is read. */
export interface ArgumentType<Output> {
  readonly type: string
  /** Only for the type. */
  readonly reads?: Output
}

export interface Argument<Output> extends ArgumentType<Output> {
  readonly description: string
  readonly need: 'needed' | 'optional' | 'defaulted'
}

export const text: ArgumentType<string>
export const nonEmptyText: ArgumentType<string>
export const flag: ArgumentType<boolean>
/** 0 or more. */
export const whole: ArgumentType<number>
export const seconds: ArgumentType<number>
export const absolutePath: ArgumentType<string>
/** Permission bits: '0644'. */
export const mode: ArgumentType<number>
/** A user or group by name or number. */
export const account: ArgumentType<string | number>
/** A list of text; one text stands for a list of one. */
export const textList: ArgumentType<string[]>
export const mapping: ArgumentType<Dict>
export const environment: ArgumentType<Readonly<Record<string, string>>>
export const anything: ArgumentType<Value>
export function choice<const Words extends readonly string[]>(words: Words): ArgumentType<Words[number]>

export function needed<Output>(type: ArgumentType<Output>, description: string): Argument<Output>
export function optional<Output>(type: ArgumentType<Output>, description: string): Argument<Output | undefined>
export function defaulted<Output>(type: ArgumentType<Output>, fallback: Output, description: string): Argument<Output>

type Arguments = Readonly<Record<string, Argument<unknown>>>
type Read<Args extends Arguments> = { readonly [Name in keyof Args]: Args[Name] extends Argument<infer Output> ? Output : never }

export interface StateFunction<Args extends Arguments> {
  /** One sentence: "Makes sure that …" */
  readonly summary: string
  /** \`name\` is among them. */
  readonly args: Args
  /** SLS texts. */
  readonly examples?: readonly string[]
  /** Does something at every run; a second run is not expected to be silent. */
  readonly repeats?: true
  /** Name of the argument that takes all others, a Dict. */
  readonly restArguments?: string
  /** Looks and decides; the change itself is a closure over a Changer, which a dry run does not have. */
  check(args: Read<Args>, look: Reader, run: StateRun): Promise<Decision> | Decision
  /** What \`watch\` and \`listen\` do when a target changed. */
  refresh?(args: Read<Args>, look: Reader, run: StateRun): Promise<Decision> | Decision
}

export interface ModuleContext {
  readonly look: Reader
  readonly act: Changer
  /** The minion's. */
  readonly id: string
}

export interface ExecFunction<Args extends Arguments> {
  readonly summary: string
  /** In the order in which they may be given by position. */
  readonly args: Args
  readonly examples?: readonly string[]
  /** Changes nothing: may run beside a state run, and templates may call it in a dry run. */
  readonly readOnly?: boolean
  /** Name of the argument that takes all further positional ones, as a list. */
  readonly rest?: string
  /** Any other \`name=value\` is collected under this argument, a Dict. */
  readonly restKeywords?: string
  /** Templates may call it in a dry run although it could change something. */
  readonly whileRendering?: true
  run(args: Read<Args>, context: ModuleContext): Promise<Plain> | Plain
}

export function inSync(comment: string): InSync
/** @param hint what to do about it */
export function failed(comment: string, hint?: string): Failed
/** A dry run can't tell. */
export function unknown(reason: string): Unknown
export function drift(
  changes: Plain,
  comments: { readonly would: string; readonly done: string },
  apply: (act: Changer) => Promise<Applied | undefined | void>,
): Drift

export function stateFunction<const Args extends Arguments>(definition: StateFunction<Args>): StateFunction<Args>
export function execFunction<const Args extends Arguments>(definition: ExecFunction<Args>): ExecFunction<Args>

export interface StateModule {
  readonly summary: string
  readonly functions: Readonly<Record<string, StateFunction<any>>>
}

export interface ExecModule {
  readonly summary: string
  readonly functions: Readonly<Record<string, ExecFunction<any>>>
}

export function stateModule(definition: StateModule): StateModule
export function execModule(definition: ExecModule): ExecModule
`
