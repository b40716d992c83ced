/** A static grain inside another one, and the text of the file that holds them. */
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { dumpYaml } from '../../shared/render/yaml-dump.ts'

/** A copy with another value at the path; undefined removes it. What is no mapping on the way becomes one. */
export function withGrain(data: Dict, steps: readonly string[], value: Value | undefined): Dict {
  const [step = '', ...rest] = steps
  const copy: Dict = new Map(data)
  const inner = copy.get(step)
  if (rest.length > 0) copy.set(step, withGrain(isDict(inner) ? inner : new Map(), rest, value))
  else if (value === undefined) copy.delete(step)
  else copy.set(step, value)
  return copy
}

/** What the file of static grains holds for these. */
export function grainsText(grains: Dict): string {
  const head = '# Static grains. Written by states and "grains.set"; edited by hand just as well.\n'
  return `${head}${grains.size === 0 ? '{}' : dumpYaml(grains).trimEnd()}\n`
}
