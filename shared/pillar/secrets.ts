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

/** Arguments as they may be shown: without the values under keys that look secret. */
export function maskSecrets(value: Json, inside = false): Json {
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, inside))
  if (value === null || typeof value !== 'object')
    return inside && value !== null && typeof value !== 'boolean' && value !== '' ? masked : value
  const shown: { [key: string]: Json } = Object.create(null)
  for (const [key, item] of Object.entries(value)) shown[key] = maskSecrets(item, inside || looksSecret(key))
  return shown
}

const masked = '**********'
