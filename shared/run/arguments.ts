/**
 * Reads the arguments of one low chunk by its function's schema. What the compiler checked is kept for the runner,
 * so that every chunk is parsed once.
 */
import * as v from 'valibot'
import { nearest } from '../data/nearest.ts'
import type { Place } from '../data/place.ts'
import { placeOfKey, placeOfValue } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Key, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { Mismatch, readerOf } from '../schema/shaped.ts'
import { commonArguments } from '../sls/keywords.ts'
import type { LowChunk } from '../sls/low.ts'
import { holdsSlot } from './slot.ts'

/** What a function says of its arguments. */
export interface ArgumentRules {
  readonly args: { readonly entries: v.ObjectEntries }
  /** What is wrong with arguments that are right one by one. */
  // biome-ignore lint/suspicious/noExplicitAny: each function's own arguments; the schema has read them by then.
  refuse?(args: any): { readonly argument: string; readonly reason: string } | undefined
  readonly restArguments?: string
  readonly anyArguments?: true
  readonly ignored?: readonly string[]
  readonly templateVariables?: true
}

/** A chunk, or the same made by hand (`state.single`). */
export type ChunkArguments = Pick<
  LowChunk,
  'state' | 'fun' | 'name' | 'namePlace' | 'args' | 'globals' | 'place'
> & { readonly id?: string }

export type ParsedArguments =
  | { readonly ok: true; readonly args: unknown }
  | { readonly ok: false; readonly errors: readonly TsaltError[] }

/** Names from old Salt, or from other states, that are too far from the right one for "did you mean" by edits. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  user: ['runas'],
  owner: ['user'],
  show_diff: ['show_changes'],
  content: ['contents', 'text'],
  text: ['contents'],
  packages: ['pkgs'],
  no_recommends: ['install_recommends'],
}

/** Answers with what it was given, so that the class below puts its private member onto an object that exists. */
function itself(chunk: object): object {
  return chunk
}
const Itself = itself as unknown as new (chunk: object) => object

/** What was read, as a private member of the chunk: a WeakMap of thousands costs the collector too much. */
class Parsed extends Itself {
  #result: ParsedArguments
  private constructor(chunk: object, result: ParsedArguments) {
    super(chunk)
    this.#result = result
  }
  static set(chunk: object, result: ParsedArguments): void {
    new Parsed(chunk, result)
  }
  static get(chunk: object): ParsedArguments | undefined {
    return #result in chunk ? chunk.#result : undefined
  }
}

/** @returns the arguments as the schema gives them, or every mistake with its place */
export function parseArguments(definition: ArgumentRules, chunk: ChunkArguments): ParsedArguments {
  const known = Parsed.get(chunk)
  if (known) return known
  const result = readArguments(definition, chunk)
  Parsed.set(chunk, result)
  return result
}

function readArguments(definition: ArgumentRules, chunk: ChunkArguments): ParsedArguments {
  const { entries } = definition.args
  const { defaults, needed, readers } = standardsOf(definition)
  const errors: TsaltError[] = []
  const given: Record<string, unknown> = { name: chunk.name }
  let variables: Dict | undefined
  let others: Dict | undefined
  const { restArguments } = definition
  chunk.args.forEach((value, key) => {
    const name = String(key)
    if (name === 'name') return
    if (Object.hasOwn(entries, name)) {
      // A bare `- user:` is Python's None, which every function of Salt takes for "not given".
      if (value !== null) given[name] = value
    } else if (restArguments !== undefined) {
      others ??= new Map()
      others.set(key, value)
    } else if (isVariable(definition, chunk, name)) {
      variables ??= new Map()
      variables.set(name, value)
    } else if (!definition.anyArguments && definition.ignored?.includes(name) !== true)
      errors.push(unknownArgument(entries, chunk, key))
  })
  // `defaults` and `context` win over them.
  if (variables !== undefined) given.defaults = new Map([...(variables as Dict), ...dictOf(given.defaults)])
  if (restArguments !== undefined && others !== undefined) given[restArguments] = others
  if (chunk.globals.size > 0) takeGlobals(entries, chunk, given)
  const args: Record<string, unknown> = { ...defaults }
  for (const name of needed) if (given[name] === undefined) errors.push(missing(chunk, name))
  let open = false
  const names = Object.keys(given)
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string
    const value = given[name]
    // What a slot gives is read once it is known, just before the call.
    if (holdsSlot(value as Value)) {
      open = true
      continue
    }
    if (holdsNul(value as Value) && (chunk.state !== 'file' || name === 'name')) {
      errors.push(invalid(chunk, name, 'it has a NUL (\\0), which no name, path or command can have'))
      continue
    }
    const reader = readers[name]
    if (reader === undefined || value === undefined) {
      const read = v.safeParse(entries[name] as v.GenericSchema, value)
      if (read.success) args[name] = read.output
      else errors.push(...read.issues.map((issue) => invalid(chunk, name, issue.message)))
    } else {
      const read = reader(value)
      if (read instanceof Mismatch) errors.push(invalid(chunk, name, read.reason))
      else args[name] = read
    }
  }
  if (errors.length > 0) return { ok: false, errors }
  if (open) return { ok: true, args }
  const refusal = definition.refuse?.(args)
  return refusal
    ? { ok: false, errors: [invalid(chunk, refusal.argument, refusal.reason)] }
    : { ok: true, args }
}

/** Contents of files may; anything else ends there for the kernel, or for the program that gets it. */
function holdsNul(value: Value): boolean {
  if (typeof value === 'string') return value.includes('\0')
  if (isList(value)) return value.some(holdsNul)
  return isDict(value) && [...value].some(([key, item]) => holdsNul(key) || holdsNul(item))
}

/** What looks like a misspelt argument is one. */
function isVariable(
  { templateVariables, args }: ArgumentRules,
  chunk: ChunkArguments,
  name: string,
): boolean {
  if (!templateVariables || (chunk.args.get('template') ?? null) === null) return false
  return misspelt(Object.keys(args.entries), name) === undefined
}

const dictOf = (value: unknown): Dict => (value instanceof Map ? value : new Map())

interface Standards {
  readonly defaults: Readonly<Record<string, unknown>>
  readonly needed: readonly string[]
  readonly readers: Readonly<Record<string, ReturnType<typeof readerOf>>>
}

const standards = new WeakMap<ArgumentRules, Standards>()

/**
 * What an empty call means, worked out once for each function. Parsing the whole schema again for each of thousands
 * of chunks would spend most of its time on defaults.
 */
function standardsOf(definition: ArgumentRules): Standards {
  const known = standards.get(definition)
  if (known) return known
  const defaults: Record<string, unknown> = {}
  const needed: string[] = []
  const readers: Record<string, ReturnType<typeof readerOf>> = {}
  for (const [name, entry] of Object.entries(definition.args.entries)) {
    const schema = entry as v.GenericSchema
    readers[name] = readerOf(schema)
    if (!('wrapped' in schema)) needed.push(name)
    else if ('default' in schema && schema.default !== undefined) defaults[name] = v.parse(schema, undefined)
  }
  const found = { defaults, needed, readers }
  standards.set(definition, found)
  return found
}

/** A global argument that the function also declares (`runas` of cmd.run, `check_cmd` of file.managed) is its own. */
function takeGlobals(entries: object, chunk: ChunkArguments, given: Record<string, unknown>): void {
  for (const [key, value] of chunk.globals) {
    const name = String(key)
    if (value !== null && Object.hasOwn(entries, name)) given[name] ??= value
  }
}

function unknownArgument(entries: object, chunk: ChunkArguments, key: Key): TsaltError {
  const state = `${chunk.state}.${chunk.fun}`
  const name = String(key)
  const place = placeOfKey(chunk.args, key) ?? chunk.place
  return new TsaltError(
    'state-argument-unknown',
    { state, argument: name, of: ofId(chunk) },
    { place, hint: suggestion(Object.keys(entries), name, state) },
  )
}

/** A call that is no state of a file has none. */
const ofId = ({ id }: ChunkArguments): string => (id === undefined ? '' : ` (ID "${id}")`)

/** The name that was meant. */
function misspelt(names: readonly string[], name: string): string | undefined {
  return (
    otherNames[name]?.find((candidate) => names.includes(candidate)) ??
    names.find((candidate) => squeezed(candidate) === squeezed(name)) ??
    nearest(name, [...names, ...commonArguments])
  )
}

function suggestion(names: readonly string[], name: string, state: string): string {
  const near = misspelt(names, name)
  if (near !== undefined) return `Did you mean "${near}"?`
  if (names.includes('context') && names.includes('template'))
    return 'If it is a variable of the template, put it under "context".'
  return `${state} takes: ${names.join(', ')}.`
}

const squeezed = (name: string): string => name.replace(/_/g, '').toLowerCase()

function missing(chunk: ChunkArguments, argument: string): TsaltError {
  const state = `${chunk.state}.${chunk.fun}`
  return new TsaltError(
    'state-argument-missing',
    { state, argument, of: ofId(chunk) },
    { place: chunk.place },
  )
}

function invalid(chunk: ChunkArguments, argument: string, reason: string): TsaltError {
  const state = `${chunk.state}.${chunk.fun}`
  return new TsaltError(
    'state-argument-invalid',
    { state, argument, reason, of: ofId(chunk) },
    { place: (argument === 'name' ? chunk.namePlace : placeIn(chunk.args, argument)) ?? chunk.place },
  )
}

function placeIn(args: Map<Key, Value>, argument: string): Place | undefined {
  return placeOfValue(args, argument) ?? placeOfKey(args, argument)
}
