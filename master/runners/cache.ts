/** Runner `cache`: what the master remembers of minions. */
import * as v from 'valibot'
import { decodeValue } from '../../shared/data/codec.ts'
import type { Plain } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { mineAnswer } from '../../shared/mine/mine-question.ts'
import { askMinions } from './ask-minions.ts'
import { RunnerAnswer, type RunnerContext, type RunnerFunction, runner, runnerFunction } from './contract.ts'
import { meantBy, type TargetWords, targetOrAll, targetWords } from './target-words.ts'

const everywhere = v.strictObject(targetOrAll)
const named = v.strictObject(targetWords)

const clearing = (
  name: string,
  summary: string,
  clear: (words: TargetWords, context: RunnerContext) => Promise<Plain | RunnerAnswer>,
): RunnerFunction =>
  runnerFunction({
    summary,
    args: named,
    examples: [`tsalt-run cache.${name} 'web*'`, `tsalt-run cache.${name} os:Debian tgt_type=grain`],
    run: clear,
  })

async function clearMine(words: TargetWords, context: RunnerContext): Promise<true> {
  await context.mine.clear(await meantBy(words, context))
  return true
}

/** A minion without grains would be meant by no target: they are replaced, by those that are asked anew. */
async function renewGrains(words: TargetWords, context: RunnerContext): Promise<Plain | RunnerAnswer> {
  const minions = await meantBy(words, context)
  const here = minions.filter(({ id, generation }) => context.sessions.find(id)?.generation === generation)
  const away = minions.filter((minion) => !here.includes(minion)).map(({ id }) => id)
  const without = new Map<string, Plain>(away.map((id) => [id, 'not connected: its grains stay']))
  if (here.length > 0) {
    const target = { kind: 'list', expression: here.map(({ id }) => id).join(',') } as const
    const { failed } = await askMinions(context, { target, fun: 'saltutil.refresh_grains' })
    for (const [id, status] of failed) without.set(id, status)
  }
  return without.size === 0 ? true : new RunnerAnswer(without, 1)
}

export const cache = runner({
  summary: 'What the master remembers of minions.',
  functions: {
    grains: runnerFunction({
      summary: 'Grains as the minions said them last, also of those that are away.',
      args: everywhere,
      examples: ['tsalt-run cache.grains', "tsalt-run cache.grains 'web*'"],
      async run(words, context) {
        const found = new Map<string, Plain>()
        for (const { id, generation } of await meantBy(words, context)) {
          const encoded = await context.minions.grains(id, generation)
          if (encoded !== undefined) found.set(id, decodeValue(encoded))
        }
        return found
      },
    }),
    pillar: runnerFunction({
      summary: 'Pillars as they are now, secrets included: the master compiles them when they are asked for.',
      args: everywhere,
      examples: ['tsalt-run cache.pillar', "tsalt-run cache.pillar 'web*'"],
      async run(words, context) {
        const minions = await meantBy(words, context)
        const ids = minions.map(({ id }) => id)
        await context.access.require(context.actor, { kind: 'see', what: 'pillar', minions: ids })
        const found = new Map<string, Plain>()
        let retcode = 0
        for (const id of ids) {
          try {
            const { pillar, errors } = await context.pillars.show(id)
            found.set(id, pillar)
            if (errors.length > 0) retcode = 1
          } catch (error) {
            retcode = 1
            found.set(id, describeError(error))
          }
        }
        return new RunnerAnswer(found, retcode)
      },
    }),
    mine: runnerFunction({
      summary: 'All that minions have in the mine, by minion and name.',
      args: everywhere,
      examples: ['tsalt-run cache.mine', "tsalt-run cache.mine 'web*'"],
      run: async (words, context) => {
        const found = new Map<string, Plain>()
        for (const { id, names } of await context.mine.names(await meantBy(words, context))) {
          const wanted = { target: { kind: 'list', expression: id } as const, names: [...names] }
          const byName = names.length === 0 ? new Map() : mineAnswer(await context.mine.show(wanted), true)
          found.set(id, new Map([...byName].map(([name, of]) => [name, (of as Map<string, Plain>).get(id)])))
        }
        return found
      },
    }),
    clear_mine: clearing('clear_mine', 'Removes all that minions have in the mine.', clearMine),
    clear_mine_func: runnerFunction({
      summary: 'Removes one name of minions from the mine.',
      args: v.strictObject({
        tgt: targetWords.tgt,
        clear_mine_func: v.pipe(v.string('a name is expected'), v.description('Which name.')),
        tgt_type: targetWords.tgt_type,
      }),
      examples: ["tsalt-run cache.clear_mine_func 'web*' network.ip_addrs"],
      async run({ clear_mine_func, ...words }, context) {
        await context.mine.clear(await meantBy(words, context), [clear_mine_func])
        return true
      },
    }),
    clear_pillar: clearing(
      'clear_pillar',
      'Nothing to do: every pillar is compiled from the files as they are now.',
      async (words, context) => {
        await meantBy(words, context)
        return true
      },
    ),
    clear_grains: clearing('clear_grains', 'Has minions say their grains anew.', renewGrains),
    clear_all: clearing(
      'clear_all',
      'Empties the mine of minions, and has them say their grains anew.',
      async (words, context) => {
        await clearMine(words, context)
        return renewGrains(words, context)
      },
    ),
  },
})
