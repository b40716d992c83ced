/** Runner `cache`: what the master remembers of minions. */
import * as v from 'valibot'
import { decodeValue } from '../../shared/data/codec.ts'
import type { Plain } from '../../shared/data/value.ts'
import { runner, runnerFunction } from './contract.ts'

export const cache = runner({
  summary: 'What the master remembers of minions.',
  functions: {
    grains: runnerFunction({
      summary: 'Grains as the minions said them last, also of those that are away.',
      args: v.strictObject({
        tgt: v.optional(v.pipe(v.string(), v.description('Which minions.')), '*'),
        tgt_type: v.optional(
          v.pipe(v.picklist(['glob', 'list', 'grain']), v.description('How tgt is meant.')),
          'glob',
        ),
      }),
      examples: ['tsalt-run cache.grains', "tsalt-run cache.grains 'web*'"],
      async run({ tgt, tgt_type }, { resolveTarget, minions }) {
        const found = new Map<string, Plain>()
        for (const { id, generation } of await resolveTarget({ kind: tgt_type, expression: tgt })) {
          const encoded = await minions.grains(id, generation)
          if (encoded !== undefined) found.set(id, decodeValue(encoded))
        }
        return found
      },
    }),
  },
})
