/** Compiles one SLS text and runs it on a fake machine, as a minion would. */
import { createHash } from 'node:crypto'
import type { ModuleContext, ProgressStep } from '../../../../minion/modules/contract.ts'
import { applyChunks, type RunOptions } from '../../../../minion/run/apply.ts'
import { functionTable } from '../../../../minion/services/function-table.ts'
import { stateCatalog } from '../../../../minion/states/catalog.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, toPlain, toValue, type Value } from '../../../../shared/data/value.ts'
import { describeError } from '../../../../shared/errors/error.ts'
import type { JobId, Sha256 } from '../../../../shared/ids.ts'
import { RunControls } from '../../../../shared/run/run-control.ts'
import { compileStates } from '../../../../shared/sls/compile.ts'
import type { Tree } from '../../../../shared/sls/tree.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'
import type { MachineData } from '../../../fake-machine/machine-data.ts'

export interface RunRequest {
  readonly machine?: MachineData | FakeMachine
  readonly test?: boolean
  readonly mock?: boolean
  readonly options?: Partial<RunOptions>
  readonly grains?: Dict
  readonly pillar?: Dict
  readonly signal?: AbortSignal
  readonly stopping?: AbortSignal
  readonly controls?: RunControls
  readonly reload?: (what: { readonly grains: boolean; readonly pillar: boolean }) => Promise<void>
  readonly progress?: (step: ProgressStep) => void
}

export interface Entry {
  readonly tag: string
  readonly id: string
  readonly result: boolean | null
  readonly comment: string
  readonly changes: Record<string, unknown>
  readonly number: number
  readonly ran: boolean
  readonly unknown?: string
  readonly event?: string
  readonly warnings?: readonly string[]
  readonly duration: number
}

export interface RunResult {
  readonly states: readonly Entry[]
  readonly errors: readonly string[]
  readonly retcode: number
  readonly machine: FakeMachine
  readonly interrupted: boolean
  /** By id. */
  state(id: string): Entry
}

export const jid = '20260102030405000000' as JobId

export async function runSls(text: string, request: RunRequest = {}): Promise<RunResult> {
  const machine =
    request.machine instanceof FakeMachine
      ? request.machine
      : new FakeMachine(request.machine ?? {}, {
          grains: request.grains ?? new Map(),
          pillar: request.pillar ?? new Map(),
        })
  const grains = request.grains ?? new Map()
  const pillar = request.pillar ?? new Map()
  const compiled = await compileStates({
    tree: treeOf(text),
    subject: { id: 'vm', grains, pillar, opts: new Map() },
    catalog: stateCatalog,
    settings: {
      stateTop: 'top',
      topMerging: 'merge',
      environmentOrder: [],
      defaultTop: 'base',
      renderer: 'jinja|yaml',
    },
    sls: ['it'],
  })
  if (compiled.errors.length > 0) return resultOf(compiled.errors.map(describeError), 1, false, machine)
  const options: RunOptions = {
    failhard: false,
    aggregate: false,
    events: false,
    disabledRequisites: [],
    conditions: new Map(),
    ...request.options,
  }
  const view = () => ({ look: machine.reader, change: () => machine.changer })
  const answer = await applyChunks(
    {
      id: 'vm',
      clock: { ...systemClock, random: () => 0.5 },
      runOptions: options,
      stateSettings: { cachedir: '/var/cache/tsalt/minion', backupMode: '' },
      controls: request.controls ?? new RunControls(),
    },
    {
      ...view(),
      reload: async (what) => {
        await request.reload?.(what)
        return view()
      },
    },
    compiled.chunks,
    { test: request.test === true, mock: request.mock === true },
    contextOf(machine, request),
  )
  return resultOf(answer.ret as Value, answer.retcode, answer.interrupted === true, machine)
}

function contextOf(machine: FakeMachine, request: RunRequest): ModuleContext {
  return {
    look: machine.reader,
    act: machine.changer,
    job: {
      jid,
      signal: request.signal ?? machine.changer.signal,
      ...(request.stopping ? { stopping: request.stopping } : {}),
      progress: request.progress ?? (() => undefined),
    },
    config: new Map(),
    id: 'vm',
    services: {
      functions: functionTable(),
      grains: { refresh: async () => new Map(), set: async () => undefined },
    } as unknown as ModuleContext['services'],
  }
}

function treeOf(text: string): Tree {
  const path = 'it.sls'
  return {
    environments: ['base'],
    has: (_, file) => file === path,
    list: () => [path],
    read: async () => ({ text, sha256: createHash('sha256').update(text).digest('hex') as Sha256 }),
  }
}

function resultOf(
  ret: Value | string[],
  retcode: number,
  interrupted: boolean,
  machine: FakeMachine,
): RunResult {
  const states: Entry[] = []
  const errors = Array.isArray(ret) ? ret.map(String) : []
  if (!Array.isArray(ret)) {
    for (const [tag, value] of toValue(ret) as Dict) {
      const plain = toPlain(value) as Record<string, unknown>
      states.push({
        tag: String(tag),
        id: String(plain['__id__']),
        result: plain['result'] as boolean | null,
        comment: String(plain['comment']),
        changes: plain['changes'] as Record<string, unknown>,
        number: Number(plain['__run_num__']),
        ran: plain['__state_ran__'] !== false,
        duration: Number(plain['duration']),
        ...(plain['__unknown__'] === undefined ? {} : { unknown: String(plain['__unknown__']) }),
        ...(plain['__event__'] === undefined ? {} : { event: String(plain['__event__']) }),
        ...(plain['warnings'] === undefined ? {} : { warnings: plain['warnings'] as string[] }),
      })
    }
  }
  return {
    states,
    errors,
    retcode,
    machine,
    interrupted,
    state(id) {
      const found = states.find((one) => one.id === id)
      if (!found)
        throw new Error(
          `no state "${id}" among ${states.map((one) => one.id).join(', ')}: ${errors.join(' ')}`,
        )
      return found
    },
  }
}
