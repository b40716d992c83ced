/** What is read, against PyYAML under Salt's rules; and the quick reader against the full one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOfKey, placeOfValue } from '../../../../../shared/data/provenance.ts'
import { isDict, isList, toPlain, type Value } from '../../../../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../../../../shared/errors/error.ts'
import { TextSource } from '../../../../../shared/render/source-map.ts'
import { loadYaml, readFully } from '../../../../../shared/render/yaml.ts'
import { readQuickly } from '../../../../../shared/render/yaml-quick/reader.ts'
import { hasPyYaml } from './judge.ts'
import {
  findDocumentDifferences,
  findOrdinaryDifferences,
  findScalarDifferences,
} from './load-differences.ts'
import { ordinaryDocuments } from './ordinary-grammar.ts'

// Without Debian's python3-yaml there is no judge.
describe.skipIf(!hasPyYaml)('random YAML is read as PyYAML reads it', () => {
  it('scalars (20,000)', () => {
    expect(findScalarDifferences(20_000, 31)).toEqual([])
  })

  it('documents as people write them (2,000)', () => {
    expect(findOrdinaryDifferences(2_000, 32)).toEqual([])
  })

  it('documents with everything in them (2,000)', () => {
    expect(findDocumentDifferences(2_000, 33)).toEqual([])
  })
})

/** Values with the places of all keys and values. */
function placed(value: Value): unknown {
  const place = (at: ReturnType<typeof placeOfKey>) => `${at?.line}:${at?.column}`
  if (isList(value)) return value.map((item, at) => [place(placeOfValue(value, at)), placed(item)])
  if (!isDict(value)) return typeof value === 'bigint' ? `${value}n` : value
  return [...value].map(([key, item]) => [
    key,
    place(placeOfKey(value, key)),
    place(placeOfValue(value, key)),
    placed(item),
  ])
}

describe('the quick reader', () => {
  it('reads what the full one reads, with the same places, or nothing (2,000)', () => {
    let read = 0
    for (const text of fc.sample(ordinaryDocuments, { numRuns: 2_000, seed: 7 })) {
      const quick = readQuickly(text, new TextSource(text, 'f'))
      if (quick === undefined) continue
      read++
      expect(placed(quick), text).toEqual(placed(readFully(text, new TextSource(text, 'f'))))
    }
    expect(read).toBeGreaterThan(400)
  })

  it('reads a state file, and leaves anchors, tags and mistakes', () => {
    const quick = (text: string) => readQuickly(text, new TextSource(text, 'f'))
    expect(
      quick(
        'a:\n  file.managed:\n    - mode: "0644" # c\n    - contents: |\n        x\n    - l: [1, {b: c}]\n',
      ),
    ).toBeDefined()
    for (const text of [
      'a: &x 1',
      'a: !!str 1',
      '<<: {a: 1}',
      'a: 1\na: 2',
      'a: [',
      'a: {{ b }}',
      '- a\n- *b',
    ])
      expect(quick(text)).toBeUndefined()
  })
})

describe('long texts', () => {
  it.each([
    ['a list in one line', `a: [${'1,'.repeat(50_000)}]`],
    ['quotes in one line', `a: [${"'x',".repeat(50_000)}]`],
    ['comments', `${'# c\n'.repeat(50_000)}a: 1`],
    ['colons', `a: ${'x:y'.repeat(50_000)}`],
  ])('are read in time that grows with them: %s', (_, text) => {
    const start = process.cpuUsage()
    loadYaml(text, 'f')
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(2)
  })
})

describe('brackets and quotes', () => {
  it.each([
    ['list: [\n  a,\n  b\n]\n', { list: ['a', 'b'] }],
    ['x:\n  y: {\n    a: 1\n}\n', { x: { y: { a: 1 } } }],
    ['x: &x\n  y: {\n    a: "b\nc"\n}\nz: *x\n', { x: { y: { a: 'b c' } }, z: { y: { a: 'b c' } } }],
    ["a: 'b'#c\nd: &e []#f\n", { a: 'b', d: [] }],
  ])('%j may go on in any column', (text, value) => {
    expect(toPlain(loadYaml(text, 'f'))).toEqual(value)
  })

  it('are still told where they are opened and not closed, in the columns of the file', () => {
    const refused = (text: string): string => {
      try {
        loadYaml(text, 'f')
      } catch (error) {
        if (isTsaltError(error)) return describeError(error)
      }
      return 'read'
    }
    expect(refused('a: [\n1\n]\nb: "x\ny: 1\n')).toContain('at f:4:4')
    expect(refused('x: &x [\n1\n]\nb: 1\nb: 2\n')).toContain('at f:5:1')
  })
})
