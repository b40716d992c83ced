/** `include:` of a pillar file: names, each with what it gives to its rendering and where its data goes. */
import type { Place } from '../data/place.ts'
import { placeOfKey, placeOfValue } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'

export interface PillarInclude {
  readonly written: string
  /** Variables of the included template, for it alone. */
  readonly defaults: Dict | undefined
  /** `a:b`: where its data goes; undefined: to the top. */
  readonly key: string | undefined
  readonly place: Place | undefined
}

export function readPillarIncludes(document: Dict, sls: string, errors: TsaltError[]): PillarInclude[] {
  const list = document.get('include')
  if (list === undefined || list === null) return []
  const wrong = (reason: string, place: Place | undefined): void => {
    errors.push(new TsaltError('pillar-include-invalid', { sls, reason }, { place }))
  }
  if (!isList(list)) {
    wrong('it is not a list', placeOfKey(document, 'include'))
    return []
  }
  const includes: PillarInclude[] = []
  for (const [index, item] of list.entries()) {
    const place = placeOfValue(list, index)
    if (typeof item === 'string') includes.push({ written: item, defaults: undefined, key: undefined, place })
    else if (isDict(item) && item.size === 1) {
      for (const [name, options] of item)
        includes.push({ written: String(name), ...readOptions(options, wrong), place })
    } else wrong('an entry is neither a name nor "NAME:" with options', place)
  }
  return includes
}

function readOptions(
  options: Value,
  wrong: (reason: string, place: Place | undefined) => void,
): Pick<PillarInclude, 'defaults' | 'key'> {
  if (options === null) return { defaults: undefined, key: undefined }
  if (!isDict(options)) {
    wrong('the options of a name are not a mapping', undefined)
    return { defaults: undefined, key: undefined }
  }
  for (const name of options.keys()) {
    if (name !== 'defaults' && name !== 'key')
      wrong(`there is no option "${String(name)}", only "key" and "defaults"`, placeOfKey(options, name))
  }
  const defaults = options.get('defaults')
  const key = options.get('key')
  if (defaults !== undefined && !isDict(defaults))
    wrong('"defaults" is not a mapping', placeOfValue(options, 'defaults'))
  return {
    defaults: isDict(defaults) ? defaults : undefined,
    key: key === undefined || key === null ? undefined : String(key),
  }
}
