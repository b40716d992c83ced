/**
 * Where two lists of lines differ. Equal ends are cut off, lines become numbers, lines that the other side does
 * not have at all are left out, and what remains goes through the linear-space algorithm of diff-sequences.
 */
import diffSequences from '@jest/diff-sequences'

/** Lines `[oldStart, oldEnd)` became `[newStart, newEnd)`; never both empty. From 0. */
export interface Block {
  readonly oldStart: number
  readonly oldEnd: number
  readonly newStart: number
  readonly newEnd: number
}

/** Comparisons after which the search for the shortest difference is given up: about 50 ms. */
const budget = 6_000_000

/** Blocks in order, with at least one equal line between two of them. */
export function changedBlocks(before: readonly string[], after: readonly string[]): Block[] {
  const head = commonHead(before, after)
  const tail = commonTail(before, after, head)
  const oldEnd = before.length - tail
  const newEnd = after.length - tail
  const pairs = matchedLines(before.slice(head, oldEnd), after.slice(head, newEnd))
  const blocks: Block[] = []
  let oldStart = head
  let newStart = head
  for (const [a, b] of [...pairs, [oldEnd - head, newEnd - head] as const]) {
    if (head + a > oldStart || head + b > newStart) {
      blocks.push({ oldStart, oldEnd: head + a, newStart, newEnd: head + b })
    }
    oldStart = head + a + 1
    newStart = head + b + 1
  }
  return blocks
}

function commonHead(before: readonly string[], after: readonly string[]): number {
  const most = Math.min(before.length, after.length)
  let count = 0
  while (count < most && before[count] === after[count]) count++
  return count
}

function commonTail(before: readonly string[], after: readonly string[], head: number): number {
  const most = Math.min(before.length, after.length) - head
  let count = 0
  while (count < most && before[before.length - 1 - count] === after[after.length - 1 - count]) count++
  return count
}

type Pair = readonly [before: number, after: number]

/** Pairs of equal lines, increasing on both sides; empty where the search would take too long. */
function matchedLines(before: readonly string[], after: readonly string[]): Pair[] {
  const numbers = new Map<string, number>()
  const number = (line: string): number => {
    const known = numbers.get(line)
    if (known !== undefined) return known
    numbers.set(line, numbers.size)
    return numbers.size - 1
  }
  const a = before.map(number)
  const b = after.map(number)
  const inA = new Set(a)
  const inB = new Set(b)
  const keptA = indices(a, inB)
  const keptB = indices(b, inA)
  const valuesA = Int32Array.from(keptA, (index) => a[index] ?? -1)
  const valuesB = Int32Array.from(keptB, (index) => b[index] ?? -2)
  const pairs: Pair[] = []
  let left = budget
  try {
    diffSequences(
      valuesA.length,
      valuesB.length,
      (i, j) => {
        if (--left < 0) throw new BudgetSpent()
        return valuesA[i] === valuesB[j]
      },
      (count, i, j) => {
        for (let k = 0; k < count; k++) pairs.push([keptA[i + k] ?? 0, keptB[j + k] ?? 0])
      },
    )
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error
    return []
  }
  return pairs
}

class BudgetSpent extends Error {}

function indices(values: readonly number[], there: ReadonlySet<number>): number[] {
  const kept: number[] = []
  for (const [index, value] of values.entries()) if (there.has(value)) kept.push(index)
  return kept
}
