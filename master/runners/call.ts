/** Calls a runner by name, with words bound to its arguments. */
import * as v from 'valibot'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { toPlain, toValue } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { RunnerCall } from '../api/schemas.ts'
import type { AuditEntry } from '../audit/audit-log.ts'
import type { Actor } from '../auth/actor.ts'
import { RunnerAnswer, type RunnerContext, type RunnerFunction, type RunnerServices } from './contract.ts'
import { runners } from './registry.ts'

/** @throws TsaltError `access-denied`, `runner-unknown`, `runner-argument`, `runner-failed`, or of the runner */
export type CallRunner = (
  call: RunnerCall,
  actor: Actor,
  /** Of what it is part of: aborted where that is ended. */
  within?: AbortSignal,
) => Promise<{ ret: Json; retcode: number }>

export function makeCallRunner(services: RunnerServices, audit: (entry: AuditEntry) => void): CallRunner {
  const context: Omit<RunnerContext, 'actor' | 'within'> = {
    ...services,
    runners: { names: () => functionNames, describe: describeFunction },
  }
  return async ({ fun, args, kwargs }, actor, within) => {
    const definition = findFunction(fun)
    if (definition === undefined) throw unknown(fun)
    const bound = bind(fun, definition, args, kwargs)
    await services.access.require(actor, { kind: 'runner', fun, args, kwargs })
    audit({ actor: `operator:${actor.name}`, kind: 'runner.call', verdict: 'allowed', subject: fun })
    try {
      const answer = await definition.run(bound, { ...context, actor, ...(within && { within }) })
      const { ret, retcode } = answer instanceof RunnerAnswer ? answer : { ret: answer, retcode: 0 }
      return { ret: encodeValue(toValue(ret)), retcode }
    } catch (error) {
      if (isTsaltError(error)) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new TsaltError('runner-failed', { fun, reason }, { cause: error })
    }
  }
}

/** Without calling it. @throws TsaltError `runner-unknown`, `runner-argument` */
export function checkRunner({ fun, args, kwargs }: RunnerCall): void {
  const definition = findFunction(fun)
  if (definition === undefined) throw unknown(fun)
  bind(fun, definition, args, kwargs)
}

/** Whether a call could be made, without making it. @throws TsaltError `runner-unknown`, `runner-argument` */
export function checkRunnerCall({ fun, args, kwargs }: RunnerCall): void {
  const definition = findFunction(fun)
  if (definition === undefined) throw unknown(fun)
  bind(fun, definition, args, kwargs)
}

/** Of all runners, `module.function`, sorted. */
export const runnerNames = (): readonly string[] => functionNames

const functionNames: readonly string[] = Object.entries(runners)
  .flatMap(([module, { functions }]) => Object.keys(functions).map((name) => `${module}.${name}`))
  .sort()

function findFunction(fun: string): RunnerFunction | undefined {
  const [module = '', name = ''] = fun.split('.')
  const functions = Object.hasOwn(runners, module) ? runners[module]?.functions : undefined
  return functions && Object.hasOwn(functions, name) ? functions[name] : undefined
}

function unknown(fun: string): TsaltError {
  const near = nearest(fun, functionNames)
  const hint = near ? `Did you mean "${near}"?` : '"tsalt-run sys.list_functions" lists them.'
  return new TsaltError('runner-unknown', { fun }, { hint })
}

function bind(
  fun: string,
  { args: schema, rest, restKeywords, ignored = [], examples }: RunnerFunction,
  args: readonly Json[],
  kwargs: Readonly<Record<string, Json>>,
): Record<string, unknown> {
  const names = Object.keys(schema.entries).filter((name) => name !== restKeywords)
  const positional = rest === undefined ? names : names.slice(0, names.indexOf(rest))
  const given: Record<string, unknown> = {}
  if (args.length > positional.length && rest === undefined) {
    const most = names.length === 0 ? 'no arguments' : `at most ${names.length}: ${names.join(', ')}`
    throw new TsaltError('runner-argument', { fun, reason: `it takes ${most}` })
  }
  for (const [index, name] of positional.entries())
    if (index < args.length) given[name] = plainOf(args[index] ?? null)
  if (rest !== undefined && args.length > positional.length)
    given[rest] = args.slice(positional.length).map(plainOf)
  const others = new Map<string, unknown>()
  for (const [name, arg] of Object.entries(kwargs)) {
    if (!names.includes(name)) {
      if (ignored.includes(name)) continue
      if (restKeywords === undefined) throw unknownArgument(fun, name, names)
      others.set(name, plainOf(arg))
      continue
    }
    if (Object.hasOwn(given, name))
      throw new TsaltError('runner-argument', { fun, reason: `${name} was given twice` })
    given[name] = plainOf(arg)
  }
  if (restKeywords !== undefined && others.size > 0) given[restKeywords] = Object.fromEntries(others)
  const parsed = v.safeParse(schema, given)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const where = v.getDotPath(issue)
  const missing = where !== null && !Object.hasOwn(given, where)
  const reason = missing ? `the argument ${where} is missing` : `${where ?? 'arguments'}: ${issue.message}`
  const [example] = examples
  throw new TsaltError('runner-argument', { fun, reason }, { hint: example && `For example: ${example}` })
}

function unknownArgument(fun: string, name: string, names: readonly string[]): TsaltError {
  const near = nearest(name, names)
  const known = names.length === 0 ? 'It takes none.' : `It takes: ${names.join(', ')}.`
  const reason = `there is no argument "${name}"`
  return new TsaltError(
    'runner-argument',
    { fun, reason },
    { hint: near ? `Did you mean "${near}"?` : known },
  )
}

/** A job id reads as a number that no double holds: big integers stay text. */
function plainOf(json: Json): unknown {
  const value = decodeValue(json)
  return typeof value === 'bigint' ? value.toString() : toPlain(value)
}

function describeFunction(name: string): string | undefined {
  const definition = findFunction(name)
  if (definition === undefined) return undefined
  const described = Object.entries(definition.args.entries).map(
    ([argument, schema]) => `  ${argument}: ${descriptionOf(schema)}`,
  )
  return [
    definition.summary,
    ...(described.length > 0 ? ['', 'Arguments:', ...described] : []),
    '',
    'Examples:',
    ...definition.examples.map((example) => `  ${example}`),
  ].join('\n')
}

/** Of the schema, or of what an optional one wraps. */
function descriptionOf(schema: object): string {
  const described = schema as Parameters<typeof v.getDescription>[0]
  const found = 'pipe' in schema ? v.getDescription(described) : undefined
  if (found !== undefined) return found
  return 'wrapped' in schema && typeof schema.wrapped === 'object' && schema.wrapped !== null
    ? descriptionOf(schema.wrapped)
    : ''
}
