import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Json } from '../../../shared/data/codec.ts'
import { callsOf, type FunctionCall, joinCalls, returnKeys } from '../../../shared/several-functions.ts'

describe('a job of several functions', () => {
  test.each<[string, Partial<FunctionCall>, unknown]>([
    ['one function is itself', { fun: 'test.ping', args: [1], kwargs: { a: 2 } }, 'same'],
    [
      'a list of arguments for each',
      { fun: 'cmd.run,test.ping,test.echo', args: [['uptime'], [], ['foo']] },
      [
        { fun: 'cmd.run', args: ['uptime'], kwargs: {} },
        { fun: 'test.ping', args: [], kwargs: {} },
        { fun: 'test.echo', args: ['foo'], kwargs: {} },
      ],
    ],
    [
      'no arguments at all are none for each',
      { fun: 'test.ping,test.ping' },
      [
        { fun: 'test.ping', args: [], kwargs: {} },
        { fun: 'test.ping', args: [], kwargs: {} },
      ],
    ],
    [
      "keywords in Salt's form",
      {
        fun: 'cmd.run,state.apply',
        args: [['id', { __kwarg__: true, runas: 'www' }], [{ __kwarg__: true, test: true }]],
      },
      [
        { fun: 'cmd.run', args: ['id'], kwargs: { runas: 'www' } },
        { fun: 'state.apply', args: [], kwargs: { test: true } },
      ],
    ],
    [
      'a mapping without the mark is an argument',
      { fun: 'a.b,c.d', args: [[{ __kwarg__: 1, x: 2 }], []] },
      [
        { fun: 'a.b', args: [{ __kwarg__: 1, x: 2 }], kwargs: {} },
        { fun: 'c.d', args: [], kwargs: {} },
      ],
    ],
    ['too few lists', { fun: 'a.b,c.d', args: [['x']] }, undefined],
    ['too many lists', { fun: 'a.b,c.d', args: [[], [], []] }, undefined],
    ['no lists', { fun: 'a.b,c.d', args: ['x', 'y'] }, undefined],
    ['keywords of nobody', { fun: 'a.b,c.d', args: [[], []], kwargs: { test: true } }, undefined],
    [
      'a keyword twice',
      {
        fun: 'a.b,c.d',
        args: [
          [
            { __kwarg__: true, x: 1 },
            { __kwarg__: true, x: 2 },
          ],
          [],
        ],
      },
      undefined,
    ],
    [
      'a keyword that is a number',
      {
        fun: 'a.b,c.d',
        args: [
          [
            {
              $map: [
                ['__kwarg__', true],
                [1, 2],
              ],
            },
          ],
          [],
        ],
      },
      undefined,
    ],
  ])('%s', (_, given, expected) => {
    const call = { fun: '', args: [], kwargs: {}, ...given }
    expect(callsOf(call)).toEqual(expected === 'same' ? [call] : expected)
  })

  const json = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()))
  const call = fc.record({
    fun: fc.constantFrom('cmd.run', 'test.ping', 'state.apply'),
    args: fc.array(json as fc.Arbitrary<Json>),
    kwargs: fc.dictionary(
      fc.stringMatching(/^([a-z_$0-9]\w{0,6}|__proto__|constructor)$/).filter((name) => name !== '__kwarg__'),
      json as fc.Arbitrary<Json>,
    ),
  })

  it('is parted again as it was joined', () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 2, maxLength: 5 }), (calls) => {
        const plain = (list: readonly FunctionCall[]) =>
          list.map(({ fun, args, kwargs }) => [fun, args, Object.entries(kwargs)])
        const again = callsOf(JSON.parse(JSON.stringify(joinCalls(calls))) as FunctionCall)
        expect(plain(again ?? [])).toEqual(plain(calls))
      }),
    )
  })

  it('has a key for every return', () => {
    expect(returnKeys(['test.echo', 'test.ping', 'test.echo', 'test.echo'])).toEqual([
      'test.echo',
      'test.ping',
      'test.echo#2',
      'test.echo#3',
    ])
  })
})
