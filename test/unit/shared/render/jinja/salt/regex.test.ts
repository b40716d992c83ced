import { describe, expect, test } from 'vitest'
import {
  compileRegex,
  escapeRegex,
  RegexLimitError,
  RegexSyntaxError,
} from '../../../../../../shared/render/jinja/salt/regex/python-regex.ts'
import { saltFilters, saltTests } from '../../../../../../shared/render/jinja/salt/registry.ts'
import { PyError } from '../../../../../../shared/render/jinja/values.ts'
import { plainContext } from '../../../../../cases/jinja-salt/template-context.ts'
import { processorTime } from '../../../../processor-time.ts'

describe('expressions that would hold the process', () => {
  test.each([
    ['(a+)+$', `${'a'.repeat(40)}b`],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(60)],
    ['(a|aa)+$', `${'a'.repeat(50)}b`],
    ['(.*a){25}', 'a'.repeat(60).replace(/a$/, 'b')],
    ['(a*)*b', 'a'.repeat(60)],
    ['.*.*.*.*.*x', 'a'.repeat(500)],
    ['(?=(a+)+$)b', 'a'.repeat(40)],
    ['(?:(?:a{0,9}){0,9}){0,9}b', 'a'.repeat(60)],
  ])('%s', (pattern, text) => {
    const before = processorTime()
    try {
      compileRegex(pattern).search(text)
    } catch (error) {
      expect(error).toBeInstanceOf(RegexLimitError)
    }
    expect(processorTime() - before).toBeLessThan(5_000)
  })

  test('long rows of simple repetitions do not count as such', () => {
    const text = `${'web12.example.org '.repeat(2000)}end`
    expect(compileRegex('([a-z]+)(\\d+)\\.(\\w+)').all(text)).toHaveLength(2000)
    expect(compileRegex('(?:a|b)*').match('ab'.repeat(50_000))?.text).toHaveLength(100_000)
    expect(compileRegex('.*end$').search(text)).toBeDefined()
  })

  test('deep nesting, long patterns and long texts are refused, not suffered', () => {
    expect(() => compileRegex('('.repeat(5000) + ')'.repeat(5000))).toThrow(RegexSyntaxError)
    expect(() => compileRegex('a'.repeat(20_000))).toThrow(RegexSyntaxError)
    expect(() => compileRegex('a').search('b'.repeat(2_000_000))).toThrow(RegexLimitError)
    expect(() => compileRegex('a{1000}'.repeat(1000)).search('a'.repeat(900_000))).not.toThrow(RangeError)
  })

  test('the rendering pays for the steps', () => {
    const context = plainContext()
    const run = saltFilters.get('regex_search')
    expect(() => run?.(context, ['a'.repeat(40), '(a+)+$b'], new Map())).toThrow(/needs too many steps/)
    expect(context.spent()).toBeGreaterThan(100_000)
  })
})

test('an expression that cannot be read is shown with the place', () => {
  const run = saltFilters.get('regex_match')
  expect(() => run?.(plainContext(), ['a', 'a(b'], new Map())).toThrow(
    /regex_match: the regular expression "a\(b" cannot be read: missing \), unterminated subpattern at position 3/,
  )
})

test('what it has of Python and JavaScript has not', () => {
  expect(compileRegex('(?P<a>x)(?P=a)').match('xx')?.groups).toEqual(['x'])
  expect(compileRegex('\\Aa\\Z').search('a\n')).toBeUndefined()
  expect(compileRegex('a$').search('a\n')?.text).toBe('a')
  expect(compileRegex('(?x) a  # letter\n b').match('ab')?.text).toBe('ab')
  expect(compileRegex('(?s).').match('\n')?.text).toBe('\n')
  expect(compileRegex('[[]x').match('[x')?.text).toBe('[x')
  expect(compileRegex('.').match('😀')?.text).toBe('😀')
  expect(compileRegex('\\d+').match('٣4')?.text).toBe('٣4')
  expect(compileRegex('(?a)\\d+').match('٣4')).toBeUndefined()
  expect(compileRegex('ſ', { ignoreCase: true }).match('S')?.text).toBe('S')
  expect(escapeRegex('a.b-c_d')).toBe('a\\.b\\-c_d')
})

test('the test match begins at the start and knows the flags', () => {
  const run = saltTests.get('match')
  expect(run?.(plainContext(), ['web1', 'WEB'], new Map([['ignorecase', true]]))).toBe(true)
  expect(run?.(plainContext(), ['my web1', 'web'], new Map())).toBe(false)
  expect(() => run?.(plainContext(), [5, 'a'], new Map())).toThrow(PyError)
})
