/** Which styles a text can be written in, by the rules of libyaml's emitter. */
import { canStand, isBlankOrEnd, isBreak } from './characters.ts'
import type { WriterOptions } from './nodes.ts'

export interface Analysis {
  readonly multiline: boolean
  readonly flowPlain: boolean
  readonly blockPlain: boolean
  readonly single: boolean
  readonly block: boolean
}

const empty: Analysis = { multiline: false, flowPlain: false, blockPlain: true, single: true, block: false }

/** Signs that a plain text cannot start with. */
const startSigns = '#,[]{}&*!|>\'"%@`'
/** Signs that cannot stand in a plain text within flow collections. */
const flowSigns = ',?[]{}'

export function analyze(text: string, options: WriterOptions): Analysis {
  if (text === '') return empty
  const { inFlow, inBlock } = findIndicators(text)
  const { special, breaks, blankBeforeBreak, blankAfterBreak } = findOddities(text, options)
  const first = text.charCodeAt(0)
  const last = text.charCodeAt(text.length - 1)
  const edged = first === 32 || last === 32 || isBreak(first) || isBreak(last)
  const odd = special || blankBeforeBreak
  const plain = !edged && !blankAfterBreak && !odd && !breaks
  return {
    multiline: breaks,
    flowPlain: plain && !inFlow,
    blockPlain: plain && !inBlock,
    single: !blankAfterBreak && !odd,
    block: last !== 32 && !odd,
  }
}

function findIndicators(text: string): { inFlow: boolean; inBlock: boolean } {
  const start = text.slice(0, 3)
  let inBlock = start === '---' || start === '...' || startSigns.includes(text.charAt(0))
  let inFlow = inBlock || text.startsWith('?') || text.startsWith(':')
  for (let at = 0; at < text.length && !inBlock; at++) {
    const sign = text.charAt(at)
    if (sign === ':' || (sign === '?' && at === 0)) {
      inFlow = true
      if (isBlankOrEnd(text.charCodeAt(at + 1))) inBlock = true
    } else if (sign === '-' && at === 0) {
      if (isBlankOrEnd(text.charCodeAt(1))) inBlock = true
    } else if (sign === '#') {
      if (isBlankOrEnd(text.charCodeAt(at - 1))) inBlock = true
    } else if (flowSigns.includes(sign)) inFlow = true
  }
  return { inFlow: inFlow || inBlock, inBlock }
}

function findOddities(
  text: string,
  options: WriterOptions,
): { special: boolean; breaks: boolean; blankBeforeBreak: boolean; blankAfterBreak: boolean } {
  let special = false
  let breaks = false
  let blankBeforeBreak = false
  let blankAfterBreak = false
  let previous = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (!canStand(unit, options)) special = true
    if (unit === 32) {
      if (isBreak(previous)) blankAfterBreak = true
    } else if (isBreak(unit)) {
      breaks = true
      if (previous === 32) blankBeforeBreak = true
    }
    previous = unit
  }
  return { special, breaks, blankBeforeBreak, blankAfterBreak }
}
