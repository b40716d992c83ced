/** Runner `config`: the configuration of the master. */
import * as v from 'valibot'
import { traverse } from '../../shared/data/value.ts'
import { runner, runnerFunction } from './contract.ts'

export const config = runner({
  summary: 'The configuration of the master.',
  functions: {
    reload: runnerFunction({
      summary: 'Reads the configuration again and takes over what may change while the master runs.',
      args: v.strictObject({
        test: v.optional(
          v.pipe(v.boolean(), v.description('Only check it, and tell what would change.')),
          false,
        ),
      }),
      examples: ['tsalt-run config.reload', 'tsalt-run config.reload test=True'],
      async run({ test }, { reload, actor }) {
        const { taken, atRestart } = test ? reload.rehearse() : await reload.now(`operator:${actor.name}`)
        return { [test ? 'would_take' : 'taken']: [...taken], needs_restart: [...atRestart] }
      },
    }),
    get: runnerFunction({
      summary: 'The value of an option of the master; secrets are left out.',
      args: v.strictObject({
        key: v.pipe(v.string('an option is expected'), v.description('Its name, `a:b` for what is inside.')),
        default: v.optional(v.pipe(v.unknown(), v.description('The answer where there is none.')), ''),
        delimiter: v.optional(v.pipe(v.string(), v.description('Between the steps of the key.')), ':'),
      }),
      examples: ['tsalt-run config.get file_roots', 'tsalt-run config.get file_roots:base'],
      run: async ({ key, default: fallback, delimiter }, { opts }) =>
        traverse(opts(), key, delimiter) ?? (fallback as string),
    }),
  },
})
