/** Calls states on this machine, for the engine of shared/run. */

import type { StateOutcome } from '../../shared/run/outcome.ts'
import { sleepUnless } from '../../shared/run/sleep-unless.ts'
import type { CallManner, StateCaller } from '../../shared/run/state-caller.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { ModuleContext } from '../modules/contract.ts'
import type { StateFunction } from '../states/contract.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import {
  type BoundState,
  type CallContext,
  callListener,
  callState,
  finishState,
  refreshState,
  type StateSettings,
} from './call-state.ts'

/** The machine as states see it; another once a state asked for fresh grains or pillar. */
export interface RunMachine {
  readonly look: Reader
  /** Absent: a dry run. */
  readonly act: Changer | undefined
  readonly module: ModuleContext
}

export interface MachineCallerInput {
  /** Validated arguments and function of a chunk. */
  bind(chunk: LowChunk): BoundState
  find(chunk: LowChunk): StateFunction | undefined
  readonly settings: StateSettings
  readonly test: boolean
  machine(): RunMachine
  /** In [0, 1). */
  random(): number
}

export class MachineCaller implements StateCaller<Changer> {
  readonly #input: MachineCallerInput
  /** What states of this run leave for later ones. */
  readonly #memory = new Map<unknown, unknown>()

  constructor(input: MachineCallerInput) {
    this.#input = input
  }

  call(chunk: LowChunk, manner: CallManner<Changer>): Promise<StateOutcome> {
    return callState(chunk, this.#context(manner))
  }

  refresh(chunk: LowChunk, manner: CallManner<Changer>): Promise<StateOutcome> {
    return refreshState(chunk, this.#context(manner))
  }

  canRefresh(chunk: LowChunk): boolean {
    return this.#input.find(chunk)?.refresh !== undefined
  }

  listen(chunk: LowChunk, manner: CallManner<Changer>): Promise<StateOutcome> {
    return callListener(chunk, this.#context(manner))
  }

  async finish(chunk: LowChunk, manner: CallManner<Changer>): Promise<StateOutcome | undefined> {
    if (!this.#input.find(chunk)?.atEnd) return undefined
    return finishState(chunk, this.#context(manner))
  }

  #context({ act, tried, required, predicted }: CallManner<Changer>): CallContext {
    const { bind, settings, test, random } = this.#input
    const machine = this.#input.machine()
    const { signal, stopping } = machine.module.job
    return {
      bind,
      random,
      look: machine.look,
      act: tried ? undefined : (act ?? machine.act),
      module: machine.module,
      settings,
      memory: this.#memory,
      required,
      test,
      predicted,
      sleep: (time) => sleepUnless(time, stopping ? [signal, stopping] : [signal]),
    }
  }
}
