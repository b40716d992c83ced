/** Calls one state function: guards, check, apply, refresh, check_cmd, retry. Knows nothing of other states. */
import type { Place } from '../../shared/data/place.ts'
import { placeOfValue } from '../../shared/data/provenance.ts'
import { isList } from '../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { ModuleContext } from '../modules/contract.ts'
import type { Decision, PredictedChange, RelatedState, StateFunction, StateRun } from '../states/contract.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { asList, commandOptions, guardOutcome } from './guards.ts'
import { cannotTell, failure, fine, hasChanges, type StateOutcome, wouldChange } from './outcome.ts'

/** A state function with the arguments of one chunk, validated. */
export interface BoundState {
  readonly definition: StateFunction
  readonly args: Parameters<StateFunction['check']>[0]
}

export interface CallContext {
  readonly look: Reader
  /** Absent in a dry run: there is nothing to change the machine with. */
  readonly act: Changer | undefined
  readonly module: ModuleContext
  readonly predicted: readonly PredictedChange[]
  /** States that the chunk requires. */
  readonly required: readonly RelatedState[]
  /** What the minion's configuration says to states. */
  readonly settings: StateSettings
  /** Waits, for `retry`. Ends early when the job is killed. */
  sleep(milliseconds: number): Promise<void>
}

export interface StateSettings {
  /** Folder of the minion's cache. */
  readonly cachedir: string
  readonly backupMode: string
}

/** check and, in a real run, apply. */
export async function callState(
  chunk: LowChunk,
  bound: BoundState,
  context: CallContext,
): Promise<StateOutcome> {
  const test = context.act === undefined
  const guarded = await guardOutcome(chunk, { look: context.look, module: context.module, test })
  if (guarded) return guarded
  const retry = retryOf(chunk)
  if (!retry) return attempt(chunk, bound, context)
  const comments: string[] = []
  for (let number = 1; ; number++) {
    const outcome = await attempt(chunk, bound, context)
    if (test || number >= retry.attempts || outcome.result === retry.until) {
      return comments.length === 0
        ? outcome
        : { ...outcome, comment: [...comments, outcome.comment].join('\n') }
    }
    const said = `Attempt ${number}: Returned a result of "${word(outcome.result)}", with the following comment: "${outcome.comment}"`
    comments.push(said)
    await context.sleep(retry.interval * 1000)
  }
}

/** What `watch` and `listen` call once a target has changed. Only for functions that can refresh. */
export async function refreshState(
  chunk: LowChunk,
  bound: BoundState,
  context: CallContext,
): Promise<StateOutcome> {
  const { definition, args } = bound
  return guardExceptions(chunk, async () => {
    if (!definition.refresh) return fine('Nothing to refresh')
    return act(await definition.refresh(args, context.look, stateRun(chunk, context)), context)
  })
}

async function attempt(
  chunk: LowChunk,
  { definition, args }: BoundState,
  context: CallContext,
): Promise<StateOutcome> {
  const outcome = await guardExceptions(chunk, async () =>
    act(await definition.check(args, context.look, stateRun(chunk, context)), context),
  )
  if (definition.ownCheckCommand || outcome.result !== true || context.act === undefined) return outcome
  return checkCommands(chunk, outcome, context.look)
}

function stateRun(chunk: LowChunk, context: CallContext): StateRun {
  return {
    test: context.act === undefined,
    predicted: context.predicted,
    required: context.required,
    cachedir: context.settings.cachedir,
    backupMode: context.settings.backupMode,
    id: chunk.id,
    sls: chunk.sls,
    environment: chunk.environment,
  }
}

async function act(decision: Decision, context: CallContext): Promise<StateOutcome> {
  if (decision.kind === 'in-sync') return fine(decision.comment)
  if (decision.kind === 'failed') return failure(decision.comment)
  if (decision.kind === 'unknown') {
    if (context.act === undefined) return cannotTell(decision.reason)
    return failure(decision.reason)
  }
  if (context.act === undefined) return wouldChange(decision.comment, decision.changes)
  const applied = await decision.apply(context.act)
  const comment = applied?.comment ?? decision.done
  if (applied?.ok === false) return failure(comment, applied.changes ?? {})
  return fine(comment, applied?.changes ?? decision.changes)
}

/** A state that throws fails; the run goes on. */
async function guardExceptions(chunk: LowChunk, run: () => Promise<StateOutcome>): Promise<StateOutcome> {
  try {
    return await run()
  } catch (error) {
    return { ...failure(describeError(error)), place: argumentAtFault(chunk, error) }
  }
}

/** The place of the argument whose text the error is about: of `source` where there is no such file. */
function argumentAtFault({ args, name, namePlace }: LowChunk, error: unknown): Place | undefined {
  if (!isTsaltError(error)) return undefined
  const named = new Set(Object.values(error.parameters).map(String))
  for (const [key, value] of args) {
    if (typeof value === 'string' && named.has(value)) return placeOfValue(args, key)
    if (!isList(value)) continue
    const index = value.findIndex((item) => typeof item === 'string' && named.has(item))
    if (index !== -1) return placeOfValue(value, index)
  }
  return named.has(name) ? namePlace : undefined
}

async function checkCommands(chunk: LowChunk, outcome: StateOutcome, look: Reader): Promise<StateOutcome> {
  for (const command of asList(chunk.globals.get('check_cmd') ?? null)) {
    const result = await look.commands.guard(String(command), commandOptions(chunk))
    if (result.code !== 0)
      return failure(`check_cmd determined the state failed: ${String(command)}`, outcome.changes)
  }
  if (chunk.globals.has('check_cmd') && !hasChanges(outcome))
    return { ...outcome, comment: 'check_cmd determined the state succeeded' }
  return outcome
}

interface Retry {
  readonly attempts: number
  readonly until: boolean
  /** Seconds. */
  readonly interval: number
}

/** Salt's defaults: two attempts in all, 30 seconds between them, until True. `retry: True` means the defaults. */
function retryOf(chunk: LowChunk): Retry | undefined {
  const given = chunk.globals.get('retry')
  if (given === undefined || given === null || given === false) return undefined
  const read = (name: string): unknown => (given instanceof Map ? given.get(name) : undefined)
  const number = (name: string, fallback: number): number => {
    const value = read(name)
    return typeof value === 'number' && value >= 0 ? value : fallback
  }
  return {
    attempts: Math.max(1, number('attempts', 2)),
    until: read('until') !== false,
    interval: number('interval', 30),
  }
}

const word = (result: boolean | null): string => (result === null ? 'None' : result ? 'True' : 'False')
