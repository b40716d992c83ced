/**
 * Several functions in one job, in Salt's form: their names with commas between them, and for each a list of its
 * arguments. Keyword arguments stand in that list as a mapping with the mark `__kwarg__`.
 */
import { decodeValue, encodeValue, type Json } from './data/codec.ts'
import { isDict, type Value } from './data/value.ts'

export interface FunctionCall {
  readonly fun: string
  readonly args: readonly Json[]
  readonly kwargs: Readonly<Record<string, Json>>
}

/** In one job. */
export const mostFunctions = 64
const mark = '__kwarg__'

export const isSeveral = (fun: string): boolean => fun.includes(',')

/** @param fun of a job */
export const functionsOf = (fun: string): readonly string[] => fun.split(',')

/** Each function with its own arguments; a single one as it is. undefined: it cannot be parted. */
export function callsOf(call: FunctionCall): readonly FunctionCall[] | undefined {
  if (!isSeveral(call.fun)) return [call]
  const functions = functionsOf(call.fun)
  if (Object.keys(call.kwargs).length > 0) return undefined
  // None at all: nobody has any.
  if (call.args.length > 0 && call.args.length !== functions.length) return undefined
  const calls: FunctionCall[] = []
  for (const [index, fun] of functions.entries()) {
    const args = call.args[index] ?? []
    if (!Array.isArray(args)) return undefined
    const parted = partedArguments(args)
    if (parted === undefined) return undefined
    calls.push({ fun, ...parted })
  }
  return calls
}

/** The opposite of `callsOf`, for two functions or more. */
export function joinCalls(calls: readonly FunctionCall[]): FunctionCall {
  const args = calls.map(({ args, kwargs }): Json => {
    const named = Object.entries(kwargs)
    if (named.length === 0) return [...args]
    const pairs = named.map(([name, value]) => [name, decodeValue(value)] as const)
    return [...args, encodeValue(new Map<string, Value>([[mark, true], ...pairs]))]
  })
  return { fun: calls.map(({ fun }) => fun).join(','), args, kwargs: {} }
}

/**
 * Under which names the returns stand in the mapping that such a job returns: the functions, and `test.echo#2` for
 * one that comes a second time.
 */
export function returnKeys(functions: readonly string[]): readonly string[] {
  const seen = new Map<string, number>()
  return functions.map((fun) => {
    const times = (seen.get(fun) ?? 0) + 1
    seen.set(fun, times)
    return times === 1 ? fun : `${fun}#${times}`
  })
}

function partedArguments(given: readonly Json[]): Omit<FunctionCall, 'fun'> | undefined {
  const args: Json[] = []
  const named = new Map<string, Json>()
  for (const each of given) {
    const keywords = keywordsOf(each)
    if (keywords === undefined) args.push(each)
    else
      for (const [name, value] of keywords) {
        // Which of the two it is must not depend on who reads it.
        if (typeof name !== 'string' || named.has(name)) return undefined
        if (name !== mark) named.set(name, encodeValue(value))
      }
  }
  return { args, kwargs: Object.fromEntries(named) }
}

function keywordsOf(argument: Json): ReadonlyMap<unknown, Value> | undefined {
  if (argument === null || typeof argument !== 'object' || Array.isArray(argument)) return undefined
  const value = decodeValue(argument)
  return isDict(value) && value.get(mark) === true ? value : undefined
}
