/** Runner `manage`: which minions are there. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted } from '../../shared/schema/argument.ts'
import { flag } from '../../shared/schema/scalars.ts'
import type { AcceptedMinion } from '../targeting/resolve.ts'
import { type RunnerContext, type RunnerFunction, runner, runnerFunction } from './contract.ts'
import { meantBy, type TargetWords, targetOrAll } from './target-words.ts'
import { compareVersions } from './version-order.ts'

/** The master knows its connections: nobody is asked. */
const timeouts = ['timeout', 'gather_job_timeout']
const targetArgs = v.strictObject(targetOrAll)

const presenceArgs = v.strictObject({
  subset: v.optional(
    v.pipe(
      v.union([v.string(), v.array(v.string())], 'ids are expected'),
      v.description('Only these ids, with commas or as a list.'),
    ),
  ),
  show_ip: v.optional(
    v.pipe(v.boolean('True or False is expected'), v.description('With the address, by id.')),
    false,
  ),
})

/** Salt has many names for it; the master knows its connections, so all of them mean the same. */
const presenceNames = ['present', 'joined', 'allowed', 'alived', 'reaped'] as const

const listing = (name: string, group: 'up' | 'down', summary: string): RunnerFunction =>
  runnerFunction({
    summary,
    args: presenceArgs,
    ignored: timeouts,
    examples: [`tsalt-run manage.${name}`, `tsalt-run manage.${name} show_ip=True`],
    async run({ subset, show_ip }, context) {
      const wanted = subset === undefined ? undefined : new Set([subset].flat().join(',').split(','))
      const all = (await presence({ tgt: '*', tgt_type: 'glob' }, context))[group]
      const shown = all.filter(({ id }) => wanted === undefined || wanted.has(id))
      if (!show_ip) return idsOf(shown)
      const addresses = shown.map(async ({ id, generation }) => {
        const address =
          context.sessions.find(id)?.address ?? (await context.minions.find(id, generation))?.address
        return [id, address ?? ''] as const
      })
      return new Map(await Promise.all(addresses))
    },
  })

const presenceFunctions = Object.fromEntries(
  presenceNames.flatMap((name) => [
    [name, listing(name, 'up', 'Connected minions; the master knows its connections, so this is manage.up.')],
    [
      `not_${name}`,
      listing(`not_${name}`, 'down', 'Accepted minions that are not connected, as manage.down.'),
    ],
  ]),
)

export const manage = runner({
  summary: 'Which minions are there.',
  functions: {
    ...presenceFunctions,
    list_state: listing('list_state', 'up', 'Connected minions, as manage.up.'),
    list_not_state: listing('list_not_state', 'down', 'Accepted minions that are not connected.'),
    up: runnerFunction({
      summary: 'Accepted minions that are connected.',
      args: targetArgs,
      ignored: timeouts,
      examples: ['tsalt-run manage.up', "tsalt-run manage.up 'os:Debian' tgt_type=grain"],
      run: async (words, context) => idsOf((await presence(words, context)).up),
    }),
    down: runnerFunction({
      summary: 'Accepted minions that are not connected.',
      args: targetArgs,
      ignored: timeouts,
      examples: ['tsalt-run manage.down', "tsalt-run manage.down 'web*'"],
      run: async (words, context) => idsOf((await presence(words, context)).down),
    }),
    status: runnerFunction({
      summary: 'Both: down and up.',
      args: targetArgs,
      ignored: timeouts,
      examples: ['tsalt-run manage.status'],
      async run(words, context) {
        const { up, down } = await presence(words, context)
        return { down: idsOf(down), up: idsOf(up) }
      },
    }),
    refusals: runnerFunction({
      summary: 'What minions were refused since the master started: how often, when last, and why.',
      args: v.strictObject({
        all: defaulted(flag, false, 'Also of operators, and of addresses that are nobody yet.'),
      }),
      examples: ['tsalt-run manage.refusals', 'tsalt-run manage.refusals all=True'],
      async run({ all }, { refusals }) {
        const found = refusals().filter(({ actor }) => all || actor.startsWith('minion:'))
        return new Map(
          found.map(({ actor, count, last, kind, reason }): [string, Plain] => [
            all ? actor : actor.slice('minion:'.length),
            { count, last: new Date(last).toISOString(), kind, reason },
          ]),
        )
      },
    }),
    versions: runnerFunction({
      summary: 'Versions of the master and of the minions, as they said it last.',
      args: targetArgs,
      ignored: timeouts,
      examples: ['tsalt-run manage.versions'],
      async run(words, context) {
        const groups = new Map<string, Map<string, Plain>>()
        for (const { id, generation } of await meantBy(words, context)) {
          const version = (await context.minions.find(id, generation))?.version
          if (version === undefined) continue
          const order = compareVersions(version, context.version)
          const name = order === 0 ? 'Up to date' : order < 0 ? requiresUpdate : newer
          groups.set(name, (groups.get(name) ?? new Map()).set(id, version))
        }
        const answer = new Map<string, Plain>([['Master', context.version]])
        for (const name of [newer, requiresUpdate, 'Up to date']) {
          const group = groups.get(name)
          if (group !== undefined) answer.set(name, group)
        }
        return answer
      },
    }),
  },
})

const requiresUpdate = 'Minion requires update'
const newer = 'Minion newer than master'

const idsOf = (minions: readonly AcceptedMinion[]): string[] => minions.map(({ id }) => id)

async function presence(
  words: TargetWords,
  context: RunnerContext,
): Promise<{ up: AcceptedMinion[]; down: AcceptedMinion[] }> {
  const up: AcceptedMinion[] = []
  const down: AcceptedMinion[] = []
  for (const minion of await meantBy(words, context)) {
    const group = context.sessions.find(minion.id)?.generation === minion.generation ? up : down
    group.push(minion)
  }
  return { up, down }
}
