/**
 * The contract of a state of orchestrations. As with states of minions, a dry run holds nothing that could change
 * anything: what it may do and what a real run may do are two types.
 */
import type * as v from 'valibot'
import type { Dict, Value } from '../../shared/data/value.ts'
import type { StateOutcome } from '../../shared/run/outcome.ts'
import type { TargetText } from '../targeting/resolve.ts'
import type { FleetRequest, FleetResult } from './fleet-result.ts'

export interface RunnerResult {
  readonly ret: Value
  readonly retcode: number
}

/** What a dry run may do. */
export interface Looking {
  readonly pillar: Dict
  /** A run of states with `test=True`, whatever the request says of it. */
  tryStates(request: FleetRequest): Promise<FleetResult>
  /** Ids that a target means now; undefined: none. */
  meaning(target: TargetText): Promise<readonly string[] | undefined>
}

/** What a real run may do, each in the name of whoever started the orchestration. */
export interface Acting extends Looking {
  run(request: FleetRequest): Promise<FleetResult>
  /** @throws TsaltError of the runner, `access-denied` */
  callRunner(fun: string, args: readonly Value[], kwargs: Dict): Promise<RunnerResult>
  /** The same of what looks after keys. */
  callWheel(fun: string, args: readonly Value[], kwargs: Dict): Promise<Value>
  /** @returns ids that were seen, in order; all that were wanted where the time sufficed */
  waitFor(wait: EventWait): Promise<Waited>
  /** Whether a return is a good one, by a function of the master (`fail_function`). */
  approves(fun: string, ret: Value): Promise<boolean>
}

export interface EventWait {
  /** A glob over tags. */
  readonly tag: string
  /** Values of `key` in the events' data that have to be seen; empty: one event is enough. */
  readonly ids: readonly string[]
  readonly key: string
  readonly seconds: number
  /** Events after this number count. */
  readonly since: number
}

export interface Waited {
  readonly seen: readonly string[]
  readonly complete: boolean
  readonly seconds: number
}

/** The state that is called. */
export interface StateCall {
  readonly id: string
  /** Number of the newest event when the first of the states that it requires was begun, or the state before it. */
  readonly listenFrom: number
}

export interface OrchestrationFunction<Schema extends ArgumentSchema = ArgumentSchema> {
  /** One sentence: "Runs …" */
  readonly summary: string
  /** As in minion/states/contract.ts. */
  readonly args: Schema
  readonly examples: readonly string[]
  readonly restArguments?: string
  readonly anyArguments?: true
  readonly ignored?: readonly string[]
  refuse?(args: v.InferOutput<Schema>): { readonly argument: string; readonly reason: string } | undefined
  predict(args: v.InferOutput<Schema>, look: Looking, call: StateCall): Promise<StateOutcome>
  run(args: v.InferOutput<Schema>, act: Acting, call: StateCall): Promise<StateOutcome>
  /** What `watch` and `listen` do. */
  refresh?(test: boolean): StateOutcome
}

export type ArgumentSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>

/** Keeps the argument types tied to the schema, then forgets them for the registry. */
export function orchestrationFunction<Schema extends ArgumentSchema>(
  definition: OrchestrationFunction<Schema>,
): OrchestrationFunction {
  return definition as unknown as OrchestrationFunction
}
