/** Functions of the mine, asked one after another: what fails, what may not be there, what was not asked. */
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { definitionsOf } from '../../../../minion/mine/definitions.ts'
import { gather } from '../../../../minion/mine/gather.ts'
import { type ExecFunction, execFunction, type ModuleContext } from '../../../../minion/modules/contract.ts'
import { type Plain, toValue } from '../../../../shared/data/value.ts'

const ending = new AbortController()
const answering = (run: () => Plain, more: Partial<ExecFunction> = {}): ExecFunction => ({
  ...execFunction({
    summary: 'Answers.',
    args: v.strictObject({}),
    examples: [],
    readOnly: true,
    run: async () => run(),
  }),
  ...more,
})
const functions: Record<string, ExecFunction> = {
  'test.one': answering(() => 1),
  'test.answer': answering(() => ({ ret: [2], retcode: 3, format: 'nested' })),
  'test.fails': answering(() => {
    throw new Error('no')
  }),
  'state.apply': answering(() => 1, { queued: true }),
  'mine.get': answering(() => 1),
  'test.last': answering(() => {
    ending.abort()
    return 9
  }),
}
const context = {
  job: { signal: ending.signal },
  services: {
    functions: { find: (name: string) => functions[name], names: () => Object.keys(functions) },
  },
} as unknown as ModuleContext

test('each function stands for itself, and who was not asked is named', async () => {
  const names = ['test.one', 'test.answer', 'test.fails', 'test.oen', 'state.apply', 'mine.get', 'test.last']
  const { entries, failed } = await gather(definitionsOf(toValue([...names, 'test.ping'])), context)
  expect(entries).toEqual([
    { name: 'test.one', value: 1 },
    { name: 'test.answer', value: [2] },
    { name: 'test.last', value: 9 },
  ])
  expect(failed.map(({ name, reason }) => [name, reason.split('\n')[0]])).toEqual([
    ['test.fails', 'no'],
    ['test.oen', "'test.oen' is not available. [function-unknown]"],
    ['state.apply', expect.stringContaining('waits for its turn')],
    ['mine.get', expect.stringContaining('is not for the mine')],
    ['test.ping', 'It was not asked: the job was ended before.'],
  ])
})
