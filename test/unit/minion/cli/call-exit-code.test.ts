/** Exit codes of tsalt-call, with and without --retcode-passthrough, as salt-call has them. */
import { expect, test } from 'vitest'
import { callExitCode } from '../../../../minion/cli/call-exit-code.ts'

test.each([
  ['test.ping', { retcode: 0, success: true, outcome: 'done' }, 0, 0],
  ['a state that failed', { retcode: 2, success: false, outcome: 'done' }, 1, 2],
  ['states that do not compile', { retcode: 1, success: false, outcome: 'done' }, 1, 1],
  ['a function that does not exist', { retcode: 254, success: false, outcome: 'refused' }, 1, 255],
  ['a command that ended with 254', { retcode: 254, success: false, outcome: 'done' }, 1, 254],
] as const)('%s', (_name, result, usual, passed) => {
  expect(callExitCode(result, false)).toBe(usual)
  expect(callExitCode(result, true)).toBe(passed)
})
