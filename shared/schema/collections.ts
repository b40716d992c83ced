/** Lists and mappings as SLS files write them: one item instead of a list, a list of one-key mappings. */
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { readLooseText, readText } from './scalars.ts'
import { describeValue, Mismatch, shaped } from './shaped.ts'

const textJson = { type: ['string', 'number'] }
const textListJson = { anyOf: [textJson, { type: 'array', items: textJson }] }

function readTexts(value: unknown, read: (item: unknown) => string | undefined): string[] | Mismatch {
  if (!isList(value)) {
    const one = read(value)
    return one === undefined ? new Mismatch(`a list of text is expected, not ${describeValue(value)}`) : [one]
  }
  const texts: string[] = []
  for (const [index, item] of value.entries()) {
    const one = read(item)
    if (one === undefined)
      return new Mismatch(`item ${index + 1}: text is expected, not ${describeValue(item)}`)
    texts.push(one)
  }
  return texts
}

/** A list of text; one text stands for a list of one. */
export const textList = shaped<string[]>({
  words: 'list of text',
  json: textListJson,
  read: (value) => readTexts(value, readText),
})

/** A list of names; also one text with commas, as Salt takes for groups. */
export const nameList = shaped<string[]>({
  words: 'list of names',
  json: textListJson,
  read: (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '')
      : readTexts(value, readText),
})

/** Lines of a file: text, or a list of it. Numbers and flags are written as Python writes them. */
export const lines = shaped<string[]>({
  words: 'text or list of text',
  json: {
    anyOf: [
      { type: ['string', 'number', 'boolean'] },
      { type: 'array', items: { type: ['string', 'number', 'boolean'] } },
    ],
  },
  read: (value) => readTexts(value, readLooseText),
})

/** A list of whole numbers; one number stands for a list of one. */
export const wholeList = shaped<number[]>({
  words: 'list of whole numbers',
  json: { anyOf: [{ type: 'integer' }, { type: 'array', items: { type: 'integer' } }] },
  read(value) {
    const numbers = (isList(value) ? value : [value]).map((item) => Number(readText(item) ?? Number.NaN))
    return numbers.every((number) => Number.isSafeInteger(number))
      ? numbers
      : new Mismatch(`a list of whole numbers is expected, not ${describeValue(value)}`)
  },
})

/** A mapping, kept as it is. */
export const mapping = shaped<Dict>({
  words: 'mapping',
  json: { type: 'object' },
  read(value) {
    const dict = readMapping(value)
    return dict ?? new Mismatch(`a mapping is expected, not ${describeValue(value)}`)
  },
})

/** A mapping, or a list of one-key mappings, which people write by indenting too little. */
export function readMapping(value: unknown): Dict | undefined {
  if (isDict(value)) return value
  if (!isList(value) || !value.every(isDict)) return undefined
  const dict: Dict = new Map()
  for (const item of value) for (const [key, content] of item) dict.set(key, content)
  return dict
}

/** Any value at all. */
export const anything = shaped<Value>({ words: 'anything', json: {}, read: (value) => value as Value })

export type Environment = Readonly<Record<string, string>>

/** Environment variables: a mapping, a list of mappings, a list of `NAME=value`, or a text of such pairs. */
export const environment = shaped<Environment>({
  words: 'mapping of environment variables',
  json: {
    anyOf: [
      { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
      { type: 'array', items: { type: ['object', 'string'] } },
      { type: 'string' },
    ],
  },
  read(value) {
    const variables: Record<string, string> = Object.create(null)
    const items = isList(value) ? value : [value]
    for (const item of items) {
      const pairs = isDict(item) ? [...item] : pairsOf(item)
      if (!pairs)
        return new Mismatch(`variables are expected as a mapping or NAME=value, not ${describeValue(item)}`)
      for (const [name, content] of pairs) {
        const read = content === null ? '' : readLooseText(content)
        if (read === undefined)
          return new Mismatch(`the variable ${String(name)} has ${describeValue(content)} instead of text`)
        variables[String(name)] = read
      }
    }
    return variables
  },
})

function pairsOf(item: unknown): [string, string][] | undefined {
  if (typeof item !== 'string') return undefined
  const pair = /^\s*([A-Za-z_]\w*)=([\s\S]*)$/.exec(item)
  return pair ? [[pair[1] ?? '', pair[2] ?? '']] : undefined
}
