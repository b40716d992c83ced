/** Orchestrations on a real store, tree, jobs and rollouts, with minions that are connections made of plain data. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { type Actor, trusted } from '../../../../master/auth/actor.ts'
import { makeCompile } from '../../../../master/orchestrate/compile.ts'
import {
  type OrchestrationAnswer,
  type Orchestrator,
  openOrchestrator,
} from '../../../../master/orchestrate/orchestrator.ts'
import type { OrchestrationRequest } from '../../../../master/orchestrate/request.ts'
import { type CallRunner, makeCallRunner } from '../../../../master/runners/call.ts'
import type { RunnerServices } from '../../../../master/runners/contract.ts'
import { makeResolveTarget } from '../../../../master/targeting/resolve.ts'
import { type CallWheel, makeCallWheel } from '../../../../master/wheel/call-wheel.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { masterOptions } from '../../../../shared/config/master-options.ts'
import { encodeValue, type Json } from '../../../../shared/data/codec.ts'
import { type Dict, toPlain, toValue } from '../../../../shared/data/value.ts'
import { type JobId, parseMinionId } from '../../../../shared/ids.ts'
import type { Body } from '../../../../shared/protocol/registry.ts'
import { answer, id, Stage } from '../jobs/stage.ts'

export interface Asked {
  readonly id: string
  readonly jid: JobId
  readonly fun: string
  readonly args: readonly Json[]
  readonly kwargs: Readonly<Record<string, Json>>
}

type Reply = Partial<Body<'job.return'>> | undefined

export interface Result {
  readonly result: boolean | null
  readonly comment: string
  readonly changes: Readonly<Record<string, unknown>>
}

export class Orchestra {
  readonly stage = new Stage()
  readonly folder = mkdtempSync(join(tmpdir(), 'tsalt-orch-'))
  /** What minions were sent, in order. */
  readonly asked: Asked[] = []
  /** What a minion answers; undefined: nothing yet. */
  reply: (asked: Asked) => Reply = () => ({})
  #orchestrator: Orchestrator | undefined

  async open(
    names: readonly string[] = ['web1', 'web2', 'db1'],
    offline: readonly string[] = [],
  ): Promise<this> {
    this.stage.accepted = [...names, ...offline].map((name) => ({ id: id(name), generation: 0 }))
    await this.stage.start()
    await this.#start()
    for (const name of names) this.stage.sessions.connect(name)
    return this
  }

  /** As after kill -9. */
  async crash(): Promise<void> {
    await this.stage.crash()
    await this.#start()
  }

  async close(): Promise<void> {
    await this.orchestrator.stop()
    await this.stage.end()
    rmSync(this.folder, { recursive: true })
  }

  get orchestrator(): Orchestrator {
    if (!this.#orchestrator) throw new Error('not open')
    return this.#orchestrator
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  begin(sls: string, more: Partial<OrchestrationRequest> = {}, actor: Actor = trusted('root')) {
    this.write('orch.sls', sls)
    const written = { fun: 'state.orchestrate', args: ['orch'], kwargs: {} }
    return this.orchestrator.start({ mods: ['orch'], test: false, ...more }, written, actor)
  }

  async run(...words: Parameters<Orchestra['begin']>): Promise<OrchestrationAnswer> {
    return (await this.begin(...words)).done
  }

  /** Results by ID. */
  async results(...words: Parameters<Orchestra['begin']>): Promise<Readonly<Record<string, Result>>> {
    return resultsOf(await this.run(...words))
  }

  async #start(): Promise<void> {
    const { stage } = this
    this.#answerDeliveries()
    const lines = { write: (line: string) => stage.errors.push(line) }
    const log = pino({ level: 'error' }, lines)
    const options = loadOptions(masterOptions, undefined, {
      file_roots: { base: [this.folder] },
      pillar_roots: { base: [join(this.folder, 'no-pillars')] },
    })
    this.write('web.sls', 'nothing: test.nop\n')
    const pillar = toValue({ of: 'master' }) as Dict
    const pillars = {
      forMaster: async () => ({ pillar, errors: [], warnings: [], top: new Map(), secrets: [] }),
    }
    const accepted = () => stage.accepted
    const resolveTarget = makeResolveTarget({
      accepted,
      minions: stage.store.minions,
      pillarOf: async () => new Map(),
      nodegroups: undefined,
    })
    // No case asks for keys that could be acted on.
    const callWheel: CallWheel = makeCallWheel({
      keys: { list: () => [] } as never,
      events: stage.events,
      access: stage.access,
    })
    const callRunner: CallRunner = (...words) => runner(...words)
    this.#orchestrator = await openOrchestrator({
      own: stage.jobs.own,
      withdraw: stage.jobs.own.withdraw,
      id: () => parseMinionId('jump_master'),
      jobs: stage.jobs,
      rollouts: stage.rollouts,
      clock: systemClock,
      events: stage.events,
      newestEvent: () => stage.store.events.last(),
      resolveTarget,
      callRunner,
      callWheel,
      compile: makeCompile({ options, clock: systemClock, logger: log }, pillars),
      failhard: false,
      log,
    })
    const services = {
      jobs: stage.jobs,
      minions: stage.store.minions,
      sessions: stage.sessions,
      accepted,
      resolveTarget,
      access: stage.access,
      callWheel,
      orchestrator: this.#orchestrator,
      version: '1.0',
    }
    const runner = makeCallRunner(services as unknown as RunnerServices, (entry) => stage.audit.push(entry))
  }

  #answerDeliveries(): void {
    const { sessions } = this.stage
    const send = sessions.send.bind(sessions)
    sessions.send = (minion, kind, body) => {
      const sent = send(minion, kind, body)
      if (sent && kind === 'job.deliver') this.#deliver({ ...(body as Body<'job.deliver'>), id: minion })
      return sent
    }
  }

  #deliver({ id: name, jid, fun, args, kwargs }: Asked): void {
    const asked = { id: name, jid, fun, args, kwargs }
    this.asked.push(asked)
    const reply = this.reply(asked)
    if (reply) setImmediate(() => void this.returns(asked, reply))
  }

  async returns({ id: name, jid, fun }: Asked, reply: Partial<Body<'job.return'>> = {}): Promise<void> {
    await this.stage.jobs.returned(id(name), 0, answer(jid, { fun, ...reply }))
  }
}

export function resultsOf({ ret }: OrchestrationAnswer): Readonly<Record<string, Result>> {
  const plain = toPlain(toValue(ret)) as Record<string, Result & { readonly __id__: string }>
  return Object.fromEntries(Object.values(plain).map((one) => [one.__id__, one]))
}

/** A return of states, of which one changed something (or failed). */
export function statesReturn(result: boolean | null, changes: Readonly<Record<string, string>> = {}): Reply {
  const state = { name: 'x', result, comment: '', changes, __run_num__: 0, __id__: 'x', __sls__: 'web' }
  const failed = result === false
  return {
    format: 'highstate',
    ret: encodeValue(toValue({ 'test_|-x_|-x_|-nop': state })),
    retcode: failed ? 2 : 0,
    success: !failed,
  }
}

export async function until(what: () => unknown): Promise<void> {
  const end = Date.now() + 10_000
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
