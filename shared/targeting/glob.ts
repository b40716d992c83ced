/**
 * Globs as Python's fnmatch has them: `*` (also across dots and slashes), `?`, `[seq]`, `[!seq]`, no escapes, matched
 * on code points. A failed match goes back to the last `*` only, so the time is bounded by pattern times text.
 */

type Step = string | typeof star | typeof any | CharacterSet
const star = Symbol('*')
const any = Symbol('?')

interface CharacterSet {
  readonly negated: boolean
  /** Inclusive, as code points. */
  readonly ranges: readonly (readonly [number, number])[]
}

export type Glob = (text: string) => boolean

/** Compiles once for many texts. Every pattern has a meaning; an unclosed `[` is itself. */
export function compileGlob(pattern: string): Glob {
  if (!/[*?[]/.test(pattern)) return (text) => text === pattern
  const steps = parse(Array.from(pattern))
  // What comes before the first special character tells most texts apart.
  const beginning = /^[^*?[]*/.exec(pattern)?.[0] ?? ''
  return (text) => text.startsWith(beginning) && matches(steps, Array.from(text))
}

/** Whether a text holds a character that makes it more than itself. */
export function isGlob(text: string): boolean {
  return /[*?]|\[.+\]/s.test(text)
}

function parse(pattern: readonly string[]): Step[] {
  const steps: Step[] = []
  let at = 0
  while (at < pattern.length) {
    const character = pattern[at] ?? ''
    at += 1
    if (character === '*') {
      if (steps.at(-1) !== star) steps.push(star)
    } else if (character === '?') steps.push(any)
    else if (character === '[') {
      const end = endOfSet(pattern, at)
      if (end === -1) steps.push(character)
      else {
        steps.push(parseSet(pattern.slice(at, end)))
        at = end + 1
      }
    } else steps.push(character)
  }
  return steps
}

/** A `]` that comes first in the set is one of its characters. */
function endOfSet(pattern: readonly string[], start: number): number {
  let from = start
  if (pattern[from] === '!') from += 1
  if (pattern[from] === ']') from += 1
  return pattern.indexOf(']', from)
}

function parseSet(content: readonly string[]): CharacterSet {
  const negated = content[0] === '!'
  const members = negated ? content.slice(1) : content
  const ranges: (readonly [number, number])[] = []
  let at = 0
  while (at < members.length) {
    const first = codePoint(members[at])
    const isRange = members[at + 1] === '-' && at + 2 < members.length
    const last = isRange ? codePoint(members[at + 2]) : first
    // A range that runs backwards holds nothing.
    if (first <= last) ranges.push([first, last])
    at += isRange ? 3 : 1
  }
  return { negated, ranges }
}

function matches(steps: readonly Step[], text: readonly string[]): boolean {
  let step = 0
  let at = 0
  let lastStar = -1
  let starAt = 0
  while (at < text.length) {
    const current = steps[step]
    if (current === star) {
      lastStar = step
      starAt = at
      step += 1
    } else if (current !== undefined && matchesOne(current, text[at] ?? '')) {
      step += 1
      at += 1
    } else if (lastStar !== -1) {
      // The last star takes one character more.
      step = lastStar + 1
      starAt += 1
      at = starAt
    } else return false
  }
  while (steps[step] === star) step += 1
  return step === steps.length
}

function matchesOne(step: Step, character: string): boolean {
  if (typeof step === 'string') return step === character
  if (step === any) return true
  if (step === star) return false
  const code = codePoint(character)
  return step.ranges.some(([first, last]) => code >= first && code <= last) !== step.negated
}

const codePoint = (character: string | undefined): number => character?.codePointAt(0) ?? 0
