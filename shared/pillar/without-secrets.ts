/** A pillar as others may be matched by it: a copy without what is secret in it. */

import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { secretPaths } from './secrets.ts'

export function withoutSecrets(pillar: Dict): Dict {
  const secrets = new Set(secretPaths(pillar))
  return secrets.size === 0 ? pillar : (copied(pillar, '', secrets) as Dict)
}

function copied(value: Value, path: string, secrets: ReadonlySet<string>): Value {
  const within = (key: unknown): string => (path === '' ? String(key) : `${path}:${String(key)}`)
  if (isDict(value))
    return new Map(
      [...value].flatMap(([key, item]) =>
        secrets.has(within(key)) ? [] : [[key, copied(item, within(key), secrets)] as const],
      ),
    )
  if (!isList(value)) return value
  return value.flatMap((item, index) =>
    secrets.has(within(index)) ? [] : [copied(item, within(index), secrets)],
  )
}
