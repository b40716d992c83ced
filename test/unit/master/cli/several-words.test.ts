import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { wordsOfEach } from '../../../../master/cli/several-words.ts'
import { typedCall } from '../../../../master/cli/typed-call.ts'

const three = ['cmd.run', 'test.ping', 'test.echo']

describe('words of several functions', () => {
  test.each<[string, string[], string[], string, string[][]]>([
    [
      'words that are just the separator divide',
      three,
      ['uptime', ',', ',', 'foo'],
      ',',
      [['uptime'], [], ['foo']],
    ],
    ["and so do signs in words, Salt's older way", three, ['uptime,,foo'], ',', [['uptime'], [], ['foo']]],
    ['or both mixed', three, ['cat a', 'b,', ',foo'], ',', [['cat a', 'b'], [], ['foo']]],
    [
      'commas within words stay where words divide',
      three,
      ['echo a,b', ',', ',', 'c,d'],
      ',',
      [['echo a,b'], [], ['c,d']],
    ],
    ['arguments at the end only', ['a.b', 'c.d'], [',', 'x', 'k=v'], ',', [[], ['x', 'k=v']]],
    ['an empty argument', ['a.b', 'c.d'], ['', ',', 'x'], ',', [[''], ['x']]],
    ['none at all', three, [], ',', [[], [], []]],
    ['another separator', ['a.b', 'c.d'], ['x,y', '--', 'z'], '--', [['x,y'], ['z']]],
    ['another separator in words', ['a.b', 'c.d'], ['x;;y'], ';;', [['x'], ['y']]],
  ])('%s', (_, functions, words, separator, expected) => {
    expect(wordsOfEach(functions, words, separator)).toEqual(expected)
  })

  test.each<[string[], string]>([
    [
      ['uptime', 'foo'],
      '3 functions were given, and arguments for 1: cmd.run ← uptime foo; test.ping ← nothing said; test.echo ← nothing said.',
    ],
    [['uptime', ',', 'foo'], 'for 2: cmd.run ← uptime; test.ping ← foo; test.echo ← nothing said.'],
    [
      ['a,b', ',', ',', 'c', ','],
      'for 5: cmd.run ← a; test.ping ← b; test.echo ← no arguments; no function ← c; no function ← no arguments.',
    ],
  ])('%j are told as they were understood', (words, message) => {
    expect(() => wordsOfEach(three, words, ',')).toThrow(message)
  })

  it('are shared out as they were put together, whatever they are', () => {
    const word = fc.string().filter((text) => text !== ',')
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 4 }), { minLength: 2, maxLength: 6 }), (lists) => {
        const words = lists.flatMap((list, index) => (index === 0 ? list : [',', ...list]))
        const functions = lists.map(() => 'test.echo')
        expect(wordsOfEach(functions, words, ',')).toEqual(lists)
      }),
    )
  })
})

describe('the call that they make', () => {
  const options = { saltCompat: false, now: false, argsSeparator: ',' }

  it('has a list for each function, with keywords as Salt writes them', () => {
    const words = ['echo 1', 'runas=www', ',', 'nginx', 'test=True']
    expect(typedCall('cmd.run,state.apply', words, options)).toEqual({
      call: {
        fun: 'cmd.run,state.apply',
        args: [
          ['echo 1', { __kwarg__: true, runas: 'www' }],
          ['nginx', { __kwarg__: true, test: true }],
        ],
        kwargs: {},
      },
      dryRun: true,
    })
  })

  it('has --now and --salt-compat where states run', () => {
    const asked = { ...options, now: true, saltCompat: true }
    expect(typedCall('test.ping,state.apply', [',', 'nginx'], asked).call.args).toEqual([
      [],
      ['nginx', { __kwarg__: true, salt_compat: true, queue: false }],
    ])
    expect(() => typedCall('test.ping,test.echo', [',', 'x'], asked)).toThrow('test.ping runs none')
  })
})
