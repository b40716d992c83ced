import * as v from 'valibot'
import { expect, test } from 'vitest'
import { textList } from '../../../../shared/schema/collections.ts'
import { inOneLine } from '../../../../shared/schema/in-one-line.ts'
import { text } from '../../../../shared/schema/scalars.ts'
import { readerOf, shapeOf } from '../../../../shared/schema/shaped.ts'

test('a break at the end, as YAML leaves it, is none', () => {
  expect(v.parse(inOneLine(text), 'a b\n')).toBe('a b')
  expect(v.parse(inOneLine(textList), ['a\r\n', 5])).toEqual(['a', '5'])
})

test.each(['a\nb', 'a\rb', '\na', 'a\n\n'])('%j becomes more than one line', (value) => {
  expect(v.safeParse(inOneLine(text), value).issues?.[0].message).toContain('more than one line')
  expect(v.safeParse(inOneLine(textList), ['x', value]).success).toBe(false)
})

test('it is described, and read quickly, as what it is made of', () => {
  expect(shapeOf(inOneLine(textList))).toEqual(shapeOf(textList))
  expect(readerOf(inOneLine(text))?.('a\n')).toBe('a')
  expect(v.safeParse(inOneLine(text), []).issues?.[0].message).toBe('text is expected, not a list')
})
