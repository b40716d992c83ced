/** JSON, read by the YAML parser, which knows the places of its values; that it is JSON is checked first. */
import type { SourceMap } from '../data/marks.ts'
import type { Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { TextSource } from './source-map.ts'
import { loadMappedYaml } from './yaml.ts'

/** @throws TsaltError `language-json` */
export function loadJson(text: string, file: string): Value {
  return loadMappedJson(text, new TextSource(text, file))
}

/** @throws TsaltError `language-json` */
export function loadMappedJson(text: string, source: SourceMap): Value {
  try {
    JSON.parse(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const at = Number(/position (\d+)/.exec(message)?.[1] ?? text.length)
    throw new TsaltError(
      'language-json',
      { reason: message.replace(/ in JSON at position.*$/s, '') },
      { place: source.placeOf(at), cause: error },
    )
  }
  return loadMappedYaml(text, source)
}
