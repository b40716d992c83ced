import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PyFloat } from '../../../../shared/data/value.ts'
import { flawOfJson, parseExactJson, parseStrictJson } from '../../../../shared/protocol/strict-json.ts'

/** JSON.parse, or undefined. */
function native(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function strict(text: string): unknown {
  try {
    return parseStrictJson(text, 32)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

describe('agrees with JSON.parse', () => {
  it('on every JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        fc.pre(flawOfJson(value, 32) === undefined)
        expect(strict(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('on what is not JSON: nothing more is accepted', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      'true',
      'nul',
      '1',
      '-',
      '.5',
      '01',
      '1e',
      ' ',
      '\u0007',
      '\\u00e',
      'é',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (parts) => {
        const text = parts.join('')
        const mine = strict(text)
        if (mine !== undefined) expect(native(text)).toEqual(mine)
        // Refused on purpose: keys twice, and numbers that are none any more, as 1e1101.
        else if (!text.includes('"a"') && flawOfJson(native(text), 32) === undefined)
          expect(native(text)).toBeUndefined()
      }),
      { numRuns: 2000, examples: [[['1e', '1', '1', '01']]] },
    )
  })

  it.each(['"\\u00e9\\n\\"\\\\ü😀"', '"\\ud83d\\ude00"', '-0.5e-3', '[]', ' {} ', '"\u2028"'])(
    '%s',
    (text) => {
      expect(strict(text)).toEqual(JSON.parse(text))
    },
  )
})

describe('refuses', () => {
  it.each([
    ['{"a":1,"a":2}', 'twice'],
    ['{"\\u0061":1,"a":2}', 'twice'],
    ['{"__proto__":{}}', '__proto__'],
    ['{"x":{"\\u005f_proto__":1}}', '__proto__'],
    ['{"constructor":1}', 'constructor'],
    ['[{"prototype":1}]', 'prototype'],
    ['1e999', 'out of range'],
    ['', 'not JSON'],
    ['{} x', 'text after the end'],
    ['"a\nb"', 'control character'],
    ['"abc', 'does not end'],
    ['"\\x"', 'escape'],
    ['{a:1}', 'not a key'],
    ['[1,]', 'not JSON'],
    ['{"a":1,}', 'not a key'],
    ['NaN', 'not JSON'],
  ])('%s: %s', (text, reason) => {
    expect(() => parseStrictJson(text, 32)).toThrow(reason)
  })

  it('what is nested too deep, without using up the stack', () => {
    expect(strict('['.repeat(32) + ']'.repeat(32))).toBeDefined()
    expect(() => parseStrictJson('['.repeat(33) + ']'.repeat(33), 32)).toThrow('deeper than 32')
    expect(() => parseStrictJson('{"a":'.repeat(1_000_000), 32)).toThrow('deeper than 32')
  })
})

it('makes objects that inherit nothing', () => {
  const value = parseStrictJson('{"a":{}}', 32) as { a: object }
  expect(Object.getPrototypeOf(value)).toBeNull()
  expect(Object.getPrototypeOf(value.a)).toBeNull()
  expect('toString' in value).toBe(false)
})

it('reads numbers exactly where that is asked for', () => {
  expect(parseExactJson('[20261122142143103325000, 9007199254740993, 1, -2, 1.5, 1.0, 1e2]', 2, 10)).toEqual([
    20261122142143103325000n,
    9007199254740993n,
    ...[1, -2, 1.5],
    ...[new PyFloat(1), new PyFloat(100)],
  ])
  fc.assert(
    fc.property(fc.bigInt(), (number) => {
      expect(BigInt(parseExactJson(String(number), 1, 1) as bigint | number)).toBe(number)
    }),
  )
})

it('knows beforehand what it would refuse', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value)
      expect(flawOfJson(value, 4) === undefined).toBe(accepts(text, 4))
    }),
  )
  expect(flawOfJson(JSON.parse('{"__proto__":1}'), 4)).toContain('__proto__')
  expect(flawOfJson({ a: Number.POSITIVE_INFINITY }, 4)).toContain('number')
})

function accepts(text: string, depth: number): boolean {
  try {
    parseStrictJson(text, depth)
    return true
  } catch {
    return false
  }
}
