/** YAML as PyYAML with Salt's loader reads it: ordered mappings, YAML 1.1 scalars, positions of every key and value. */
import type { SourceMap } from '../data/marks.ts'
import type { Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { TextSource } from './source-map.ts'
import { Constructor } from './yaml-constructor.ts'
import { parseYaml, type Stop } from './yaml-events.ts'
import { hintFor } from './yaml-hints.ts'
import { mistakeBehind } from './yaml-mistakes.ts'
import { readQuickly } from './yaml-quick/reader.ts'

/**
 * One YAML document; null where there is none.
 * @param file for positions
 * @throws TsaltError `yaml-…` with place
 */
export function loadYaml(text: string, file: string): Value {
  return loadMappedYaml(text, new TextSource(text, file))
}

/** As `loadYaml`, of a text that was rendered: `source` leads its offsets back to the template. */
export function loadMappedYaml(text: string, source: SourceMap): Value {
  return readQuickly(text, source) ?? readFully(text, source)
}

/** All of YAML, and the mistakes. @param Values makes values of the events; another dialect brings its own */
export function readFully(text: string, source: SourceMap, Values = Constructor): Value {
  const parsed = parseYaml(text, source)
  if ('events' in parsed) return new Values(parsed.text, parsed.source).construct(parsed.events)
  throw explained(text, source, parsed)
}

function explained(text: string, source: SourceMap, stops: readonly Stop[]): TsaltError {
  const mistakes = stops.map(({ offset, reason }) => mistakeBehind(text, offset, reason))
  // A quote that runs over lines is rarely meant to; brackets often are.
  const mistake = mistakes.find((found) => found?.reason.startsWith('a quote')) ?? mistakes.at(-1)
  const last = stops.at(-1)
  const place = source.placeOf(mistake?.at ?? last?.offset ?? 0)
  const reason = mistake?.reason ?? last?.reason ?? ''
  const hint = mistake?.hint ?? hintFor(reason, place, !(source instanceof TextSource))
  return new TsaltError('yaml-syntax', { reason }, { place, hint, cause: last?.cause })
}
