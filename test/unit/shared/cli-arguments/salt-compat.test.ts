/** `--salt-compat` as an argument of the call. */
import { expect, test } from 'vitest'
import { parseArguments } from '../../../../shared/cli-arguments/parse.ts'
import { askSaltCompat } from '../../../../shared/cli-arguments/salt-compat.ts'

function asked(fun: string, ...words: string[]): unknown {
  const { kwargs } = parseArguments(words, fun)
  askSaltCompat(fun, kwargs)
  return Object.fromEntries(kwargs)
}

test('a call of states gets it', () => {
  expect(asked('state.apply', 'web', 'test=True')).toEqual({ test: true, salt_compat: true })
  expect(asked('state.show_lowstate', 'salt_compat=True')).toEqual({ salt_compat: true })
})

test('others, and what contradicts it, are refused', () => {
  expect(() => asked('cmd.run', 'true')).toThrow(/cmd\.run runs none/)
  expect(() => asked('state.apply', 'salt_compat=False')).toThrow(/exclude each other/)
})
