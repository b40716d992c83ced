import { describe, expect, it } from 'vitest'
import { membersOf, type ProcessEntry } from '../../../shared/process-tree.ts'

const entry = (pid: number, parent: number, group: number, begun = '1'): ProcessEntry => ({
  pid,
  parent,
  group,
  name: `p${pid}`,
  begun,
})
const pids = (entries: readonly ProcessEntry[]): number[] =>
  entries.map(({ pid }) => pid).sort((a, b) => a - b)

describe('what a command has become', () => {
  const living = [
    entry(1, 0, 1),
    entry(10, 1, 10),
    entry(11, 10, 10),
    // In groups of their own, below a member.
    entry(12, 11, 12),
    entry(13, 12, 13),
    // Nothing of it.
    entry(20, 1, 20),
  ]

  it('is its group and all that descends from it', () => {
    expect(pids(membersOf(10, living))).toEqual([10, 11, 12, 13])
    expect(pids(membersOf(10, living.toReversed()))).toEqual([10, 11, 12, 13])
  })

  it('is also what was seen before and has lost its parent', () => {
    const known = membersOf(10, living)
    const later = [entry(1, 0, 1), entry(13, 1, 13), entry(20, 1, 20)]
    expect(pids(membersOf(10, later, known))).toEqual([13])
  })

  it('is not a new process that got the number of an old one', () => {
    const known = [entry(13, 12, 13, '1')]
    expect(membersOf(10, [entry(13, 1, 13, '2')], known)).toEqual([])
  })

  it('is nothing when all have gone', () => {
    expect(membersOf(99, living)).toEqual([])
  })
})
