/** Calls one state function: guards, slots, check, apply, refresh, check_cmd, retry. Knows nothing of other states. */
import type { Place } from '../../shared/data/place.ts'
import { placeOfValue } from '../../shared/data/provenance.ts'
import { isList } from '../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import {
  cannotTell,
  failure,
  fine,
  hasChanges,
  type StateOutcome,
  wouldChange,
} from '../../shared/run/outcome.ts'
import { retryOf, withRetry } from '../../shared/run/retry.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { ModuleContext } from '../modules/contract.ts'
import type { Decision, PredictedChange, RelatedState, StateFunction, StateRun } from '../states/contract.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { asList, guardOutcome, octal, runGuard } from './guards.ts'
import { maskedChanger } from './masked-changer.ts'
import { resolveSlots, SlotUnknown } from './resolve-slots.ts'
import { statePorts } from './state-ports.ts'

/** A state function with the arguments of one chunk, validated. */
export interface BoundState {
  readonly definition: StateFunction
  readonly args: Parameters<StateFunction['check']>[0]
}

export interface CallContext {
  /** @throws TsaltError of the arguments, where slots gave them values that do not fit */
  bind(chunk: LowChunk): BoundState
  readonly look: Reader
  /** Absent in a dry run: there is nothing to change the machine with. */
  readonly act: Changer | undefined
  /** The whole run is a dry run; without it, `act` may be absent because a prereq only tries the state. */
  readonly test: boolean
  readonly module: ModuleContext
  readonly predicted: readonly PredictedChange[]
  /** States that the chunk requires. */
  readonly required: readonly RelatedState[]
  /** What the minion's configuration says to states. */
  readonly settings: StateSettings
  /** As StateRun has it. */
  readonly memory: Map<unknown, unknown>
  /** Waits, for `retry`. @returns false where the run has to stop */
  sleep(milliseconds: number): Promise<boolean>
  /** In [0, 1). */
  random(): number
}

export interface StateSettings {
  /** Folder of the minion's cache. */
  readonly cachedir: string
  readonly backupMode: string
  /** `lock_saltenv`: no state leads to another environment. */
  readonly lockEnvironment?: boolean
}

/** check and, in a real run, apply; as often as `retry` says. */
export async function callState(chunk: LowChunk, context: CallContext): Promise<StateOutcome> {
  const retry = retryOf(chunk)
  const once = (): Promise<StateOutcome> => attempt(chunk, context)
  if (!retry || (context.act === undefined && !context.test)) return once()
  return withRetry(retry, context.test, once, context.sleep, context.random)
}

/** What `watch` and `listen` call once a target has changed. Only for functions that can refresh. */
export async function refreshState(chunk: LowChunk, context: CallContext): Promise<StateOutcome> {
  return guardExceptions(chunk, () =>
    withArguments(chunk, context, async ({ definition, args }) => {
      if (!definition.refresh) return fine('Nothing to refresh')
      return act(await definition.refresh(args, context.look, stateRun(chunk, context)), chunk, context)
    }),
  )
}

/** What a state left to the end of the run; undefined: nothing. */
export async function finishState(chunk: LowChunk, context: CallContext): Promise<StateOutcome | undefined> {
  let isNothing = false
  const outcome = await guardExceptions(chunk, () =>
    withArguments(chunk, context, async ({ definition, args }) => {
      const decision = await definition.atEnd?.(args, context.look, stateRun(chunk, context))
      isNothing = decision === undefined || decision.kind === 'in-sync'
      return decision === undefined ? fine('') : act(decision, chunk, context)
    }),
  )
  return isNothing ? undefined : outcome
}

/** As refreshState, unless a guard keeps the state from it. */
export async function callListener(chunk: LowChunk, context: CallContext): Promise<StateOutcome> {
  return (await guarded(chunk, context)) ?? refreshState(chunk, context)
}

async function attempt(chunk: LowChunk, context: CallContext): Promise<StateOutcome> {
  const held = await guarded(chunk, context)
  if (held) return held
  let ownCheckCommand = false
  const outcome = await guardExceptions(chunk, () =>
    withArguments(chunk, context, async ({ definition, args }) => {
      ownCheckCommand = definition.ownCheckCommand === true
      return act(await definition.check(args, context.look, stateRun(chunk, context)), chunk, context)
    }),
  )
  if (ownCheckCommand || outcome.result !== true || context.act === undefined) return outcome
  return guardExceptions(chunk, () => checkCommands(chunk, outcome, context.look), outcome)
}

async function guarded(chunk: LowChunk, context: CallContext): Promise<StateOutcome | undefined> {
  const { globals } = chunk
  if (!globals.has('onlyif') && !globals.has('unless') && !globals.has('creates')) return undefined
  const { look, module, test } = context
  return guardOutcome(chunk, { look, module, test })
}

async function withArguments(
  chunk: LowChunk,
  context: CallContext,
  call: (bound: BoundState) => Promise<StateOutcome>,
): Promise<StateOutcome> {
  const resolved = await resolveSlots(chunk, context)
  return resolved instanceof SlotUnknown ? cannotTell(resolved.reason) : call(context.bind(resolved))
}

function stateRun(chunk: LowChunk, context: CallContext): StateRun {
  const { cachedir, backupMode, lockEnvironment } = context.settings
  const environment = lockEnvironment === true ? undefined : chunk.globals.get('saltenv')
  return {
    ...statePorts(context.module),
    test: context.act === undefined,
    predicted: context.predicted,
    required: context.required,
    memory: context.memory,
    config: context.module.config,
    cachedir,
    backupMode,
    id: chunk.id,
    sls: chunk.sls,
    environment: typeof environment === 'string' ? environment : chunk.environment,
  }
}

async function act(decision: Decision, chunk: LowChunk, context: CallContext): Promise<StateOutcome> {
  if (decision.kind === 'in-sync') return fine(decision.comment)
  if (decision.kind === 'failed') return failure(decision.comment)
  if (decision.kind === 'unknown') {
    if (context.act === undefined) return cannotTell(decision.reason)
    return failure(decision.reason)
  }
  if (context.act === undefined) return wouldChange(decision.comment, decision.changes)
  const umask = chunk.globals.get('umask')
  const changer =
    umask === undefined || umask === null ? context.act : maskedChanger(context.act, octal(umask))
  const applied = await decision.apply(changer)
  const comment = applied?.comment ?? decision.done
  if (applied?.ok === false) return failure(comment, applied.changes ?? {})
  return fine(comment, applied?.changes ?? decision.changes)
}

/** A state that throws fails; the run goes on. */
async function guardExceptions(
  chunk: LowChunk,
  run: () => Promise<StateOutcome>,
  before?: StateOutcome,
): Promise<StateOutcome> {
  try {
    return await run()
  } catch (error) {
    return { ...failure(describeError(error), before?.changes), place: argumentAtFault(chunk, error) }
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
    if (!(await runGuard(String(command), chunk, look)))
      return failure(`check_cmd determined the state failed: ${String(command)}`, outcome.changes)
  }
  if (chunk.globals.has('check_cmd') && !hasChanges(outcome))
    return { ...outcome, comment: 'check_cmd determined the state succeeded' }
  return outcome
}
