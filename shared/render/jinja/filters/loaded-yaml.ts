/** YAML texts that templates load, kept: the same few defaults.yaml are imported for every SLS and every minion. */
import type { Value } from '../../../data/value.ts'
import { loadYaml } from '../../yaml.ts'

const known = new Map<string, Value>()
const mostKnown = 64
/** Longer texts are not kept. */
const longest = 65_536

/** Drops all of them. */
export function forgetLoadedYaml(): void {
  known.clear()
}

/** The data of a text, as the caller's own: templates change what they load. @throws TsaltError of the YAML reader */
export function loadedYaml(text: string, name: string): Value {
  const found = known.get(text)
  if (found !== undefined) return copied(found)
  const value = loadYaml(text, name)
  // With an alias two places hold the same list, which a copy would part.
  if (text.length > longest || text.includes('*')) return value
  if (known.size >= mostKnown)
    for (const oldest of known.keys()) {
      known.delete(oldest)
      break
    }
  known.set(text, copied(value))
  return value
}

function copied(value: Value): Value {
  if (Array.isArray(value)) return value.map(copied)
  if (!(value instanceof Map)) return value
  const copy: Value = new Map()
  value.forEach((item, key) => {
    copy.set(key, copied(item))
  })
  return copy
}
