/** Two lists of low chunks side by side: by value, mappings in any order, 1 and 1.0 apart, numbers of `order` left out. */
import { type Dict, isDict, isList, PyFloat, type Value } from '../../shared/data/value.ts'

/** @returns the first difference as text; undefined: equal */
export function compareLow(ours: readonly Dict[], theirs: readonly Dict[]): string | undefined {
  const count = Math.max(ours.length, theirs.length)
  for (let index = 0; index < count; index++) {
    const [mine, salts] = [ours[index], theirs[index]]
    const which = `chunk ${index + 1} of ${theirs.length} (${nameOf(salts ?? mine)})`
    if (mine === undefined) return `${which}: we have only ${ours.length} chunks`
    if (salts === undefined) return `${which}: Salt has only ${theirs.length} chunks`
    const found = compareChunk(mine, salts)
    if (found !== undefined) return `${which}, ${found}`
  }
  return undefined
}

const identity = ['state', 'fun', 'name', '__id__', '__sls__', '__env__']

function compareChunk(ours: Dict, theirs: Dict): string | undefined {
  const keys = new Set<unknown>([...identity, ...theirs.keys(), ...ours.keys()])
  keys.delete('order')
  for (const key of keys as Set<string>) {
    const [mine, salts] = [ours.get(key), theirs.get(key)]
    if (mine !== undefined && salts !== undefined && sameValue(mine, salts)) continue
    if (mine === undefined && salts === undefined) continue
    const path = mine !== undefined && salts !== undefined ? firstDifference(mine, salts) : ''
    return `${key}${path}: ours ${shown(mine)}, Salt's ${shown(salts)}`
  }
  return undefined
}

export function sameValue(a: Value, b: Value): boolean {
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((item, at) => sameValue(item, b[at] ?? null))
  if (isDict(a)) {
    if (!isDict(b) || a.size !== b.size) return false
    const texts = new Map([...b].map(([key, item]) => [String(key), item]))
    return [...a].every(([key, item]) => {
      // JSON has only texts as keys.
      const other = b.get(key) ?? texts.get(keyText(key))
      return other !== undefined && sameValue(item, other)
    })
  }
  if (a instanceof PyFloat || b instanceof PyFloat)
    return a instanceof PyFloat && b instanceof PyFloat && Object.is(a.value, b.value)
  return a === b || (typeof a === 'number' && Number.isNaN(a) && Number.isNaN(b))
}

function keyText(key: unknown): string {
  if (key === null) return 'None'
  if (typeof key === 'boolean') return key ? 'True' : 'False'
  return String(key)
}

function firstDifference(a: Value, b: Value): string {
  if (isList(a) && isList(b)) {
    const at = a.findIndex((item, index) => index >= b.length || !sameValue(item, b[index] ?? null))
    if (at >= 0 && at < b.length) return `[${at}]${firstDifference(a[at] ?? null, b[at] ?? null)}`
    return a.length === b.length ? '' : ` (${a.length} entries, Salt has ${b.length})`
  }
  if (isDict(a) && isDict(b)) {
    for (const [key, item] of a) {
      const other = b.get(key)
      if (other === undefined) return `.${key} (Salt has none)`
      if (!sameValue(item, other)) return `.${key}${firstDifference(item, other)}`
    }
    for (const key of b.keys()) if (!a.has(key)) return `.${key} (we have none)`
  }
  if (typeof a === 'string' && typeof b === 'string') {
    let at = 0
    while (at < a.length && a[at] === b[at]) at++
    return at > 40
      ? ` (from character ${at + 1}: ours ${JSON.stringify(a.slice(at, at + 60))}, Salt's ${JSON.stringify(b.slice(at, at + 60))})`
      : ''
  }
  return ''
}

const nameOf = (chunk: Dict | undefined): string =>
  chunk === undefined
    ? ''
    : `${chunk.get('state')}.${chunk.get('fun')} ${String(chunk.get('__id__')).slice(0, 80)}`

export function shown(value: Value | undefined): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value, (_key, item) => {
    if (item instanceof Map) return Object.fromEntries([...item].map(([key, inner]) => [keyText(key), inner]))
    if (item instanceof PyFloat) return `float ${item.value}`
    return typeof item === 'bigint' ? String(item) : item
  })
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
