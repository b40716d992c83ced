/** Calls runners on the stage of the jobs' tests: real store, real jobs, a real mine. */
import pino from 'pino'
import { closedAccess } from '../../../../master/auth/access.ts'
import { type Actor, trusted } from '../../../../master/auth/actor.ts'
import { makeMine } from '../../../../master/mine/mine-service.ts'
import { makeCallRunner } from '../../../../master/runners/call.ts'
import type { RunnerServices } from '../../../../master/runners/contract.ts'
import { makeReload } from '../../../../master/settings/reload.ts'
import { Settings } from '../../../../master/settings/settings.ts'
import { GrainTable } from '../../../../master/targeting/grain-table.ts'
import { makeResolveTarget } from '../../../../master/targeting/resolve.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { masterOptions } from '../../../../shared/config/master-options.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import type { Dict } from '../../../../shared/data/value.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { Stage } from '../jobs/stage.ts'

const standard = loadOptions(masterOptions, undefined)

/** What runners need beside jobs: a mine on the stage's store, its events, a configuration, two trees. */
export function quietServices(
  stage: Stage,
): Pick<
  RunnerServices,
  'mine' | 'events' | 'opts' | 'reload' | 'files' | 'callWheel' | 'doors' | 'orchestrator' | 'refusals'
> {
  return {
    mine: makeMine({
      store: stage.store.mine,
      targeting: {
        accepted: () => stage.accepted,
        table: new GrainTable(stage.store.minions),
        pillarOf: async () => new Map(),
        nodegroups: undefined,
      },
      clock: stage.clock,
      log: pino({ level: 'silent' }),
      size: () => 10_000,
    }),
    events: stage.events,
    opts: () => new Map([['file_roots', new Map([['base', ['states']]])]]) as Dict,
    reload: makeReload({
      settings: new Settings(standard),
      reread: () => standard,
      audit: { record: () => undefined, refusals: () => [], close: () => undefined },
      logger: pino({ level: 'silent' }),
    }),
    files: {
      environments: async () => ['base', 'dev'],
      list: async () => ['top.sls', 'a/init.sls', 'a/b/c.txt'],
      treeHashes: async () => ({ base: 'x', dev: 'y' }),
    },
    callWheel: async () => null,
    refusals: () => [
      { actor: 'minion:web2', count: 3, last: 0, kind: 'job.return', reason: 'of nobody' },
      { actor: 'address:10.0.0.7', count: 1, last: 0, kind: 'connection', reason: 'no certificate' },
    ],
    doors: {},
    orchestrator: {
      start: async () => {
        throw new Error('no orchestration is asked for here')
      },
      show: async () => {
        throw new Error('no orchestration is shown here')
      },
      stop: async () => undefined,
    },
  }
}

export async function callOn(
  stage: Stage,
  fun: string,
  args: Json[] = [],
  kwargs: Record<string, Json> = {},
  actor: Actor = trusted('root'),
) {
  const accepted = () => stage.accepted
  const callRunner = makeCallRunner(
    {
      ...quietServices(stage),
      jobs: stage.jobs,
      minions: stage.store.minions,
      sessions: stage.sessions,
      accepted,
      access: closedAccess,
      resolveTarget: makeResolveTarget({
        accepted,
        minions: stage.store.minions,
        pillarOf: async () => new Map(),
        nodegroups: undefined,
      }),
      pillars: {
        show: async (minion) => ({
          pillar: new Map([['secret', `of ${minion}`]]) as Dict,
          errors: minion === 'web2' ? [new TsaltError('jid-invalid', { jid: 'x' })] : [],
          warnings: [],
          top: new Map([['base', ['a', 'b']]]),
          secrets: ['secret'],
        }),
      },
      version: '1.0',
    },
    (entry) => stage.audit.push(entry),
  )
  return callRunner({ fun, args, kwargs }, actor)
}
