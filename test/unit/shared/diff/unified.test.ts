import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentDiff } from '../../../../minion/diff/content.ts'
import { unifiedDiff } from '../../../../shared/diff/unified.ts'
import { processorTime } from '../../processor-time.ts'

/** Applies a unified diff as patch(1) does, and checks every line of the old text that it names. */
function applyDiff(before: string, diff: string): string {
  if (diff === '') return before
  const old = before.split(/(?<=\n)/).filter((line) => line !== '')
  const lines = diff.split(/(?<=\n)/)
  expect(lines.slice(0, 2)).toEqual(['--- \n', '+++ \n'])
  const out: string[] = []
  let at = 0
  for (let i = 2; i < lines.length; i++) {
    const line = lines[i] as string
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$/.exec(line)
    if (hunk) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1)
      while (at < start) out.push(old[at++] as string)
      expect(out.length).toBe(Number(hunk[3]) - (hunk[4] === '0' ? 0 : 1))
      continue
    }
    const bare = lines[i + 1]?.startsWith('\\') ? line.slice(1, -1) : line.slice(1)
    if (line.startsWith('\\')) continue
    if (line[0] !== '+') expect(old[at++]).toBe(bare)
    if (line[0] !== '-') out.push(bare)
  }
  return [...out, ...old.slice(at)].join('')
}

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '', 'x y', 'long line', '-', '+', '@@'), { maxLength: 40 })
  .chain((lines) => fc.boolean().map((end) => lines.join('\n') + (end && lines.length > 0 ? '\n' : '')))

describe('unifiedDiff', () => {
  it('has the very form of difflib.unified_diff', () => {
    expect(unifiedDiff('a\nb\nc\n', 'a\nB\nc\nd\n')).toBe('--- \n+++ \n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n')
    expect(unifiedDiff('', 'a\n')).toBe('--- \n+++ \n@@ -0,0 +1 @@\n+a\n')
    expect(unifiedDiff('a\n', '')).toBe('--- \n+++ \n@@ -1 +0,0 @@\n-a\n')
  })

  it('marks a missing line break at the end', () => {
    expect(unifiedDiff('a', 'a\n')).toBe('--- \n+++ \n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n')
  })

  it('puts changes that are far apart into hunks of their own', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index}\n`)
    const changed = lines.map((line, index) => (index === 2 || index === 25 ? 'x\n' : line))
    expect(unifiedDiff(lines.join(''), changed.join('')).match(/^@@/gm)).toHaveLength(2)
    const near = lines.map((line, index) => (index === 2 || index === 9 ? 'x\n' : line))
    expect(unifiedDiff(lines.join(''), near.join('')).match(/^@@/gm)).toHaveLength(1)
  })

  it('gives the new text when it is applied to the old one', () => {
    return fc.assert(
      fc.property(text, text, (a, b) => {
        expect(applyDiff(a, unifiedDiff(a, b))).toBe(b)
      }),
      {
        numRuns: 500,
      },
    )
  })

  it('is quick, and says counts where it would be too long', () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `line number ${index}\n`)
    for (const every of [1000, 20, 2, 1]) {
      const changed = lines.map((line, index) => (index % every === 0 ? `changed ${index}\n` : line))
      const start = processorTime()
      const diff = unifiedDiff(lines.join(''), changed.join(''))
      expect(processorTime() - start).toBeLessThan(3_000)
      if (every === 1) expect(diff).toBe('Too large to show: 10000 lines removed, 10000 lines added')
    }
  })

  it('gives up the search for the shortest difference in heavily repeated lines, and stays right', () => {
    const a = Array.from({ length: 10_000 }, (_, index) => `${(index * 7919) % 5}\n`).join('')
    const b = Array.from({ length: 10_000 }, (_, index) => `${(index * 104_729 + (index >> 3)) % 5}\n`).join(
      '',
    )
    const start = processorTime()
    const diff = unifiedDiff(a, b)
    expect(processorTime() - start).toBeLessThan(10_000)
    expect(applyDiff(a, diff)).toBe(b)
  })
})

describe('contentDiff', () => {
  const bytes = (value: string) => Buffer.from(value, 'latin1')
  it('tells binaries apart from text', () => {
    expect(contentDiff(bytes('a\0'), bytes('b\0'))).toBe('Replace binary file')
    expect(contentDiff(bytes('a\0'), bytes('b'))).toBe('Replace binary file with text file')
    expect(contentDiff(bytes('a'), bytes('\xff\xfe'))).toBe('Replace text file with binary file')
    expect(contentDiff(undefined, bytes('a\n'))).toContain('+a\n')
  })
  it('shows nothing of a secret', () => {
    const diff = contentDiff(bytes('password=one'), bytes('password=two'), { secret: true })
    expect(diff).toMatch(/^--- secret content changed \(sha256 [0-9a-f]{12}→[0-9a-f]{12}\)\n$/)
  })
})
