/** Runner `survey`: which minions answer the same, and what tells the others apart. */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Plain, toValue, type Value } from '../../shared/data/value.ts'
import { unifiedDiff } from '../../shared/diff/unified.ts'
import { type Asked, askMinions } from './ask-minions.ts'
import { RunnerAnswer, type RunnerContext, type RunnerFunction, runner, runnerFunction } from './contract.ts'
import { targetOf, targetWords } from './target-words.ts'

interface Pool {
  readonly pool: readonly string[]
  readonly hash: string
  readonly result: Value
}

const args = v.strictObject({
  tgt: targetWords.tgt,
  fun: v.pipe(v.string('a function is expected'), v.description('What they are asked.')),
  args: v.optional(v.pipe(v.array(v.unknown()), v.description('Arguments of the function.')), []),
  tgt_type: targetWords.tgt_type,
  survey_sort: v.optional(
    v.pipe(
      v.picklist(['up', 'down'], 'up or down is expected'),
      v.description('down: the largest group first.'),
    ),
    'down',
  ),
  kwargs: v.optional(
    v.pipe(v.record(v.string(), v.unknown()), v.description('Arguments of the function by name.')),
    {},
  ),
})

type Words = v.InferOutput<typeof args>

const surveying = (name: string, summary: string, show: (pools: readonly Pool[]) => Plain): RunnerFunction =>
  runnerFunction({
    summary,
    args,
    rest: 'args',
    restKeywords: 'kwargs',
    examples: [
      `tsalt-run survey.${name} '*' file.get_hash /etc/resolv.conf`,
      `tsalt-run survey.${name} 'G@os:Debian' pkg.version openssl tgt_type=compound`,
    ],
    async run(words, context) {
      const asked = await ask(words, context)
      const shown = show(poolsOf(asked, words.survey_sort))
      if (asked.failed.size === 0) return shown
      const without = new Map<string, Plain>([
        ['pool', [...asked.failed.keys()]],
        ['result', 'failed, or has not returned'],
        ['status', new Map(asked.failed)],
      ])
      return new RunnerAnswer([...(shown as Plain[]), without], 1)
    },
  })

async function ask(words: Words, context: RunnerContext): Promise<Asked> {
  const encoded = (value: unknown): Json => encodeValue(toValue(value as Plain))
  const kwargs = Object.fromEntries(Object.entries(words.kwargs).map(([key, value]) => [key, encoded(value)]))
  return askMinions(context, {
    target: targetOf(words),
    fun: words.fun,
    args: words.args.map(encoded),
    kwargs,
  })
}

/** Those that failed are in no group: what they said is no answer. */
function poolsOf({ returned, failed }: Asked, sort: 'up' | 'down'): Pool[] {
  const pools = new Map<string, { pool: string[]; result: Value }>()
  for (const [id, result] of returned) {
    if (failed.has(id)) continue
    const hash = createHash('sha256')
      .update(JSON.stringify(encodeValue(result)))
      .digest('hex')
    const known = pools.get(hash)
    if (known === undefined) pools.set(hash, { pool: [id], result })
    else known.pool.push(id)
  }
  const sign = sort === 'down' ? -1 : 1
  return [...pools]
    .map(([hash, one]) => ({ hash, ...one }))
    .sort(
      (a, b) => sign * (a.pool.length - b.pool.length) || ((a.pool[0] ?? '') < (b.pool[0] ?? '') ? -1 : 1),
    )
}

const described = ({ pool, hash, result }: Pool): Map<string, Plain> =>
  new Map<string, Plain>([
    ['pool', [...pool]],
    ['hash', hash],
    ['result', result],
  ])

function differences(pools: readonly Pool[]): Plain {
  const [reference, ...others] = pools
  if (reference === undefined) return []
  return [
    described(reference),
    ...others.map(
      (pool) =>
        new Map<string, Plain>([
          ['pool', [...pool.pool]],
          ['hash', pool.hash],
          ['diff', unifiedDiff(textOf(reference.result), textOf(pool.result))],
        ]),
    ),
  ]
}

const textOf = (value: Value): string =>
  typeof value === 'string' ? value : JSON.stringify(encodeValue(value), null, 2)

export const survey = runner({
  summary: 'Which minions answer the same, and what tells the others apart.',
  functions: {
    hash: surveying('hash', 'Groups minions by what they answer, the largest group first.', (pools) =>
      pools.map(described),
    ),
    diff: surveying('diff', 'As hash; of all groups but the first, how they differ from it.', differences),
  },
})
