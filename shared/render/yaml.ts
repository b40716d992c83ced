/** YAML as PyYAML with Salt's loader reads it: ordered mappings, YAML 1.1 scalars, positions of every key and value. */
import { parseEvents, YAMLException } from 'js-yaml'
import type { SourceMap } from '../data/marks.ts'
import type { Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { TextSource } from './source-map.ts'
import { Constructor } from './yaml-constructor.ts'
import { hintFor } from './yaml-hints.ts'
import { mistakeBehind } from './yaml-mistakes.ts'

const deepestNesting = 64

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
  let events: ReturnType<typeof parseEvents>
  try {
    events = parseEvents(text, { maxDepth: deepestNesting })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const offset = error.mark?.position ?? 0
    const mistake = mistakeBehind(text, offset, error.reason)
    if (mistake) {
      const { reason, hint } = mistake
      throw new TsaltError(
        'yaml-syntax',
        { reason },
        { place: source.placeOf(mistake.at), hint, cause: error },
      )
    }
    const place = source.placeOf(offset)
    const hint = hintFor(error.reason, place, !(source instanceof TextSource))
    throw new TsaltError('yaml-syntax', { reason: error.reason }, { place, hint, cause: error })
  }
  return new Constructor(text, source).construct(events)
}
