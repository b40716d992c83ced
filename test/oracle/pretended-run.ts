/** Runs compiled chunks through the state runner with states that only pretend, and lists what was called in which order. */
import type { ModuleContext } from '../../minion/modules/contract.ts'
import { Execution } from '../../minion/run/execute.ts'
import { drift, failed, inSync, type StateFunction } from '../../minion/states/contract.ts'
import type { Changer } from '../../minion/system/changer.ts'
import type { Reader } from '../../minion/system/reader.ts'
import { systemClock } from '../../shared/clock.ts'
import type { Dict } from '../../shared/data/value.ts'
import type { JobId } from '../../shared/ids.ts'
import { chunkTag, type LowChunk } from '../../shared/sls/low.ts'
import type { RunAnswer, SlsAnswer } from './answers.ts'

type Outcome = 'same' | 'changed' | 'failed'

/** By the name that the answers give it: what a state of a module pretends. */
const scenarios = new Map<string, (module: string) => Outcome>([
  ['none', () => 'same'],
  ['all', () => 'changed'],
  ['files', (module) => (module === 'file' || module === 'pkg' ? 'changed' : 'same')],
  ['failpkg', (module) => (module === 'pkg' ? 'failed' : 'same')],
])

/** State modules of Salt 3006 that have a mod_watch. */
const refreshing = new Set(
  'cmd docker_container event module mount salt service supervisord test tomcat'.split(' '),
)

/** @returns the first difference; undefined: called alike in every scenario */
export async function compareRuns(
  chunks: readonly LowChunk[],
  answer: SlsAnswer,
): Promise<string | undefined> {
  const none = answer.run.get('none')
  for (const [name, outcome] of scenarios) {
    const theirs = answer.run.get(name) ?? (answer.run.has(name) ? none : undefined)
    if (theirs === undefined) continue
    const difference = firstDifference(await pretend(chunks, outcome), theirs)
    if (difference !== undefined) return `${name}: ${difference}`
  }
  return undefined
}

async function pretend(all: readonly LowChunk[], outcome: (module: string) => Outcome): Promise<RunAnswer> {
  const calls: [string, string, boolean | null][] = []
  const chunks = all.map(unconditional)
  const current = { id: '' }
  const find = (chunk: LowChunk): StateFunction =>
    pretending(chunk, { outcome: outcome(chunk.state), calls, current })
  const finished = await new Execution({
    chunks,
    bind: (chunk) => ({ definition: find(chunk), args: {} }),
    find,
    machine: { look: nothing, act: {} as Changer, module: nobody((id) => (current.id = id)) },
    clock: systemClock,
    failhard: false,
    settings: { cachedir: '', backupMode: '' },
  }).run()
  const called = new Set(calls.filter(([, kind]) => kind !== 'prereq').map(([tag]) => tag))
  const left = finished.filter(({ chunk }) => !called.has(chunkTag(chunk)))
  return { calls, notCalled: left.map(({ chunk, outcome: { result } }) => [chunkTag(chunk), result]) }
}

/** Conditions ask the machine, which there is none of here; Salt's were left out as well. */
function unconditional(chunk: LowChunk): LowChunk {
  const globals: Dict = new Map()
  if (chunk.globals.has('failhard')) globals.set('failhard', chunk.globals.get('failhard') ?? null)
  return { ...chunk, globals }
}

interface Pretence {
  readonly outcome: Outcome
  readonly calls: [string, string, boolean | null][]
  /** What the run is at; of a listener it is not the ID of the chunk. */
  readonly current: { readonly id: string }
}

function pretending(chunk: LowChunk, { outcome, calls, current }: Pretence): StateFunction {
  const tag = chunkTag(chunk)
  return {
    check: async (_args: unknown, _look: unknown, run: { test: boolean }) => {
      const result = outcome === 'failed' ? false : outcome === 'changed' && run.test ? null : true
      calls.push([tag, run.test ? 'prereq' : 'call', result])
      if (outcome === 'failed') return failed('pretended')
      if (outcome === 'same') return inSync('pretended')
      return drift({ pretended: true }, { would: 'pretended', done: 'pretended' }, async () => {})
    },
    ...(refreshing.has(chunk.state)
      ? {
          refresh: async () => {
            calls.push([chunkTag({ ...chunk, id: current.id, fun: 'mod_watch' }), 'mod_watch', true])
            return inSync('pretended')
          },
        }
      : {}),
  } as unknown as StateFunction
}

/** Nothing is looked at but the services, before the first state. */
const nothing = { services: { states: async () => new Map() } } as unknown as Reader

const nobody = (at: (id: string) => void): ModuleContext =>
  ({
    config: new Map(),
    id: 'oracle',
    services: { functions: {}, grains: {} },
    job: {
      jid: '20260101000000000000' as JobId,
      signal: new AbortController().signal,
      progress: ({ id }: { readonly id: string }) => at(id),
    },
  }) as unknown as ModuleContext

function firstDifference(ours: RunAnswer, theirs: RunAnswer): string | undefined {
  const listened = (tag: string): boolean => tag.includes('_|-listener_')
  const mine = ours.calls
  for (let at = 0; at < Math.max(mine.length, theirs.calls.length); at++) {
    const [a, b] = [mine[at], theirs.calls[at]]
    if (a === undefined || b === undefined || a.some((part, index) => part !== b[index]))
      return `call ${at + 1}: ours ${shortly(a)}, Salt's ${shortly(b)}`
  }
  const salts = new Map(theirs.notCalled)
  for (const [tag, result] of ours.notCalled) {
    if (listened(tag) && salts.has(tag)) continue
    if (salts.get(tag) !== result)
      return `not called: ours ${shortly([tag, result])}, Salt's ${salts.get(tag)}`
  }
  const known = new Set(ours.notCalled.map(([tag]) => tag))
  const missing = theirs.notCalled.find(([tag]) => !known.has(tag) && !listened(tag))
  return missing === undefined ? undefined : `not called: Salt alone has ${shortly(missing)}`
}

const shortly = (entry: readonly unknown[] | undefined): string =>
  entry === undefined ? 'nothing' : entry.map((part) => String(part).slice(0, 160)).join(' ')
