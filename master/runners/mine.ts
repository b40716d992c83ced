/** Runner `mine`: what functions of minions answer, kept for others to read. */
import * as v from 'valibot'
import { encodeValue } from '../../shared/data/codec.ts'
import { toValue } from '../../shared/data/value.ts'
import { mineAnswer, mineQuestion } from '../../shared/mine/mine-question.ts'
import { askMinions, saidBy } from './ask-minions.ts'
import { RunnerAnswer, runner, runnerFunction } from './contract.ts'
import { targetOf, targetWords } from './target-words.ts'

export const mine = runner({
  summary: 'What functions of minions answer, kept for others to read.',
  functions: {
    get: runnerFunction({
      summary: 'What minions have in the mine, whoever may read it; of several functions by function.',
      args: v.strictObject({
        tgt: targetWords.tgt,
        fun: v.pipe(
          v.union([v.string(), v.array(v.string())], 'a function is expected'),
          v.description('Which function, or its name in the mine; several with commas.'),
        ),
        tgt_type: targetWords.tgt_type,
      }),
      examples: [
        "tsalt-run mine.get '*' network.ip_addrs",
        "tsalt-run mine.get 'role:web' network.ip_addrs tgt_type=grain",
      ],
      async run({ tgt, fun, tgt_type }, context) {
        const { wanted, nested } = mineQuestion({ tgt, fun: toValue(fun), tgt_type })
        context.access.requireTarget(context.actor, wanted.target)
        return mineAnswer(await context.mine.show(wanted), nested)
      },
    }),
    update: runnerFunction({
      summary: 'Has minions ask their functions now, and waits for them.',
      args: v.strictObject({
        ...targetWords,
        clear: v.optional(
          v.pipe(v.boolean('True or False is expected'), v.description('What else they have there goes.')),
          false,
        ),
        mine_functions: v.optional(
          v.pipe(v.unknown(), v.description('These functions instead of those that are configured.')),
        ),
      }),
      examples: ["tsalt-run mine.update '*'", 'tsalt-run mine.update role:web tgt_type=grain'],
      async run({ clear, mine_functions, ...words }, context) {
        const asked = await askMinions(context, {
          target: targetOf(words),
          fun: 'mine.update',
          kwargs: {
            ...(clear ? { clear } : {}),
            ...(mine_functions === undefined
              ? {}
              : { mine_functions: encodeValue(toValue(mine_functions as never)) }),
          },
        })
        return new RunnerAnswer(saidBy(asked), asked.failed.size === 0 ? 0 : 1)
      },
    }),
  },
})
