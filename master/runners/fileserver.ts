/** Runner `fileserver`: what the master serves. */
import * as v from 'valibot'
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { runner, runnerFunction } from './contract.ts'

export const fileserver = runner({
  summary: 'What the master serves.',
  functions: {
    envs: runnerFunction({
      summary: 'The environments of file_roots.',
      args: v.strictObject({}),
      examples: ['tsalt-run fileserver.envs'],
      run: async (_args, { files }) => [...(await files.environments())].sort(),
    }),
    file_list: runnerFunction({
      summary: 'The files of an environment.',
      args: v.strictObject({
        saltenv: v.optional(v.pipe(v.string(), v.description('The environment.')), 'base'),
      }),
      examples: ['tsalt-run fileserver.file_list', 'tsalt-run fileserver.file_list saltenv=base'],
      async run({ saltenv }, { files }) {
        const known = await files.environments()
        if (known.includes(saltenv)) return [...(await files.list(saltenv))].sort()
        const near = nearest(saltenv, known)
        throw new TsaltError(
          'runner-argument',
          { fun: 'fileserver.file_list', reason: `there is no environment "${saltenv}"` },
          { hint: near ? `Did you mean "${near}"?` : `There are: ${known.join(', ')}.` },
        )
      },
    }),
  },
})
