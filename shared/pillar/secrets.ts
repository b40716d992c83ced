/** Which values of a pillar are secret: written with `!secret`, or under a key that looks like it. */
import type { Json } from '../data/codec.ts'
import { isMarkedSecret } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Key, type Value } from '../data/value.ts'

const secretKey =
  /(?:^|[_.-])(?:password|passwd|passphrase|pass|pwd|secret|secrets|token|tokens|private_?key|priv_?key|api_?key|apikey|access_?key|secret_?key|auth_?key|credential|credentials|psk)s?$/i

export function looksSecret(key: Key): boolean {
  return typeof key === 'string' && secretKey.test(key)
}

/** `:`-separated paths of the secret scalars, list indices as numbers. */
export function secretPaths(pillar: Dict): string[] {
  const paths: string[] = []
  walk(pillar, '', false)
  return paths

  function walk(container: Value, path: string, secret: boolean): void {
    const entries: Iterable<[Key, Value]> = isDict(container)
      ? container
      : isList(container)
        ? container.entries()
        : []
    for (const [key, value] of entries) {
      const here = path === '' ? String(key) : `${path}:${String(key)}`
      const inside = secret || isMarkedSecret(container, key) || (isDict(container) && looksSecret(key))
      if (isDict(value) || isList(value)) walk(value, here, inside)
      else if (inside && value !== null && value !== '' && typeof value !== 'boolean') paths.push(here)
    }
  }
}

/** Arguments as they may be shown: without the values under keys that look secret. In the JSON form of the codec. */
export function maskSecrets(value: Json, inside = false): Json {
  if (value === null || typeof value === 'boolean' || value === '') return value
  if (typeof value !== 'object') return inside ? masked : value
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, inside))
  const [tag, ...more] = Object.keys(value)
  if (tag?.startsWith('$') && more.length === 0) return maskTagged(value, tag, inside)
  const shown: { [key: string]: Json } = Object.create(null)
  for (const [key, item] of Object.entries(value)) shown[key] = maskSecrets(item, inside || looksSecret(key))
  return shown
}

/** A number that JSON cannot hold, or a mapping with keys that are not plain text. */
function maskTagged(value: { [key: string]: Json }, tag: string, inside: boolean): Json {
  const content = value[tag]
  if (tag !== '$map' || !Array.isArray(content)) return inside ? masked : value
  const pairs = content.map((pair): Json => {
    if (!Array.isArray(pair)) return pair
    const [key = null, item = null] = pair
    return [key, maskSecrets(item, inside || (typeof key === 'string' && looksSecret(key)))]
  })
  return { $map: pairs }
}

const masked = '**********'
