import { describe, expect, it } from 'vitest'
import { splitWords } from '../../../../master/cli/command-words.ts'
import { execModules } from '../../../../minion/modules/registry.ts'

describe('target and function', () => {
  it.each([
    ['* test.ping', '*', 'test.ping', []],
    ['web1 state.apply nginx', 'web1', 'state.apply', ['nginx']],
    ['state.highstate', undefined, 'state.highstate', []],
    ['state.highstate test=True', undefined, 'state.highstate', ['test=True']],
    ['state.apply nginx test=True', undefined, 'state.apply', ['nginx', 'test=True']],
    ['state.single file.touch name=/x', undefined, 'state.single', ['file.touch', 'name=/x']],
    ['sys.doc test.ping', undefined, 'sys.doc', ['test.ping']],
    ['service.example test.ping', 'service.example', 'test.ping', []],
    ['web1.example test.ping', 'web1.example', 'test.ping', []],
    ['pkg.example state.apply web', 'pkg.example', 'state.apply', ['web']],
  ])('%s', (typed, target, fun, rest) => {
    expect(splitWords(typed.split(' '), false)).toEqual({ target, fun, rest })
  })

  it('a flag for targets makes the first word one', () => {
    expect(splitWords(['test.ping', 'cmd.run', 'x'], true)).toEqual({
      target: 'test.ping',
      fun: 'cmd.run',
      rest: ['x'],
    })
  })

  it('knows every module that minions have', () => {
    for (const name of Object.keys(execModules))
      expect(splitWords([`${name}.some`], false)).toEqual({
        target: undefined,
        fun: `${name}.some`,
        rest: [],
      })
  })
})
