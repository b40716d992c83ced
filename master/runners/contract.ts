/** The contract of a runner: what `tsalt-run module.function` calls on the master. Same style as minion/modules. */
import type * as v from 'valibot'
import type { Dict, Plain } from '../../shared/data/value.ts'
import type { RefusalCount } from '../audit/refusal-tally.ts'
import type { Access } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import type { EngineDoors } from '../engines/doors.ts'
import type { Events } from '../events/event-bus.ts'
import type { Sessions } from '../gateway/sessions.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { MineService } from '../mine/mine-service.ts'
import type { Orchestrator } from '../orchestrate/orchestrator.ts'
import type { PillarService } from '../pillar/pillar-service.ts'
import type { Reload } from '../settings/reload.ts'
import type { MinionStore } from '../store/minions.ts'
import type { AcceptedMinion, ResolveTarget } from '../targeting/resolve.ts'
import type { CallWheel } from '../wheel/call-wheel.ts'

export interface RunnerServices {
  readonly jobs: JobService
  readonly minions: MinionStore
  readonly sessions: Pick<Sessions, 'connected' | 'find'>
  readonly accepted: () => readonly AcceptedMinion[]
  readonly resolveTarget: ResolveTarget
  readonly pillars: Pick<PillarService, 'show'>
  readonly mine: Pick<MineService, 'show' | 'names' | 'clear'>
  readonly events: Pick<Events, 'fire'>
  /** The configuration, without what nobody may read out of it. */
  readonly opts: () => Dict
  readonly reload: Reload
  readonly files: {
    environments(): Promise<readonly string[]>
    /** Paths in a tree. @throws TsaltError where there is no such environment */
    list(environment: string): Promise<readonly string[]>
    /** Reads the trees anew. @returns environment → hash */
    treeHashes(): Promise<Readonly<Record<string, string>>>
  }
  readonly version: string
  /** How often whom something was refused since the master started. */
  readonly refusals: () => readonly RefusalCount[]
  readonly callWheel: CallWheel
  /** Of the reactor and the schedule, where they run. */
  readonly doors: EngineDoors
  readonly access: Access
  readonly orchestrator: Orchestrator
}

/** What runners may ask of each other. */
export interface RunnerContext extends RunnerServices {
  /** For whom it runs: everything that it asks for in turn is asked for in this name. */
  readonly actor: Actor
  /** Aborted where what it is part of is ended; those that take long end then. */
  readonly within?: AbortSignal
  readonly runners: { names(): readonly string[]; describe(name: string): string | undefined }
}

/** An answer whose return code is not 0. */
export class RunnerAnswer {
  readonly ret: Plain
  readonly retcode: number

  constructor(ret: Plain, retcode: number) {
    this.ret = ret
    this.retcode = retcode
  }
}

export type ArgumentSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>

export interface RunnerFunction<Schema extends ArgumentSchema = ArgumentSchema> {
  /** What it does, one line. */
  readonly summary: string
  /** In the order in which they may be given by position. Each has a v.description. */
  readonly args: Schema
  /** Name of the argument that takes all further positional ones, as a list. */
  readonly rest?: string
  /** Any other `k=v` is collected under this argument, a mapping. */
  readonly restKeywords?: string
  /** Arguments that Salt has and that mean nothing here: taken, and passed over. */
  readonly ignored?: readonly string[]
  readonly examples: readonly string[]
  run(args: v.InferOutput<Schema>, context: RunnerContext): Promise<Plain | RunnerAnswer>
}

export function runnerFunction<Schema extends ArgumentSchema>(
  definition: RunnerFunction<Schema>,
): RunnerFunction {
  return definition as unknown as RunnerFunction
}

export interface Runner {
  readonly summary: string
  readonly functions: Readonly<Record<string, RunnerFunction>>
}

export const runner = (definition: Runner): Runner => definition
