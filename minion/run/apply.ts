/** Applies compiled chunks: what can still be refused is refused, then they are called, and Salt's return is made. */
import type { Clock } from '../../shared/clock.ts'
import type { Dict, Value } from '../../shared/data/value.ts'
import { describeError, type TsaltError } from '../../shared/errors/error.ts'
import { withoutRequisites } from '../../shared/run/execution.ts'
import { returnOf } from '../../shared/run/outcome.ts'
import type { RunControls } from '../../shared/run/run-control.ts'
import { retcodeOf } from '../../shared/run/verdict.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { Answer, ModuleContext } from '../modules/contract.ts'
import { findState, parseArguments, unknownState } from '../states/catalog.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import type { BoundState, StateSettings } from './call-state.ts'
import { functionMistakes } from './called-functions.ts'
import { stateConditions } from './conditions.ts'
import { Execution } from './execute.ts'
import type { RunMachine } from './machine-caller.ts'

/** What the minion's configuration says to all runs. */
export interface RunOptions {
  readonly failhard: boolean
  /** `state_aggregate`: True, or names of state modules. */
  readonly aggregate: Value
  /** `state_events` */
  readonly events: boolean
  /** `disabled_requisites` */
  readonly disabledRequisites: readonly string[]
  /** `global_state_conditions` */
  readonly conditions: Dict
}

export interface ApplyParts {
  readonly id: string
  readonly clock: Clock
  readonly runOptions: RunOptions
  readonly stateSettings: StateSettings
  readonly controls: RunControls
}

/** What an opened run gives to the states. */
export interface AppliedTo {
  readonly look: Reader
  /** Made only for a real run. */
  change(signal: AbortSignal): Changer
  /** The machine with fresh grains or pillar, for `reload_grains` and `reload_pillar`. */
  reload(what: { readonly grains: boolean; readonly pillar: boolean }): Promise<ReloadedRun>
}

export interface ReloadedRun {
  readonly look: Reader
  change(signal: AbortSignal): Changer
}

export async function applyChunks(
  parts: ApplyParts,
  opened: AppliedTo,
  compiled: readonly LowChunk[],
  wish: { readonly test: boolean; readonly mock?: boolean },
  context: ModuleContext,
): Promise<Answer> {
  const { job, services } = context
  const mistakes = functionMistakes(compiled, services.functions)
  if (mistakes.length > 0) return refused(mistakes)
  const { runOptions, clock } = parts
  const chunks = withoutRequisites(compiled, runOptions.disabledRequisites)
  const { grains, pillar } = opened.look
  const machine = ({ look, change }: ReloadedRun): RunMachine => ({
    look,
    act: wish.test ? undefined : change(job.signal),
    module: { ...context, look },
  })
  const { control, end } = parts.controls.begin(job.jid, () => clock.monotonic())
  try {
    const finished = await new Execution({
      chunks,
      bind,
      find: ({ state, fun }) => findState(state, fun),
      machine: machine(opened),
      clock,
      failhard: runOptions.failhard,
      settings: parts.stateSettings,
      aggregate: runOptions.aggregate,
      events: runOptions.events,
      mock: wish.mock === true,
      allowed: stateConditions(runOptions.conditions, { id: parts.id, grains, pillar }),
      control,
      reload: async (what) => machine(await opened.reload(what)),
    }).run()
    const answer: Answer = {
      ret: returnOf(finished),
      retcode: retcodeOf(finished, chunks),
      format: 'highstate',
    }
    const cut = job.stopping?.aborted === true && finished.length < chunks.length
    return cut ? { ...answer, interrupted: true } : answer
  } finally {
    end()
  }
}

function bind(chunk: LowChunk): BoundState {
  const definition = findState(chunk.state, chunk.fun)
  if (!definition) throw unknownState(chunk)
  const read = parseArguments(`${chunk.state}.${chunk.fun}`, chunk)
  if (!read.ok) throw read.errors[0] ?? unknownState(chunk)
  return { definition, args: read.args as BoundState['args'] }
}

const refused = (errors: readonly TsaltError[]): Answer => ({
  ret: errors.map(describeError),
  retcode: 1,
  format: 'highstate',
})
