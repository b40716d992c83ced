/**
 * Unified diffs in the form in which Salt shows them (Python's difflib.unified_diff without file names), with the
 * marker of diff(1) where a file does not end with a line break.
 */
import { type Block, changedBlocks } from './blocks.ts'

export interface DiffLimits {
  /** Characters of either side, default 4 Mi. */
  readonly input?: number
  /** Characters of the diff, default 256 Ki. */
  readonly output?: number
  /** Equal lines around a change, default 3. */
  readonly context?: number
}

/**
 * @returns '' where the texts are equal; a sentence that does not start with `---` where the diff is too large to
 * show; else `--- \n+++ \n@@ -1,3 +1,4 @@\n…`, each line with its line break
 */
export function unifiedDiff(before: string, after: string, limits: DiffLimits = {}): string {
  if (before === after) return ''
  const most = limits.input ?? 4_194_304
  if (before.length > most || after.length > most) {
    return `Too large to show: ${before.length} characters become ${after.length}`
  }
  const oldLines = splitLines(before)
  const newLines = splitLines(after)
  const blocks = changedBlocks(oldLines, newLines)
  const size = blocks.reduce((sum, block) => sum + charactersOf(block, oldLines, newLines), 0)
  if (size > (limits.output ?? 262_144)) return tooLarge(blocks)
  const hunks = groupBlocks(blocks, limits.context ?? 3)
  return `--- \n+++ \n${hunks.map((hunk) => writeHunk(hunk, oldLines, newLines, limits.context ?? 3)).join('')}`
}

function tooLarge(blocks: readonly Block[]): string {
  const removed = blocks.reduce((sum, block) => sum + block.oldEnd - block.oldStart, 0)
  const added = blocks.reduce((sum, block) => sum + block.newEnd - block.newStart, 0)
  return `Too large to show: ${removed} lines removed, ${added} lines added`
}

/** Each line with its line break; only `\n` ends a line, so that a diff shows what really is in the file. */
function splitLines(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  const whole = lines.map((line) => `${line}\n`)
  return last === '' ? whole : [...whole, last]
}

function charactersOf(block: Block, oldLines: readonly string[], newLines: readonly string[]): number {
  let size = 0
  for (let i = block.oldStart; i < block.oldEnd; i++) size += oldLines[i]?.length ?? 0
  for (let i = block.newStart; i < block.newEnd; i++) size += newLines[i]?.length ?? 0
  return size
}

/** Blocks that are nearer than twice the context share a hunk. */
function groupBlocks(blocks: readonly Block[], context: number): Block[][] {
  const groups: Block[][] = []
  for (const block of blocks) {
    const group = groups.at(-1)
    const previous = group?.at(-1)
    if (group && previous && block.oldStart - previous.oldEnd <= 2 * context) group.push(block)
    else groups.push([block])
  }
  return groups
}

function writeHunk(
  blocks: readonly Block[],
  oldLines: readonly string[],
  newLines: readonly string[],
  context: number,
): string {
  const first = blocks[0]
  const last = blocks.at(-1)
  if (!first || !last) return ''
  const before = Math.min(context, first.oldStart)
  const after = Math.min(context, oldLines.length - last.oldEnd)
  const oldStart = first.oldStart - before
  const newStart = first.newStart - before
  const oldCount = last.oldEnd + after - oldStart
  const newCount = last.newEnd + after - newStart
  const out = [`@@ -${range(oldStart, oldCount)} +${range(newStart, newCount)} @@\n`]
  let at = oldStart
  for (const block of blocks) {
    push(out, ' ', oldLines, at, block.oldStart)
    push(out, '-', oldLines, block.oldStart, block.oldEnd)
    push(out, '+', newLines, block.newStart, block.newEnd)
    at = block.oldEnd
  }
  push(out, ' ', oldLines, at, at + after)
  return out.join('')
}

function push(out: string[], mark: string, lines: readonly string[], from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const line = lines[index] ?? ''
    out.push(mark, line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)
  }
}

/** Lines from 1; a length of one is left out; an empty range names the line before it. */
function range(start: number, count: number): string {
  if (count === 1) return String(start + 1)
  return `${count === 0 ? start : start + 1},${count}`
}
