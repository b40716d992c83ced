/**
 * Whether text of an event becomes more than text. A file is rendered again with text in which everything that means
 * something to YAML is a letter, and once more with another letter. What comes out has to be made of the same mappings
 * and lists; and what is the same with both letters, as a target or a key that the file itself writes, must be what it
 * is with the text as well.
 */
import { encodeValue } from '../../shared/data/codec.ts'
import { type Dict, isDict, isList, type Key, type Value } from '../../shared/data/value.ts'

/** What can end a scalar, or make something else of it, wherever it is printed. */
const meaning = /[\n\r\u0085\u2028\u2029"'\\[\]{},]|:(?=\s|$)|(?<=\s|^)#/g
/** What means something where a value begins. */
const beginning = /^(\s*)(?:[-?:&*!|>%@`]|\.\.\.)/

/** Neither is a word of YAML by itself, as `y` and `n` are. */
export type Letter = 'x' | 'q'

/** As long as it was. */
const neutralText = (text: string, letter: Letter): string =>
  text
    .replace(meaning, letter)
    .replace(beginning, (found, blanks: string) => blanks + letter.repeat(found.length - blanks.length))

/** undefined: there is nothing in it that could mean something. */
export function neutral(data: Dict, letter: Letter): Dict | undefined {
  let changed = false
  const of = (value: Value): Value => {
    if (isDict(value)) return new Map([...value].map(([key, item]): [Key, Value] => [keyOf(key), of(item)]))
    if (isList(value)) return value.map(of)
    return typeof value === 'string' ? textOf(value) : value
  }
  const textOf = (text: string): string => {
    const plain = neutralText(text, letter)
    if (plain !== text) changed = true
    return plain
  }
  const keyOf = (key: Key): Key => (typeof key === 'string' ? textOf(key) : key)
  const plain = of(data) as Dict
  return changed ? plain : undefined
}

export interface Rendered {
  /** With the text of the event. */
  readonly mine: Value
  /** With one letter, and with the other. */
  readonly plain: Value
  readonly other: Value
}

/** @returns the path of keys to the first place where text of the event is more than text */
export function differs(
  { mine, plain, other }: Rendered,
  path: readonly Key[] = [],
): readonly Key[] | undefined {
  if (isDict(mine)) {
    if (!isDict(plain) || !isDict(other) || mine.size !== plain.size || mine.size !== other.size) return path
    const [plains, others] = [[...plain], [...other]]
    return firstOf(
      [...mine].map(([key, item], index) => () => {
        const [plainKey, plainItem] = plains[index] ?? [null, null]
        const [otherKey, otherItem] = others[index] ?? [null, null]
        const below = [...path, key]
        return isTouched({ mine: key, plain: plainKey, other: otherKey })
          ? below
          : differs({ mine: item, plain: plainItem, other: otherItem }, below)
      }),
    )
  }
  if (isList(mine)) {
    if (!isList(plain) || !isList(other) || mine.length !== plain.length || mine.length !== other.length)
      return path
    return firstOf(
      mine.map((item, index) => () => {
        const same = { mine: item, plain: plain[index] ?? null, other: other[index] ?? null }
        return differs(same, [...path, index])
      }),
    )
  }
  return isDict(plain) || isList(plain) || isTouched({ mine, plain, other }) ? path : undefined
}

/** What no letter shows in is not of the event: it has to be what it is without it. */
const isTouched = ({ mine, plain, other }: Rendered): boolean => isSame(plain, other) && !isSame(mine, plain)

const isSame = (one: Value, another: Value): boolean =>
  Object.is(one, another) || JSON.stringify(encodeValue(one)) === JSON.stringify(encodeValue(another))

function firstOf<Found>(tries: readonly (() => Found | undefined)[]): Found | undefined {
  for (const attempt of tries) {
    const found = attempt()
    if (found !== undefined) return found
  }
  return undefined
}
