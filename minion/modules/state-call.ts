/** An execution function that does what a state does: `postgres.db_create` is postgres_database.present. */
import type * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { ArgumentSchema, StateFunction } from '../states/contract.ts'
import type { ModuleContext } from './contract.ts'

export interface StateCall {
  /** False: it was so already. */
  readonly changed: boolean
  readonly changes: Plain
  readonly comment: string
}

/**
 * @param args validated by the function's own schema here
 * @returns whether something was changed; False: it was so already
 * @throws TsaltError `state-argument-invalid`, `function-failed`, or of the change
 */
export async function applyState(
  fun: string,
  definition: StateFunction,
  args: Readonly<Record<string, unknown>>,
  context: ModuleContext,
): Promise<boolean> {
  return (await callState(fun, definition, args, context)).changed
}

/**
 * As applyState, with what the state tells of it.
 * @param dry nothing is changed; `changed` tells whether it would be
 */
export async function callState(
  fun: string,
  definition: StateFunction,
  args: Readonly<Record<string, unknown>>,
  { look, act, config }: ModuleContext,
  dry = false,
): Promise<StateCall> {
  const { safeParse } = await import('valibot')
  const kept = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))
  const read = safeParse(definition.args as ArgumentSchema, kept)
  if (!read.success) {
    const [issue] = read.issues
    const argument = String(issue.path?.[0]?.key ?? '')
    throw new TsaltError('state-argument-invalid', { state: fun, argument, reason: issue.message, of: '' })
  }
  const refusal = definition.refuse?.(read.output as v.InferOutput<ArgumentSchema>)
  if (refusal) throw new TsaltError('state-argument-invalid', { state: fun, ...refusal, of: '' })
  const run = { test: dry, predicted: [], id: fun, sls: '', environment: 'base', config }
  const decision = await definition.check(read.output as v.InferOutput<ArgumentSchema>, look, run)
  if (decision.kind === 'in-sync') return { changed: false, changes: {}, comment: decision.comment }
  if (decision.kind !== 'drift')
    throw new TsaltError('function-failed', {
      fun,
      reason: decision.kind === 'failed' ? decision.comment : decision.reason,
    })
  if (dry) return { changed: true, changes: decision.changes, comment: decision.comment }
  const applied = await decision.apply(act)
  if (applied?.ok === false) throw new TsaltError('function-failed', { fun, reason: applied.comment ?? '' })
  const changes = applied?.changes === undefined ? decision.changes : applied.changes
  return { changed: true, changes, comment: applied?.comment ?? decision.done }
}
