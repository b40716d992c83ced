import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob, isGlob } from '../../../../shared/targeting/glob.ts'
import { processorTime } from '../../processor-time.ts'

const match = (pattern: string, text: string): boolean => compileGlob(pattern)(text)

// Compared with Python 3.11's fnmatch.fnmatchcase.
it.each([
  ['*', '', true],
  ['*', 'web1.example.org', true],
  ['web*', 'web', true],
  ['web*', 'Web1', false],
  ['w?b', 'wb', false],
  ['w?b', 'wéb', true],
  ['?', '😀', true],
  ['*.org', 'a.b.org', true],
  ['*.org', 'a.b.org.', false],
  ['web[12]', 'web2', true],
  ['web[12]', 'web3', false],
  ['web[!12]', 'web3', true],
  ['web[!12]', 'web', false],
  ['web[a-c]', 'webb', true],
  ['web[c-a]', 'webb', false],
  ['web[!c-a]', 'webb', true],
  ['[]]', ']', true],
  ['[!]]', ']', false],
  ['[]', '[]', true],
  ['[', '[', true],
  ['[!', '[!', true],
  ['web[1', 'web[1', true],
  ['[a-]', '-', true],
  ['[-a]', '-', true],
  ['[a-c-e]', '-', true],
  ['[a-c-e]', 'd', false],
  ['[--0]', '.', true],
  ['[^a]', 'b', false],
  ['[^a]', '^', true],
  ['[a*]', '*', true],
  ['a\\*', 'a\\b', true],
  ['a\\*', 'a*', false],
  ['a.c', 'abc', false],
  ['a\n*', 'a\nb\nc', true],
  ['**a**', 'bab', true],
  ['*a*b*c', 'xaybzc', true],
  ['*a*b*c', 'xaybz', false],
])('%j matches %j as Python says: %s', (pattern, text, expected) => {
  expect(match(pattern, text)).toBe(expected)
})

describe('against a naive reference', () => {
  /** fnmatch by definition: tries every length for every star. */
  function reference(pattern: string[], text: string[]): boolean {
    const [first, ...rest] = pattern
    if (first === undefined) return text.length === 0
    if (first === '*') return text.some((_, skip) => reference(rest, text.slice(skip))) || reference(rest, [])
    if (text.length === 0) return false
    if (first === '[') {
      const from = rest[0] === '!' ? 1 : 0
      const end = rest.indexOf(']', from + (rest[from] === ']' ? 1 : 0))
      if (end !== -1) {
        const members = rest.slice(from, end)
        let inside = false
        for (let at = 0; at < members.length; at++) {
          const low = members[at] ?? ''
          if (members[at + 1] === '-' && at + 2 < members.length) {
            inside ||= low <= (text[0] ?? '') && (text[0] ?? '') <= (members[at + 2] ?? '')
            at += 2
          } else inside ||= low === text[0]
        }
        return inside !== (from === 1) && reference(rest.slice(end + 1), text.slice(1))
      }
    }
    return (first === '?' || first === text[0]) && reference(rest, text.slice(1))
  }

  const pattern = fc.array(fc.constantFrom('a', 'b', 'c', '*', '?', '[', ']', '!', '-'), { maxLength: 9 })
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '[', '!', '-'), { maxLength: 7 })

  it('agrees', () => {
    fc.assert(
      fc.property(pattern, text, (glob, word) => {
        expect(match(glob.join(''), word.join(''))).toBe(reference(glob, word))
      }),
      { numRuns: 5_000 },
    )
  })
})

it('takes time in proportion to pattern and text', () => {
  const glob = compileGlob(`${'*a'.repeat(200)}b`)
  const started = processorTime()
  expect(glob('a'.repeat(20_000))).toBe(false)
  expect(processorTime() - started).toBeLessThan(5_000)
})

it('tells a glob from a name', () => {
  expect(['web*', 'w?b', 'web[12]'].every(isGlob)).toBe(true)
  expect(['web1', 'web[', 'a.b-c_d'].some(isGlob)).toBe(false)
})
