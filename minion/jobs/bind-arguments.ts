/** Binds what a command line gave, by position and by name, to an execution function's one declaration. */
import * as v from 'valibot'
import { nearest } from '../../shared/data/nearest.ts'
import { type Dict, PyFloat, toPlain, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { ExecFunction } from '../modules/contract.ts'

export type BoundArguments = Parameters<ExecFunction['run']>[0]

/**
 * @param fun `module.function`, for messages
 * @param args by position, in the order of the schema; further ones go to `rest`
 * @throws TsaltError `function-argument-…`, with a suggestion for an unknown name
 */
export function bindArguments(
  fun: string,
  definition: ExecFunction,
  args: readonly Value[],
  keywords: Dict,
): BoundArguments {
  const given = new Map<string, Value>()
  const positional = positionalNames(definition)
  for (const [index, name] of positional.entries()) {
    const value = args[index]
    if (index < args.length && value !== undefined) given.set(name, value)
  }
  takeRest(fun, definition, args, positional.length, given)
  takeKeywords(fun, definition, keywords, given)
  return validate(fun, definition, given)
}

/** What stands after the one that takes all further arguments is given by name only, as in Python. */
function positionalNames({ args, rest, restKeywords }: ExecFunction): string[] {
  const names = Object.keys(args.entries)
  const before = rest === undefined ? names : names.slice(0, names.indexOf(rest))
  return before.filter((name) => name !== restKeywords)
}

function takeRest(
  fun: string,
  { rest }: ExecFunction,
  args: readonly Value[],
  taken: number,
  given: Map<string, Value>,
): void {
  if (rest !== undefined && args.length > taken) given.set(rest, args.slice(taken))
  else if (args.length > taken)
    throw new TsaltError('function-arguments-too-many', { fun, most: taken, given: args.length })
}

function takeKeywords(
  fun: string,
  definition: ExecFunction,
  keywords: Dict,
  given: Map<string, Value>,
): void {
  const { args, restKeywords } = definition
  const others: Dict = new Map()
  for (const [key, value] of keywords) {
    const name = String(key)
    if (Object.hasOwn(args.entries, name) && name !== restKeywords) {
      if (given.has(name)) throw new TsaltError('function-argument-twice', { fun, argument: name })
      given.set(name, value)
    } else if (restKeywords !== undefined) others.set(key, value)
    else {
      const near = nearest(name, Object.keys(args.entries))
      const hint = near ? `Did you mean "${near}"?` : `"tsalt MINION sys.doc ${fun}" shows its arguments.`
      throw new TsaltError('function-argument-unknown', { fun, argument: name }, { hint })
    }
  }
  if (restKeywords !== undefined && others.size > 0) given.set(restKeywords, others)
}

function validate(fun: string, { args }: ExecFunction, given: ReadonlyMap<string, Value>): BoundArguments {
  const input: Record<string, unknown> = Object.create(null)
  for (const [name, value] of given) {
    const schema = args.entries[name]
    if (schema && 'kind' in schema) input[name] = fitting(schema as v.GenericSchema, value)
  }
  const parsed = v.safeParse(args, { ...input })
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  const argument = String(issue.path?.[0]?.key ?? '')
  if (!given.has(argument)) throw new TsaltError('function-argument-missing', { fun, argument })
  throw new TsaltError('function-argument-invalid', { fun, argument, reason: issue.message })
}

/** The first form of a value that its schema takes: as it is, as plain data, as the text that was typed. */
function fitting(schema: v.GenericSchema, value: Value): unknown {
  const forms: unknown[] = [value]
  if (typeof value === 'object' && value !== null) forms.push(toPlain(value))
  if (typeof value === 'number' || typeof value === 'bigint') forms.push(String(value))
  if (value instanceof PyFloat) forms.push(value.value.toFixed(1))
  return forms.find((form) => v.is(schema, form)) ?? value
}
