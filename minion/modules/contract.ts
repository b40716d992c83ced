/** The contract of an execution function: what `tsalt '*' module.function` calls on a minion. */
import type * as v from 'valibot'
import type { Dict, Plain, Value } from '../../shared/data/value.ts'
import type { JobId } from '../../shared/ids.ts'
import type { ExcludeEntry } from '../../shared/sls/document.ts'
import type { MineAccess } from '../mine/mine-access.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import type { UndoPlan } from '../system/undo-journal.ts'

export interface ModuleContext {
  readonly look: Reader
  readonly act: Changer
  readonly job: {
    readonly jid: JobId
    readonly signal: AbortSignal
    /** Aborted when the daemon is to stop: a state run ends after the state that it is at, as interrupted. */
    readonly stopping?: AbortSignal
    progress(step: ProgressStep): void
  }
  /** The minion's configuration, by option name. */
  readonly config: Dict
  readonly id: string
  readonly services: MinionServices
  /** A template asks. */
  readonly rendering?: true
  /** It asks in a dry run. */
  readonly dryRun?: boolean
}

export interface ProgressStep {
  readonly index: number
  readonly total: number
  readonly fun: string
  readonly id: string
  readonly name: string
}

/** What functions need of the daemon around them; `tsalt-call --local` gives its own. */
export interface MinionServices {
  /** Compiles the pillar afresh, and (refreshPillar) keeps it for what follows. */
  readonly pillar: {
    compile(options?: { override?: Dict; environment?: string }): Promise<PillarAnswer>
    refresh(): Promise<PillarAnswer>
    /** Why there is none in memory: what its compilation failed with, empty where it did not fail. */
    trouble(): readonly string[]
  }
  readonly grains: {
    /** Of static grains. */
    readonly file?: string
    refresh(): Promise<Dict>
    set(key: string, value: Plain): Promise<void>
  }
  /** Brings the trees and their programs (`_grains`, `_modules`, `_states`) up to date. */
  readonly sync: { all(): Promise<SyncAnswer> }
  readonly jobs: {
    running(): readonly RunningJob[]
    /** @returns false where no such job runs. */
    kill(jid: JobId, signal: 'TERM' | 'KILL'): boolean
  }
  readonly states: StateRunner
  /** Sends a part of a file to the master; absent where there is none. @throws TsaltError `request-refused` */
  readonly push?: (part: PushedPart, content: Uint8Array) => Promise<void>
  /**
   * An event for the master, which has it when it can; absent where there is none.
   * @throws TsaltError `event-tag-invalid`, `event-too-large`, `event-outbox-full`
   */
  readonly tell?: (tag: string, data: Value) => void
  /** What other minions may read of this one, and it of them; absent where there is no master. */
  readonly mine?: MineAccess
  /** The schedule of this minion. */
  readonly schedule: ScheduleService
  /** What this minion watches. */
  readonly beacons: BeaconService
  /** The undo journals that are kept. */
  readonly undo: UndoStore
  /** `module.function` of the registry, for sys.doc and for guards given as `fun:`. */
  readonly functions: {
    names(): readonly string[]
    describe(name: string): string
    find(name: string): ExecFunction | undefined
    /** State functions of modules of the tree, beside those of the registry. */
    stateNames?(): readonly string[]
    /** What stands in the way of a function that is not there, where it is known. */
    why?(name: string): string | undefined
  }
}

export interface ScheduleService {
  /** Where what functions and states add is kept; laid over the rest, see minion/schedule/schedule-file.ts. */
  readonly file: string
  /** Of pillar and configuration. */
  given(): Dict
  /** Times that have names: `whens` of the pillar, else of the grains. */
  whens(): Dict
  /** The file was changed. */
  refresh(): Promise<void>
  /** Milliseconds since the epoch; undefined: not planned, or no daemon that would run it. */
  nextFireTime(name: string): number | undefined
  /** @returns false where no such job is planned */
  runNow(name: string): boolean
}

export interface BeaconService {
  /** Where what functions and states add is kept; laid over the rest, see minion/beacons/beacons-file.ts. */
  readonly file: string
  given(): { readonly pillar: Dict; readonly configuration: Dict }
  /** The file was changed; or programs of the tree. */
  refresh(changedPrograms?: boolean): Promise<void>
  /** Kinds of tsalt, and programs of the tree. */
  available(): readonly string[]
  /** @returns what is wrong with a beacon, as people read it; undefined: nothing */
  check(name: string, value: Value): Promise<string | undefined>
  /** Of the daemon that watches; undefined: there is none, or it has no such beacon. */
  report(name: string): BeaconReport | undefined
}

export interface BeaconReport {
  /** What is wrong with its configuration. */
  readonly mistake: string | undefined
  /** Milliseconds since the epoch; undefined: it did not look yet. */
  readonly lastLook?: number | undefined
  /** Events so far, and those that were too many or for which there was no room. */
  readonly told?: number
  readonly dropped?: number
  /** Why the last look failed. */
  readonly trouble?: string | undefined
}

export interface PushedPart {
  /** 32 hexadecimal digits, the same in all parts of a file. */
  readonly push: string
  /** Where the master keeps it, below this minion's folder. */
  readonly path: string
  readonly offset: number
  /** Of the whole file. */
  readonly size: number
}

export interface UndoStore {
  /** Oldest first. */
  jobs(): readonly JobId[]
  /** @throws TsaltError `undo-unknown`, `undo-broken` */
  plan(jid: JobId): UndoPlan
}

export interface SyncAnswer {
  /** What came, changed or went: `grains.name`, `modules.name`. */
  readonly changed: readonly string[]
  /** A sentence for each file that does nothing here, by its kind: `modules`. */
  readonly refused: readonly { readonly kind: string; readonly sentence: string }[]
}

export interface PillarAnswer {
  readonly pillar: Dict
  readonly errors: readonly string[]
  /** Nodegroups of the master: name → this minion's id in a list, or an empty one. */
  readonly groups?: Dict
}

export interface RunningJob {
  readonly jid: JobId
  readonly fun: string
  readonly args: readonly Plain[]
  readonly pid: number
  /** Milliseconds since the epoch. */
  readonly started: number
}

export interface StateRequest {
  /** SLS names; absent: the highstate of the top file. */
  readonly sls?: readonly string[]
  readonly environment?: string
  readonly test?: boolean
  readonly pillar?: Dict
  readonly exclude?: readonly ExcludeEntry[]
  /** Of the top file's SLS only these. */
  readonly whitelist?: readonly string[]
  /** Only the states of this ID, with what they require. */
  readonly id?: string
  /** Every state says that it was called, and nothing is. */
  readonly mock?: boolean
  readonly pillarEnvironment?: string
  /** Over the option `salt_compat`. */
  readonly saltCompat?: boolean
  /** Options of this run, over those of the minion: a file on its machine. */
  readonly localConfig?: string
}

/**
 * top: matched SLS by environment; high, low: of the highstate or of `sls`; states: names of SLS that have states in the
 * run; usage: used and unused SLS of every environment; graph: for graphviz.
 */
export type Shown = 'top' | 'high' | 'low' | 'states' | 'usage' | 'graph'

/** minion/run: compiles and applies states. */
export interface StateRunner {
  run(request: StateRequest, context: ModuleContext): Promise<Answer>
  /** One state without an SLS: `state.single file.touch name=…`. */
  single(fun: string, args: Dict, test: boolean | undefined, context: ModuleContext): Promise<Answer>
  /** Of a run that is under way. */
  control(jid: string): StateRunControl | undefined
  show(what: Shown, request: StateRequest, context: ModuleContext): Promise<Answer>
}

/** `beside`: without waiting. `most`: how many may be before it, at most; more, and it is refused. */
export type Turn = { readonly kind: 'beside' } | { readonly kind: 'wait'; readonly most?: number }

/** Holds or ends a state run between two of its states. */
export interface StateRunControl {
  /** @param id of the state that waits; absent: the next one. @param seconds absent: until resumed */
  pause(id: string | undefined, seconds: number | undefined): void
  /** @returns false where nothing was paused */
  resume(id: string | undefined): boolean
  softKill(id: string | undefined): void
}

/** What a function answers, with Salt's retcode and how to read it. */
export interface Answer {
  readonly ret: Plain
  readonly retcode: number
  readonly format: 'highstate' | 'nested'
  /** The function saw `job.stopping` and ended before it was done. */
  readonly interrupted?: true
}

export function isAnswer(value: unknown): value is Answer {
  return (
    typeof value === 'object' && value !== null && 'ret' in value && 'retcode' in value && 'format' in value
  )
}

export interface ExecFunction<Schema extends ArgumentSchema = ArgumentSchema> {
  /** First line: what it does. */
  readonly summary: string
  /** Arguments in the order in which they may be given by position. Each has a v.description. */
  readonly args: Schema
  /** Name of the argument that takes all further positional ones, as a list. */
  readonly rest?: string
  /** Any other `k=v` is collected under this argument, a Dict. */
  readonly restKeywords?: string
  /** CLI lines: `tsalt '*' test.echo text`. */
  readonly examples: readonly string[]
  /** Changes nothing: may run beside a state run, and again after a crash. */
  readonly readOnly: boolean
  /** Changes jobs and not the machine (ends one, holds one): runs beside a state run and again after a crash too. */
  readonly besideRuns?: true
  /** Waits its turn in the minion's queue of state runs. */
  readonly queued?: true
  /** How a call takes its turn in that queue; absent: it waits. undefined: as the minion is configured. */
  turn?(args: v.InferOutput<Schema>): Turn | undefined
  /** While it waits in that queue, a job that asks for the same joins it, and both get what the one run returns. */
  joins?(args: v.InferOutput<Schema>): boolean
  /**
   * Templates may call it in a dry run too, although it could change something: what it answers is part of the tree.
   * Or: with which arguments they may.
   */
  readonly whileRendering?: true | ((args: v.InferOutput<Schema>) => boolean)
  /** Plain data, or an Answer where the retcode or format is not the usual. */
  run(args: v.InferOutput<Schema>, context: ModuleContext): Promise<Plain | Answer>
  /** The same answer without waiting, so that templates need not be rendered again; undefined: not this time. */
  now?(args: v.InferOutput<Schema>, context: ModuleContext): Plain
}

export type ArgumentSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>

export function execFunction<Schema extends ArgumentSchema>(definition: ExecFunction<Schema>): ExecFunction {
  return definition as unknown as ExecFunction
}

export interface ExecModule {
  readonly summary: string
  readonly functions: Readonly<Record<string, ExecFunction>>
}

export const execModule = (definition: ExecModule): ExecModule => definition

/** May run beside a state run, and again after a crash. */
export const runsBeside = ({ readOnly, besideRuns }: ExecFunction): boolean => readOnly || besideRuns === true
