/** How Python, and so Salt, writes scalars and orders keys. */
import { isDict, isList, type Key, PyFloat, type Scalar, type Value } from '../data/value.ts'

/** `True`, `None`, `1.0`, `1e-07`; texts as they are. */
export function pythonText(value: Scalar): string {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value instanceof PyFloat) return pythonFloat(value.value)
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : pythonFloat(value)
  return String(value)
}

export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const text = String(value)
  const exponent = /^(-?[\d.]+)e([+-])(\d+)$/.exec(text)
  if (exponent) return `${exponent[1]}e${exponent[2]}${(exponent[3] ?? '').padStart(2, '0')}`
  return Number.isInteger(value) ? `${text}.0` : text
}

/** Sorted as Python sorts keys of one type; of several types by their text. */
export function sortedKeys(keys: Iterable<Key>): Key[] {
  return [...keys].sort((a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b
    return compareTexts(String(a), String(b))
  })
}

/** By code points, not by UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const left = [...a]
  const right = [...b]
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** A value as Python's `repr` writes it, on one line. */
export function pythonRepr(value: Value): string {
  if (typeof value === 'string') return quoted(value)
  if (isList(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (isDict(value)) {
    return `{${[...value].map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`).join(', ')}}`
  }
  return pythonText(value)
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r')
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote
}
