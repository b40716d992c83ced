/** One state run on this machine: the engine of shared/run with what only a minion has (aggregation, fresh grains and pillar, events). */
import type { Clock } from '../../shared/clock.ts'
import type { Value } from '../../shared/data/value.ts'
import { Execution as Run } from '../../shared/run/execution.ts'
import type { Finished, StateOutcome } from '../../shared/run/outcome.ts'
import type { RunControl } from '../../shared/run/run-control.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { StateFunction } from '../states/contract.ts'
import type { Changer } from '../system/changer.ts'
import { aggregates, companions } from './aggregate.ts'
import { askAhead } from './ahead.ts'
import type { BoundState, StateSettings } from './call-state.ts'
import { Gathering } from './gathered-changer.ts'
import { MachineCaller, type RunMachine } from './machine-caller.ts'

export interface ExecutionInput {
  readonly chunks: readonly LowChunk[]
  /** Validated arguments and function of a chunk. */
  bind(chunk: LowChunk): BoundState
  find(chunk: LowChunk): StateFunction | undefined
  readonly machine: RunMachine
  readonly clock: Clock
  /** Stop after the first failure, unless the state says `failhard: False`. */
  readonly failhard: boolean
  readonly settings: StateSettings
  /** True, or the modules whose states are called together. */
  readonly aggregate?: Value
  /** Every result is an event. */
  readonly events?: boolean
  readonly mock?: boolean
  /** By `global_state_conditions`. Absent: every state may be called. */
  allowed?(chunk: LowChunk): boolean
  readonly control?: RunControl
  /** The machine with fresh grains or pillar. @throws TsaltError where they can't be had */
  reload?(what: { readonly grains: boolean; readonly pillar: boolean }): Promise<RunMachine>
}

export class Execution {
  readonly #input: ExecutionInput
  #machine: RunMachine

  constructor(input: ExecutionInput) {
    this.#input = input
    this.#machine = input.machine
  }

  /** @returns every chunk, in the order in which it was called; listeners at the end. */
  async run(): Promise<readonly Finished[]> {
    const { chunks, bind, find, settings, clock, failhard, mock, allowed, control, machine } = this.#input
    const { job } = machine.module
    await askAhead(chunks, machine.look)
    return new Run<Changer>({
      chunks,
      caller: new MachineCaller({
        bind,
        find,
        settings,
        test: machine.act === undefined,
        machine: () => this.#machine,
        random: () => clock.random(),
      }),
      clock,
      failhard,
      test: machine.act === undefined,
      mock: mock === true,
      ends: job.stopping ? [job.signal, job.stopping] : [job.signal],
      control,
      allowed: (chunk) => allowed?.(chunk) ?? true,
      progress: (step) => job.progress(step),
      eventOf: (chunk, number) => this.#eventOf(chunk, number),
      afterwards: (chunk, outcome) => this.#reloaded(chunk, outcome),
      together: {
        group: (index, graph, open) => {
          const chunk = chunks[index]
          const goes = chunk !== undefined && aggregates(chunk, this.#input.aggregate ?? null)
          return goes ? companions(index, chunks, graph, open) : [index]
        },
        call: (group, call) => this.#callTogether(group, call),
      },
    }).run()
  }

  async #callTogether(
    group: readonly number[],
    call: (index: number, act?: Changer) => Promise<void>,
  ): Promise<void> {
    const { act } = this.#machine
    if (act === undefined || group.length < 2) {
      for (const member of group) await call(member)
      return
    }
    const gathering = new Gathering(act, group.length)
    await Promise.all(
      group.map((index) => {
        const member = gathering.member()
        return call(index, member.act).finally(member.done)
      }),
    )
  }

  async #reloaded(chunk: LowChunk, outcome: StateOutcome): Promise<StateOutcome> {
    const grains = chunk.globals.get('reload_grains') === true
    const pillar = chunk.globals.get('reload_pillar') === true
    if (!outcome.ran || !(grains || pillar) || !this.#input.reload) return outcome
    try {
      this.#machine = await this.#input.reload({ grains, pillar })
      return outcome
    } catch (error) {
      const what = [grains ? 'grains' : '', pillar ? 'pillar' : ''].filter(Boolean).join(' and ')
      const why = error instanceof Error ? error.message : String(error)
      return {
        ...outcome,
        result: false,
        comment: `${outcome.comment}\n${what} could not be reloaded: ${why}`,
      }
    }
  }

  /** As Salt names events of states. */
  #eventOf(chunk: LowChunk, number: number): string | undefined {
    const wish = chunk.globals.get('fire_event')
    const { job, id } = this.#machine.module
    if (wish === true || typeof wish === 'string')
      return `salt/state_result/${job.jid}/${id}/${wish === true ? chunk.name : wish}`
    return this.#input.events === true ? `salt/job/${job.jid}/prog/${id}/${number}` : undefined
  }
}
