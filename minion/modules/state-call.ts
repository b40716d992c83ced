/** An execution function that does what a state does: `postgres.db_create` is postgres_database.present. */
import type * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import type { ArgumentSchema, StateFunction } from '../states/contract.ts'
import type { ModuleContext } from './contract.ts'

/**
 * @param args validated by the function's own schema here
 * @returns whether something was changed; False: it was so already
 * @throws TsaltError `state-argument-invalid`, `function-failed`, or of the change
 */
export async function applyState(
  fun: string,
  definition: StateFunction,
  args: Readonly<Record<string, unknown>>,
  { look, act, config }: ModuleContext,
): Promise<boolean> {
  const { safeParse } = await import('valibot')
  const kept = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))
  const read = safeParse(definition.args as ArgumentSchema, kept)
  if (!read.success) {
    const [issue] = read.issues
    const argument = String(issue.path?.[0]?.key ?? '')
    throw new TsaltError('state-argument-invalid', { state: fun, argument, reason: issue.message })
  }
  const refusal = definition.refuse?.(read.output as v.InferOutput<ArgumentSchema>)
  if (refusal) throw new TsaltError('state-argument-invalid', { state: fun, ...refusal })
  const run = { test: false, predicted: [], id: fun, sls: '', environment: 'base', config }
  const decision = await definition.check(read.output as v.InferOutput<ArgumentSchema>, look, run)
  if (decision.kind === 'in-sync') return false
  if (decision.kind !== 'drift')
    throw new TsaltError('function-failed', {
      fun,
      reason: decision.kind === 'failed' ? decision.comment : decision.reason,
    })
  const applied = await decision.apply(act)
  if (applied?.ok === false) throw new TsaltError('function-failed', { fun, reason: applied.comment ?? '' })
  return true
}
