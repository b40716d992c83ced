/** What environ.setenv sets is in the environment of commands, below what a command asks for itself. */
import { afterEach, expect, test } from 'vitest'
import { AccountFiles } from '../../../../minion/system/account-files.ts'
import { commandRunner } from '../../../../minion/system/command.ts'
import { changeVariable } from '../../../../minion/system/set-variables.ts'

afterEach(() => changeVariable('TSALT_SET', undefined))
const run = commandRunner(new AccountFiles())
const shown = async (env?: Record<string, string>): Promise<string> =>
  (await run('echo "$TSALT_SET"', env ? { env } : {})).stdout.trim()

test('commands see it until it is unset', async () => {
  expect(await shown()).toBe('')
  changeVariable('TSALT_SET', 'by a state')
  expect(await shown()).toBe('by a state')
  expect(process.env.TSALT_SET).toBe('by a state')
  expect(await shown({ TSALT_SET: 'by its own' })).toBe('by its own')
  changeVariable('TSALT_SET', undefined)
  expect(await shown()).toBe('')
})
