/** Runner `test`: what runners are given and can take. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { runner, runnerFunction } from './contract.ts'

const args = v.strictObject({
  args: v.optional(v.pipe(v.array(v.unknown()), v.description('Anything.')), []),
  kwargs: v.optional(v.pipe(v.record(v.string(), v.unknown()), v.description('Anything by name.')), {}),
})

const shown = (name: string, summary: string) =>
  runnerFunction({
    summary,
    args,
    rest: 'args',
    restKeywords: 'kwargs',
    examples: [`tsalt-run test.${name} 1 two three=3`],
    run: async (given) =>
      new Map<string, Plain>([
        ['args', given.args as Plain[]],
        ['kwargs', given.kwargs as Record<string, Plain>],
      ]),
  })

export const test = runner({
  summary: 'What runners are given, and how long they may take.',
  functions: {
    arg: shown('arg', 'Shows the arguments that it was given.'),
    raw_arg: shown('raw_arg', 'As arg.'),
    metasyntactic: runnerFunction({
      summary: 'Words that stand for nothing, for looking at outputters.',
      args: v.strictObject({}),
      examples: ['tsalt-run test.metasyntactic --out=json'],
      run: async () => 'foo bar baz qux quux quuz corge grault garply waldo fred plugh xyzzy thud'.split(' '),
    }),
    stdout_print: runnerFunction({
      summary: 'Says a word.',
      args: v.strictObject({}),
      examples: ['tsalt-run test.stdout_print'],
      run: async () => 'foo',
    }),
    sleep: runnerFunction({
      summary: 'Waits.',
      args: v.strictObject({
        s_time: v.optional(
          v.pipe(
            v.number('seconds are expected'),
            v.minValue(0),
            v.maxValue(86_400),
            v.description('Seconds.'),
          ),
          1,
        ),
      }),
      examples: ['tsalt-run test.sleep 10'],
      run: ({ s_time }, { within }) =>
        new Promise((resolve) => {
          const timer = setTimeout(() => resolve(s_time), s_time * 1000)
          within?.addEventListener('abort', () => {
            clearTimeout(timer)
            resolve(false)
          })
        }),
    }),
  },
})
