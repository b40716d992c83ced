import { expect, test } from 'vitest'
import { saidBy } from '../../../../minion/states/said-by.ts'

const ended = { code: 1, stdout: '', stderr: '' }

test('what complains counts before what answers', () => {
  expect(saidBy({ ...ended, stdout: 'out\n', stderr: 'err\n' })).toBe('err')
  expect(saidBy({ ...ended, stdout: 'out\n' })).toBe('out')
})

test('a program that says nothing is told by how it ended', () => {
  expect(saidBy({ ...ended, code: 3 })).toBe('it ended with 3 and said nothing')
  expect(saidBy({ ...ended, code: 137 })).toContain('signal 9')
})

test('of megabytes the end is shown, where the reason stands', () => {
  const stderr = `${'noise\n'.repeat(300_000)}E: the reason\n`
  const said = saidBy({ ...ended, stderr })
  expect(said).toMatch(/^…noise[\s\S]*\nE: the reason$/)
  expect(said.split('\n')).toHaveLength(20)
  expect(saidBy({ ...ended, stderr: 'x'.repeat(1_000_000) })).toHaveLength(2001)
})
