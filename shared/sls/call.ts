/** One call of a state function below an ID: `file.managed:` with its list of arguments, in every form that Salt reads. */
import type { Place } from '../data/place.ts'
import { placeOfKey, placeOfValue } from '../data/provenance.ts'
import { type Dict, equalValues, isDict, isList, type Key, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { globalArguments, listRequisites } from './keywords.ts'

export interface Argument {
  readonly name: string
  readonly value: Value
  /** The container that has it, whose marks know its place. */
  readonly from: Dict
  readonly key: Key
  /** An extension gives it to requisites of this kind that may be there already. */
  readonly adds?: true
}

export interface Call {
  readonly module: string
  /** One, once the run is put together; an extension may have none, a mistake several. */
  readonly functions: readonly string[]
  readonly args: readonly Argument[]
  /** Salt's iorder: 10000 and up in the order of definition; undefined: `order` is given, or an extension added it. */
  auto: number | undefined
  /** It is part of an extension. */
  readonly added?: true
  readonly place: Place | undefined
}

export interface CallAt {
  readonly id: string
  readonly sls: string
  readonly errors: TsaltError[]
  readonly place: Place | undefined
}

/** @param extending entries need not name a function */
export function readCalls(body: Dict, at: CallAt, extending: boolean): Call[] {
  const calls: Call[] = []
  for (const [key, content] of body) {
    const state = String(key)
    if (state.startsWith('__')) continue
    const place = placeOfKey(body, key)
    const dot = state.indexOf('.')
    const module = dot === -1 ? state : state.slice(0, dot)
    if (calls.length > 0 && calls.some((call) => call.module === module)) {
      at.errors.push(new TsaltError('sls-module-twice', { id: at.id, sls: at.sls, module }, { place }))
      continue
    }
    const fun = dot === -1 ? undefined : state.slice(dot + 1)
    const call = readCall({ state, module, fun, extending }, content, { ...at, place })
    if (call) calls.push(call)
  }
  return calls
}

interface CallHead {
  /** As written: `file.managed`. */
  readonly state: string
  readonly module: string
  readonly fun: string | undefined
  readonly extending: boolean
}

function readCall({ state, module, fun, extending }: CallHead, content: Value, at: CallAt): Call | undefined {
  const { id, sls, errors, place } = at
  if (content === null) {
    errors.push(new TsaltError('sls-trailing-colon', { id, sls, state }, { place }))
    return undefined
  }
  if (!isList(content)) {
    const kind = isDict(content) ? 'a mapping' : `"${String(content).slice(0, 60)}"`
    const isFunction = typeof content === 'string' && fun === undefined && /^\w+$/.test(content)
    const hint = isFunction ? { hint: `Write "${state}.${content}: []".` } : {}
    errors.push(new TsaltError('sls-arguments-invalid', { id, sls, state, kind }, { place, ...hint }))
    return undefined
  }
  const functions = fun === undefined ? [] : [fun]
  const args = readArguments(content, functions, state, at)
  if (functions.length === 0 && !extending) {
    const hint = meantFunction(module, args)
    errors.push(
      new TsaltError('sls-function-missing', { id, sls, module }, { place, ...(hint ? { hint } : {}) }),
    )
  }
  if (functions.length > 1) errors.push(severalFunctions(module, functions, content, at))
  const call = { module, functions, args, auto: undefined, place }
  return extending ? { ...call, added: true } : call
}

/** Arguments in their order; functions found between them go to `functions`. */
export function readArguments(
  list: readonly Value[],
  functions: string[] | undefined,
  state: string,
  at: CallAt,
): Argument[] {
  const { id, sls, errors } = at
  const args: Argument[] = []
  // A short list is looked through faster than a set is made.
  const seen = list.length > 16 ? new Set<string>() : undefined
  const isKnown = (name: string): boolean => (seen === undefined ? named(args, name) : seen.has(name))
  for (let index = 0; index < list.length; index++) {
    const item = list[index] ?? null
    if (isDict(item)) {
      item.forEach((value, key) => {
        const name = String(key)
        if (!listRequisites.has(name) && isKnown(name)) {
          // Macros of formulas write an argument that stands below them as well: the same twice is no mistake.
          const twice = { id, sls, argument: name, state }
          if (!saysTheSame(args, name, value))
            errors.push(new TsaltError('sls-argument-twice', twice, { place: placeOfKey(item, key) }))
        }
        if (name === 'state') return
        seen?.add(name)
        // Of several the last counts: `1` after `True` is 1.
        args.push({ name, value, from: item, key })
      })
    } else if (typeof item === 'string' && functions !== undefined) {
      if (/\s/.test(item.trim())) {
        const place = placeOfValue(list, index)
        errors.push(
          new TsaltError('sls-function-space', { id, sls, function: item }, { place, hint: withColon(item) }),
        )
      } else functions.push(item)
    } else {
      const reason = `an entry of "${state}" is not an argument: ${String(item).slice(0, 60)}`
      const place = placeOfValue(list, index) ?? at.place
      errors.push(new TsaltError('sls-argument-invalid', { id, sls, reason }, { place }))
    }
  }
  return args
}

/** `file managed:` for `file.managed:`, `- running:` for `- running`. */
function meantFunction(module: string, args: readonly Argument[]): string | undefined {
  const [, first, second] = /^(\w+)\s+(\w+)$/.exec(module) ?? []
  if (first !== undefined) return `Write "${first}.${second}:".`
  const empty = args.find(({ value }) => value === null)
  return (
    empty &&
    `If "${empty.name}" is the function, write "${module}.${empty.name}:", or "- ${empty.name}" without the colon.`
  )
}

/** Points at the first entry that is one too many; where that is a requisite, only its colon is missing. */
function severalFunctions(
  module: string,
  functions: readonly string[],
  list: readonly Value[],
  { id, sls, place }: CallAt,
): TsaltError {
  const known = functions.find((name) => listRequisites.has(name) || globalArguments.has(name))
  const second = known ?? functions[1] ?? ''
  const index = list.lastIndexOf(second)
  return new TsaltError(
    'sls-function-several',
    { id, sls, module, functions: functions.join(', ') },
    {
      place: (index === -1 ? undefined : placeOfValue(list, index)) ?? place,
      ...(known === undefined ? {} : { hint: `Write "- ${known}:", with what it takes.` }),
    },
  )
}

/** Called for every argument of a run: without an iterator, which costs more than the look. */
export function named(args: readonly Argument[], name: string): boolean {
  for (let index = 0; index < args.length; index++) if (args[index]?.name === name) return true
  return false
}

const saysTheSame = (args: readonly Argument[], name: string, value: Value): boolean =>
  args.some((argument) => argument.name === name && equalValues(argument.value, value))

function withColon(item: string): string | undefined {
  const [, name, value] = /^([\w-]+)\s+(\S.*)$/.exec(item.trim()) ?? []
  return name === undefined ? undefined : `Write "- ${name}: ${value}".`
}
