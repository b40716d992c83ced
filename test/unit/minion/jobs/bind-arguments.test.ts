import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { bindArguments } from '../../../../minion/jobs/bind-arguments.ts'
import { type ExecFunction, execFunction } from '../../../../minion/modules/contract.ts'
import { type Dict, PyFloat } from '../../../../shared/data/value.ts'

const anything = v.custom<unknown>(() => true)
const make = (more: Partial<ExecFunction>): ExecFunction =>
  execFunction({
    summary: '',
    examples: [],
    readOnly: true,
    run: async () => null,
    args: v.strictObject({}),
    ...more,
  })
const pair = make({ args: v.strictObject({ name: v.string(), count: v.optional(v.number(), 1) }) })
const open = make({
  args: v.strictObject({
    first: v.optional(v.string()),
    more: v.optional(anything),
    others: v.optional(anything),
  }),
  rest: 'more',
  restKeywords: 'others',
})
const keywords = (given: Record<string, string | number>): Dict => new Map(Object.entries(given))

describe('arguments are bound', () => {
  test('by position, by name, with defaults', () => {
    expect(bindArguments('m.f', pair, ['a'], new Map())).toEqual({ name: 'a', count: 1 })
    expect(bindArguments('m.f', pair, ['a'], keywords({ count: 2 }))).toEqual({ name: 'a', count: 2 })
  })
  test('a number where text is wanted is the text that was typed; 1.0 is a number where one is wanted', () => {
    expect(bindArguments('m.f', pair, [42, new PyFloat(3)], new Map())).toEqual({ name: '42', count: 3 })
  })
  test('what is left over goes where the function takes it', () => {
    const bound = bindArguments('m.f', open, ['a', 1, 2], keywords({ x: 1 }))
    expect(bound).toEqual({ first: 'a', more: [1, 2], others: new Map([['x', 1]]) })
  })
})

describe('arguments are refused', () => {
  test.each([
    [pair, [], {}, 'm.f needs the argument "name".'],
    [pair, ['a', 1, 2], {}, 'm.f takes at most 2 arguments by position and got 3.'],
    [pair, ['a'], { name: 'b' }, 'm.f got the argument "name" twice, by position and by name.'],
    [pair, ['a'], { cuont: 1 }, 'm.f has no argument "cuont".'],
    [pair, ['a'], { count: 'x' }, /^m\.f: count: /],
    [pair, ['a'], { __proto__x: 1 }, 'm.f has no argument "__proto__x".'],
  ])('%# %j %j', (definition, args, given, message) => {
    expect(() => bindArguments('m.f', definition, args, keywords(given))).toThrow(message)
  })
})
