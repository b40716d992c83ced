/** Applies a unified diff to a text as patch(1) does: hunks may have moved, and up to `fuzz` lines of context may differ. */
import { linesOf } from './edit.ts'

export interface PatchOptions {
  /** What was added is taken out, and what was removed put back. */
  readonly reverse: boolean
  /** Lines of context at either end of a hunk that need not be there. */
  readonly fuzz: number
  /** Runs of blanks count as one. */
  readonly ignoreBlanks: boolean
}

interface Hunk {
  /** Line of the old text, from 1. */
  readonly start: number
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** Lines of context at its beginning and end. */
  readonly head: number
  readonly tail: number
}

/** The hunk, from 1, that does not fit; 0: the diff has none. */
export interface Misfit {
  readonly hunk: number
  readonly of: number
}

export function patchText(text: string, diff: string, options: PatchOptions): string | Misfit {
  const hunks = hunksOf(diff, options.reverse)
  if (!hunks || hunks.length === 0) return { hunk: 0, of: 0 }
  let lines: readonly string[] = linesOf(text)
  let moved = 0
  for (const [index, hunk] of hunks.entries()) {
    const found = place(lines, hunk, moved, options)
    if (!found) return { hunk: index + 1, of: hunks.length }
    const { at, cutHead, cutTail } = found
    const before = hunk.before.length - cutTail
    const context = lines.slice(at, at + before - cutHead)
    const after = keepContext(hunk, context, cutHead, cutTail)
    lines = [...lines.slice(0, at), ...after, ...lines.slice(at + before - cutHead)]
    moved = at - cutHead - (hunk.start - 1) + hunk.after.length - hunk.before.length
  }
  return lines.join('')
}

/** Lines of context stay as they are in the file, however their blanks differ. */
function keepContext(
  hunk: Hunk,
  there: readonly string[],
  cutHead: number,
  cutTail: number,
): readonly string[] {
  const head = hunk.head - cutHead
  const tail = hunk.tail - cutTail
  const changed = hunk.after.slice(hunk.head, hunk.after.length - hunk.tail)
  return [...there.slice(0, head), ...changed, ...(tail > 0 ? there.slice(-tail) : [])]
}

function place(lines: readonly string[], hunk: Hunk, moved: number, { fuzz, ignoreBlanks }: PatchOptions) {
  const squeeze = (line: string): string => (ignoreBlanks ? line.replace(/\s+/g, ' ').trimEnd() : line)
  for (let cut = 0; cut <= fuzz; cut++) {
    // Context alone, of which some may be missing, tells nothing.
    if (cut > 0 && hunk.before.length === hunk.head && hunk.head === hunk.tail) return undefined
    const cutHead = Math.min(cut, hunk.head)
    const cutTail = Math.min(cut, hunk.tail)
    const sought = hunk.before.slice(cutHead, hunk.before.length - cutTail).map(squeeze)
    const expected = hunk.start - 1 + moved + cutHead
    const fits = (at: number): boolean =>
      at >= 0 &&
      at + sought.length <= lines.length &&
      sought.every((line, index) => squeeze(lines[at + index] ?? '') === line)
    // Nearest first; an empty text to look for is at the place that is named or nowhere.
    const farthest = sought.length === 0 ? 0 : lines.length + Math.abs(expected)
    for (let distance = 0; distance <= farthest; distance++)
      for (const at of distance === 0 ? [expected] : [expected + distance, expected - distance])
        if (fits(at)) return { at, cutHead, cutTail }
  }
  return undefined
}

/** undefined: a hunk has not the lines that it says. */
function hunksOf(diff: string, reverse: boolean): Hunk[] | undefined {
  const hunks: Hunk[] = []
  const lines = linesOf(diff.replaceAll('\r\n', '\n'))
  for (let at = 0; at < lines.length; at++) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(lines[at] ?? '')
    if (!header) continue
    const [, oldStart = '1', oldCount = '1', newStart = '1', newCount = '1'] = header
    const body = bodyOf(lines, at + 1, Number(oldCount), Number(newCount))
    if (!body) return undefined
    const [start, count] = reverse ? [newStart, newCount] : [oldStart, oldCount]
    const [before, after] = reverse ? [body.added, body.removed] : [body.removed, body.added]
    // Of an empty range the line before it is named.
    hunks.push({
      start: Number(start) + (count === '0' ? 1 : 0),
      before,
      after,
      head: body.head,
      tail: body.tail,
    })
    at = body.end - 1
  }
  return hunks
}

function bodyOf(lines: readonly string[], from: number, oldCount: number, newCount: number) {
  const removed: string[] = []
  const added: string[] = []
  let head = 0
  let tail = 0
  let changed = false
  let at = from
  for (; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.startsWith('\\')) {
      const last = lines[at - 1]?.[0]
      if (last !== '+') removed.push((removed.pop() ?? '').replace(/\n$/, ''))
      if (last !== '-') added.push((added.pop() ?? '').replace(/\n$/, ''))
      continue
    }
    if (removed.length >= oldCount && added.length >= newCount) break
    const mark = line[0] ?? ''
    // Editors strip the blank of an empty line of context.
    const content = line === '\n' ? line : line.slice(1)
    if (mark === '-') removed.push(content)
    else if (mark === '+') added.push(content)
    else if (mark === ' ' || line === '\n') {
      removed.push(content)
      added.push(content)
      tail++
      if (!changed) head++
      continue
    } else return undefined
    changed = true
    tail = 0
  }
  const whole = removed.length === oldCount && added.length === newCount
  return whole ? { removed, added, head: changed ? head : 0, tail: changed ? tail : 0, end: at } : undefined
}
