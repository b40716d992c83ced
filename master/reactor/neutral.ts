/**
 * Whether text of an event becomes more than text. A file is rendered a second time with text in which everything
 * that means something to YAML is a letter; what comes out has to be made of the same mappings and lists.
 */
import { type Dict, isDict, isList, type Key, type Value } from '../../shared/data/value.ts'

/** What can end a scalar, or make something else of it, wherever it is printed. */
const meaning = /[\n\r\u0085\u2028\u2029"'\\[\]{},]|:(?=\s|$)|(?<=\s|^)#/g
/** What means something where a value begins. */
const beginning = /^(\s*)(?:[-?:&*!|>%@`]|\.\.\.)/

const neutralText = (text: string): string => text.replace(meaning, 'x').replace(beginning, '$1x')

/** undefined: there is nothing in it that could mean something. */
export function neutral(data: Dict): Dict | undefined {
  let changed = false
  const of = (value: Value): Value => {
    if (isDict(value)) return new Map([...value].map(([key, item]): [Key, Value] => [keyOf(key), of(item)]))
    if (isList(value)) return value.map(of)
    return typeof value === 'string' ? textOf(value) : value
  }
  const textOf = (text: string): string => {
    const plain = neutralText(text)
    if (plain !== text) changed = true
    return plain
  }
  const keyOf = (key: Key): Key => (typeof key === 'string' ? textOf(key) : key)
  const plain = of(data) as Dict
  return changed ? plain : undefined
}

/** @returns the path of keys to the first place where both differ in what they are made of */
export function differs(one: Value, other: Value, path: readonly Key[] = []): readonly Key[] | undefined {
  if (isDict(one)) {
    if (!isDict(other) || one.size !== other.size) return path
    const others = [...other.values()]
    return firstOf(
      [...one].map(
        ([key, item], index) =>
          () =>
            differs(item, others[index] ?? null, [...path, key]),
      ),
    )
  }
  if (isList(one)) {
    if (!isList(other) || one.length !== other.length) return path
    return firstOf(one.map((item, index) => () => differs(item, other[index] ?? null, [...path, index])))
  }
  return isDict(other) || isList(other) ? path : undefined
}

function firstOf<Found>(tries: readonly (() => Found | undefined)[]): Found | undefined {
  for (const attempt of tries) {
    const found = attempt()
    if (found !== undefined) return found
  }
  return undefined
}
