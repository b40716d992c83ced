/** Runner `manage`: which minions are there. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import type { AcceptedMinion } from '../targeting/resolve.ts'
import { type RunnerContext, runner, runnerFunction } from './contract.ts'

export const manage = runner({
  summary: 'Which minions are there.',
  functions: {
    up: runnerFunction({
      summary: 'Accepted minions that are connected.',
      args: v.strictObject({}),
      examples: ['tsalt-run manage.up'],
      run: async (_args, context) => presence(context).up,
    }),
    down: runnerFunction({
      summary: 'Accepted minions that are not connected.',
      args: v.strictObject({}),
      examples: ['tsalt-run manage.down'],
      run: async (_args, context) => presence(context).down,
    }),
    status: runnerFunction({
      summary: 'Both: down and up.',
      args: v.strictObject({}),
      examples: ['tsalt-run manage.status'],
      async run(_args, context) {
        const { up, down } = presence(context)
        return { down, up }
      },
    }),
    present: runnerFunction({
      summary: 'Connected minions; the master knows its connections, so this is what manage.up says.',
      args: v.strictObject({}),
      examples: ['tsalt-run manage.present'],
      run: async (_args, context) => presence(context).up,
    }),
    versions: runnerFunction({
      summary: 'Versions of the master and of the minions, as they said it last.',
      args: v.strictObject({}),
      examples: ['tsalt-run manage.versions'],
      async run(_args, context) {
        const same = new Map<string, Plain>()
        const other = new Map<string, Plain>()
        for (const { id, generation } of sortedAccepted(context)) {
          const version = (await context.minions.find(id, generation))?.version
          if (version === undefined) continue
          const group = version === context.version ? same : other
          group.set(id, version)
        }
        const answer = new Map<string, Plain>([['Master', context.version]])
        if (same.size > 0) answer.set('Up to date', same)
        if (other.size > 0) answer.set('Other version', other)
        return answer
      },
    }),
  },
})

function presence(context: RunnerContext): { up: string[]; down: string[] } {
  const up: string[] = []
  const down: string[] = []
  for (const { id, generation } of sortedAccepted(context)) {
    const group = context.sessions.find(id)?.generation === generation ? up : down
    group.push(id)
  }
  return { up, down }
}

const sortedAccepted = ({ accepted }: RunnerContext): AcceptedMinion[] =>
  [...accepted()].sort((a, b) => (a.id < b.id ? -1 : 1))
