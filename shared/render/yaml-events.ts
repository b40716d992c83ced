/**
 * The parser's events, also of what PyYAML reads and the parser does not: lines within brackets and quotes that start left
 * of where YAML 1.2 wants them, as the closing bracket in the column of its key, and comments right behind quotes. Blanks
 * put before them change no value.
 */
import { parseEvents, YAMLException } from 'js-yaml'
import type { SourceMap } from '../data/marks.ts'
import type { Place } from '../data/place.ts'

const deepestNesting = 64
/** Lines that are moved at most: each costs another reading. Ordinary files do not get here. */
const mostMoved = 200

export interface ParsedYaml {
  readonly events: ReturnType<typeof parseEvents>
  /** What the events' offsets are of. */
  readonly text: string
  readonly source: SourceMap
}

/** Why the parser stopped, and where in the text as it was. */
export interface Stop {
  readonly reason: string
  readonly offset: number
  readonly cause: YAMLException
}

/** @returns where the parser stopped, each time after the line there was moved, if the text cannot be read */
export function parseYaml(text: string, source: SourceMap): ParsedYaml | readonly Stop[] {
  const stops: Stop[] = []
  let padded = text
  const pads: Pad[] = []
  for (;;) {
    try {
      const events = parseEvents(padded, { maxDepth: deepestNesting })
      return { events, text: padded, source: pads.length === 0 ? source : new PaddedSource(source, pads) }
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error
      const at = error.mark?.position ?? 0
      stops.push({ reason: error.reason, offset: unpadded(pads, at), cause: error })
      const pad = pads.length < mostMoved ? padFor(padded, at, error.reason) : undefined
      if (pad === undefined) return stops
      pads.push(pad)
      padded = padded.slice(0, pad.at) + ' '.repeat(pad.width) + padded.slice(pad.at)
    }
  }
}

/** The offset in the text as it was. */
function unpadded(pads: readonly Pad[], offset: number): number {
  let before = 0
  for (const { at, width } of pads) {
    if (offset < at) break
    before += Math.min(width, offset - at)
  }
  return offset - before
}

interface Pad {
  /** Offset in the text that it was put into, which has those before it. */
  readonly at: number
  readonly width: number
}

function padFor(text: string, at: number, reason: string): Pad | undefined {
  if (reason === 'deficient indentation') {
    const lineStart = text.lastIndexOf('\n', at - 1) + 1
    return { at: lineStart, width: columnsNeeded(text, lineStart) }
  }
  // A comment may follow a closing quote or bracket at once.
  const end = text.charAt(at) === '#' ? at : text.charAt(at - 1) === '#' ? at - 1 : -1
  return end > 0 && '"\'])}'.includes(text.charAt(end - 1)) ? { at: end, width: 1 } : undefined
}

/** As many as the deepest line before: more than enough, and harmless. */
function columnsNeeded(text: string, lineStart: number): number {
  let width = deepestNesting
  let end = lineStart - 1
  for (let lines = 0; lines < 50 && end > 0; lines++) {
    const start = text.lastIndexOf('\n', end - 1) + 1
    width = Math.max(width, /^[ -]*/.exec(text.slice(start, end))?.[0].length ?? 0)
    end = start - 1
  }
  return width + 1
}

/** Leads offsets back over the blanks that were put in. */
class PaddedSource implements SourceMap {
  private readonly source: SourceMap
  private readonly pads: readonly Pad[]

  constructor(source: SourceMap, pads: readonly Pad[]) {
    this.source = source
    this.pads = pads
  }

  placeOf(offset: number): Place {
    return this.source.placeOf(unpadded(this.pads, offset))
  }
}
