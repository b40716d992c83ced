/** Runner `error`: fails on purpose. */
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { runner, runnerFunction } from './contract.ts'

export const error = runner({
  summary: 'Fails on purpose, to see what becomes of it.',
  functions: {
    error: runnerFunction({
      summary: 'Fails with a message.',
      args: v.strictObject({
        name: v.optional(
          v.pipe(v.string(), v.description('What kind of failure it is called.')),
          'Exception',
        ),
        message: v.optional(v.pipe(v.string(), v.description('What it says.')), 'called on purpose'),
      }),
      examples: ["tsalt-run error.error name=ValueError message='too large'"],
      async run({ name, message }) {
        throw new TsaltError('runner-failed', { fun: 'error.error', reason: `${name}: ${message}` })
      },
    }),
  },
})
