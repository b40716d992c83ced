/** A chunk of a low-state list becomes the call of a function: on minions, of a runner, of the wheel. */

import * as v from 'valibot'
import { parseArguments } from '../../shared/cli-arguments/parse.ts'
import { encodeValue, type Json } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { functionName } from '../../shared/protocol/fields.ts'
import { functionsOf, joinCalls, mostFunctions } from '../../shared/several-functions.ts'
import { type TargetKind, targetKinds } from '../../shared/targeting/target.ts'
import type { Target } from '../api/schemas.ts'
import type { LowChunk } from './low.ts'

export interface Call {
  readonly fun: string
  readonly args: Json[]
  readonly kwargs: Record<string, Json>
}

/** Who asks, and how the answer should look: of every client. */
const common = [
  'client',
  'fun',
  'arg',
  'kwarg',
  'token',
  'eauth',
  'username',
  'password',
  'full_return',
  'timeout',
]
/** Taken from Salt's clients, and without a meaning here. */
const passedOver = [
  ...['ret', 'ret_config', 'ret_kwargs', 'cli', 'progress', 'verbose', 'listen', 'user', 'show_jid', 'raw'],
  ...['show_timeout', 'gather_job_timeout', 'module_executors', 'executor_opts'],
]
/** What `local` and its kin take. */
const ofLocal = new Set([
  ...['tgt', 'tgt_type', 'expr_form', 'delimiter', 'jid', 'metadata', 'sub', 'subset'],
  ...['batch', 'batch_wait', 'failhard', ...common, ...passedOver],
])

/**
 * Of `local`. A name that Salt would pass over is refused: `test: true` beside `fun` would run for real.
 * @throws TsaltError `low-invalid`
 */
export function localCall(chunk: LowChunk): Call {
  for (const key of chunk.dict.keys())
    if (!ofLocal.has(String(key))) {
      const near = nearest(String(key), ofLocal)
      const hint = near
        ? `Did you mean "${near}"?`
        : `Arguments of the function belong into "arg" or "kwarg": {"kwarg": {"${String(key).slice(0, 40)}": …}}.`
      throw chunk.wrong(String(key).slice(0, 60), 'it has no meaning here, and Salt would pass over it', hint)
    }
  if (chunk.get('ret') !== undefined)
    throw chunk.wrong('ret', 'there are no returners: the master keeps what minions return')
  const functions = severalOf(chunk)
  return functions ? severalCall(chunk, functions) : bindWords(chunk, [...chunk.mapping('kwarg')])
}

/** Of `runner` and `wheel`: whatever is not about the call itself is an argument of the function. */
export function masterCall(chunk: LowChunk): Call {
  const more = [...chunk.dict].filter(([key]) => !common.includes(String(key)))
  const named = [...more, ...chunk.mapping('kwarg')]
  return bindWords(
    chunk,
    named.map(([key, value]) => [key, asWords(key, value)]),
  )
}

/** Searches of jobs.*: Salt takes a list where `tsalt-run` has words with commas. */
const asWords = (key: unknown, value: Value): Value =>
  (key === 'search_function' || key === 'search_target') && isList(value)
    ? value.map(String).join(',')
    : value

function bindWords(chunk: LowChunk, named: readonly (readonly [unknown, Value])[]): Call {
  return bound(functionOf(chunk), chunk.list('arg'), named)
}

function bound(fun: string, given: readonly Value[], named: readonly (readonly [unknown, Value])[]): Call {
  const args: Value[] = []
  const kwargs: Dict = new Map()
  for (const arg of given) {
    if (typeof arg === 'string') {
      // As on the command line: `key=value` is an argument by name, and the command of cmd.* stays as it is.
      const typed = parseArguments([arg], args.length === 0 ? fun : '')
      args.push(...typed.args)
      for (const [key, value] of typed.kwargs) kwargs.set(key, value)
    } else if (isDict(arg) && arg.get('__kwarg__') === true) {
      for (const [key, value] of arg) if (key !== '__kwarg__') kwargs.set(key, value)
    } else args.push(arg)
  }
  for (const [key, value] of named) kwargs.set(String(key), value)
  kwargs.delete('__kwarg__')
  const encoded = [...kwargs].map(([key, value]) => [String(key), encodeValue(value)] as const)
  return { fun, args: args.map(encodeValue), kwargs: Object.fromEntries(encoded) }
}

/** `fun: [test.ping, cmd.run]`, or with commas between them. undefined: it is one. */
function severalOf(chunk: LowChunk): readonly string[] | undefined {
  const given = chunk.get('fun')
  const names = isList(given) ? given.map(String) : typeof given === 'string' ? functionsOf(given) : []
  if (isList(given) ? names.length === 0 : names.length < 2) return undefined
  for (const fun of names)
    if (!v.safeParse(functionName, fun).success)
      throw chunk.wrong(
        'fun',
        `"${fun.slice(0, 60)}" is no function`,
        'For example: ["test.ping", "cmd.run"]',
      )
  if (names.length > mostFunctions)
    throw chunk.wrong('fun', `${names.length} functions are too many: ${mostFunctions} at most`)
  return names
}

/** A list of arguments, and where there is `kwarg` a mapping, for each function. */
function severalCall(chunk: LowChunk, functions: readonly string[]): Call {
  const args = forEach(chunk, 'arg', functions)
  const kwargs = forEach(chunk, 'kwarg', functions)
  const calls = functions.map((fun, index) => {
    const [given = [], named = new Map()] = [args?.[index], kwargs?.[index]]
    if (!isList(given)) throw chunk.wrong('arg', `of ${fun}: a list of its arguments is wanted`)
    if (!isDict(named)) throw chunk.wrong('kwarg', `of ${fun}: a mapping of its arguments is wanted`)
    return bound(fun, given, [...named])
  })
  const [only] = calls
  if (calls.length === 1 && only) return only
  const { fun, args: joined, kwargs: none } = joinCalls(calls)
  return { fun, args: [...joined], kwargs: { ...none } }
}

function forEach(
  chunk: LowChunk,
  key: 'arg' | 'kwarg',
  functions: readonly string[],
): readonly Value[] | undefined {
  const given = chunk.get(key)
  if (given === undefined || (isDict(given) && given.size === 0)) return undefined
  if (isList(given) && (given.length === functions.length || given.length === 0)) return given
  const example = key === 'arg' ? '[["uptime"], []]' : '[{"timeout": 5}, {}]'
  throw chunk.wrong(
    key,
    `${functions.length} functions want a list of ${functions.length}: one entry for each of them`,
    `For example: {"fun": ["cmd.run", "test.ping"], "${key}": ${example}}`,
  )
}

function functionOf(chunk: LowChunk): string {
  if (isList(chunk.get('fun')))
    throw chunk.wrong('fun', 'one function is wanted', 'Send a list of commands, one for each function.')
  const fun = chunk.text('fun')
  if (v.safeParse(functionName, fun).success) return fun
  throw chunk.wrong('fun', `"${fun.slice(0, 60)}" is no function`, 'For example: test.ping')
}

/** @throws TsaltError `low-invalid` */
export function targetOf(chunk: LowChunk): Target {
  const given = chunk.get('tgt')
  if (given === undefined) throw chunk.wrong('tgt', 'it is missing', 'Whom is it for? All: "*".')
  const words = isList(given) ? given.map(String).join(',') : chunk.text('tgt')
  const delimiter = chunk.get('delimiter')
  return {
    kind: kindOf(chunk, isList(given) ? 'list' : 'glob'),
    expression: words,
    ...(delimiter === undefined ? {} : { delimiter: chunk.text('delimiter').slice(0, 1) }),
  }
}

function kindOf(chunk: LowChunk, fallback: TargetKind): TargetKind {
  const name = chunk.get('tgt_type') === undefined ? 'expr_form' : 'tgt_type'
  if (chunk.get(name) === undefined) return fallback
  const kind = chunk.text(name)
  const found = targetKinds.find((known) => known === kind)
  if (found !== undefined) return found
  const near = nearest(kind, targetKinds)
  const hint = near ? `Did you mean "${near}"?` : `There are: ${targetKinds.join(', ')}.`
  throw chunk.wrong(name, `there is no way to target by "${kind.slice(0, 60)}"`, hint)
}
