/**
 * The contract of a state function: look, decide, act are three types, so a dry run cannot change anything.
 * `check` answers in sync, drift (with the change as a closure), unknown (a dry run can't tell) or failed.
 */
import type * as v from 'valibot'
import type { Dict, Plain, Value } from '../../shared/data/value.ts'
import type { PredictedChange, RelatedState } from '../../shared/run/related-state.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'

export type { PredictedChange, RelatedState }

export interface InSync {
  readonly kind: 'in-sync'
  readonly comment: string
}

/** What a change turned out to be, where it differs from the prediction. */
export interface Applied {
  /** Not given: those that were predicted; with `ok: false` none. */
  readonly changes?: Plain
  readonly comment?: string
  /** False: the change was made but did not work; the state fails. */
  readonly ok?: boolean
}

export interface Drift {
  readonly kind: 'drift'
  /** Predicted changes, in the very shape that the real run reports. Empty where the function reports none. */
  readonly changes: Plain
  /** For a dry run: what would be done. */
  readonly comment: string
  /** For a real run, unless `apply` answers another. */
  readonly done: string
  apply(act: Changer): Promise<Applied | undefined>
}

/** Can't be told yet, because it depends on an earlier change that a dry run does not make. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly reason: string
}

/** The machine is in a state from which this can't be done; nothing was changed. */
export interface Failed {
  readonly kind: 'failed'
  readonly comment: string
}

export type Decision = InSync | Drift | Unknown | Failed

export const inSync = (comment: string): InSync => ({ kind: 'in-sync', comment })
/** @param hint what to do about it, where that is not plain from the comment; on a line of its own, as errors have it */
export const failed = (comment: string, hint?: string): Failed => ({
  kind: 'failed',
  comment: hint === undefined ? comment : `${comment}\n  hint: ${hint}`,
})
export const unknown = (reason: string): Unknown => ({ kind: 'unknown', reason })

export function drift(
  changes: Plain,
  comments: { readonly would: string; readonly done: string },
  apply: (act: Changer) => Promise<Applied | undefined | void>,
): Drift {
  return {
    kind: 'drift',
    changes,
    comment: comments.would,
    done: comments.done,
    apply: async (act) => (await apply(act)) ?? undefined,
  }
}

/** What a state may ask of the minion around it. Absent where there is none (a state tried in a test). */
export interface StatePorts {
  readonly functions?: {
    /** @throws TsaltError `function-unknown`, `function-argument-…`, `template-call-refused` */
    check(fun: string, args: readonly Value[], keywords: Dict): void
    /** Only while changes are made: what a function does, it does through the changer. */
    call(
      fun: string,
      args: readonly Value[],
      keywords: Dict,
      act: Changer,
    ): Promise<{ readonly value: Value; readonly retcode: number }>
  }
  /** An event for the master, which is stored and sent when it can be. */
  readonly tell?: (tag: string, data: Value) => void
  /** Of this minion: minion/schedule/edit-schedule.ts. */
  readonly schedule?: {
    readonly file: string
    given(): Dict
    whens(): Dict
    refresh(): Promise<void>
  }
  /** Of this minion: minion/beacons/edit-beacons.ts. */
  readonly beacons?: {
    readonly file: string
    given(): { readonly pillar: Dict; readonly configuration: Dict }
    refresh(): Promise<void>
    /** @returns what is wrong with a beacon, as people read it; undefined: nothing */
    check(name: string, value: Value): Promise<string | undefined>
  }
  readonly grains?: {
    /** The file of static grains. */
    readonly file: string
    /** Collects the grains again, and tells the master. */
    refresh(): Promise<void>
  }
}

/** What a check may know about the run that it is part of. */
export interface StateRun extends StatePorts {
  /** A dry run. */
  readonly test: boolean
  /** In a dry run: earlier states predicted changes, so what is missing now may be there in the real run. */
  readonly predicted: readonly PredictedChange[]
  readonly id: string
  readonly sls: string
  /** `base` */
  readonly environment: string
  /** Folder of the minion's cache, for backups (`file_backup/`) and scripts. Default /var/cache/tsalt/minion. */
  readonly cachedir?: string
  /** The minion's `backup_mode`, for states that say nothing of `backup`. */
  readonly backupMode?: string
  /** The minion's configuration, by option name. */
  readonly config?: Dict
  /** States that this one requires: `file.directory` with `clean` leaves the files that they manage. */
  readonly required?: readonly RelatedState[]
  /** What states of this run leave for later ones, each kind under a key of its own (file.accumulated). */
  readonly memory?: Map<unknown, unknown>
}

export interface ArgumentRefusal {
  readonly argument: string
  readonly reason: string
}

export interface StateFunction<Schema extends ArgumentSchema = ArgumentSchema> {
  /** One sentence: "Makes sure that …" */
  readonly summary: string
  /** The one declaration of the arguments; `name` is always among them. Each has a v.description. */
  readonly args: Schema
  /** SLS texts in YAML; each is compiled by the docs test. */
  readonly examples: readonly string[]
  /** What is wrong with arguments that are right one by one (two that exclude each other); found by the compiler. */
  refuse?(args: v.InferOutput<Schema>): ArgumentRefusal | undefined
  check(args: v.InferOutput<Schema>, look: Reader, run: StateRun): Promise<Decision>
  /** What `watch` and `listen` do when a target changed: a decision again, so that a dry run can tell. */
  refresh?(args: v.InferOutput<Schema>, look: Reader, run: StateRun): Promise<Decision>
  /**
   * What is left to the end of the run, once for all states: asked of each that changed something (in a dry run: would).
   * In sync: nothing, which makes no entry among the results.
   */
  atEnd?(args: v.InferOutput<Schema>, look: Reader, run: StateRun): Promise<Decision>
  /** A function that does something at every run (cmd.run); a second run is not expected to be silent. */
  readonly repeats?: true
  /** Name of the argument that takes all others, a Dict. */
  readonly restArguments?: string
  /** Takes any other argument and ignores it (test.nop, which carries arguments for `use`). */
  readonly anyArguments?: true
  /** Arguments that mean nothing to it: templates switch between functions above one list of arguments. */
  readonly ignored?: readonly string[]
  /** With `template`, arguments that it does not have are variables of the template, as in Salt. */
  readonly templateVariables?: true
  /** The function sees to `check_cmd` itself (file.managed). */
  readonly ownCheckCommand?: true
}

export type ArgumentSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>

/** Keeps the argument type of `check` tied to the schema, then forgets it for the registry. */
export function stateFunction<Schema extends ArgumentSchema>(
  definition: StateFunction<Schema>,
): StateFunction {
  return definition as unknown as StateFunction
}

export interface StateModule {
  readonly summary: string
  readonly functions: Readonly<Record<string, StateFunction>>
}

export const stateModule = (definition: StateModule): StateModule => definition
