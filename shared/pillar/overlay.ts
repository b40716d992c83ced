/** Pillar values that are given with a command, over those that were compiled. */
import { Merger } from '../data/merge.ts'
import type { Place } from '../data/place.ts'
import { setMarks } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../data/value.ts'

const commandLine: Place = { file: 'pillar= of the command line', line: 1, column: 1 }

/** `pillar={…}` of a command line wins over the compiled one, mapping by mapping. */
export function overlay(pillar: Dict, override: Dict): Dict {
  const merger = new Merger({ strategy: 'recurse', mergeLists: false })
  merger.add(pillar)
  placeAll(override)
  merger.add(override)
  return merger.finish()
}

function placeAll(value: Value): void {
  if (!isDict(value) && !isList(value)) return
  setMarks(value, { keyAt: () => commandLine, valueAt: () => commandLine })
  for (const item of value.values()) placeAll(item)
}
