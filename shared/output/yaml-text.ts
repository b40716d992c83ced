/** YAML in block style, as Salt prints it; what would be read back as something else is quoted. */
import { isDict, isList, type Value } from '../data/value.ts'
import { resolvePlain } from '../render/yaml-scalars.ts'
import { pythonFloat, pythonText } from './python-text.ts'

export function yamlText(value: Value): string {
  if (isDict(value) || isList(value)) return `${blockLines(value).join('\n')}\n`
  return `${scalarText(value, 0)}\n`
}

function blockLines(value: Value): string[] {
  if (isDict(value)) {
    if (value.size === 0) return ['{}']
    return [...value].flatMap(([key, item]) => member(`${scalarText(key, undefined)}:`, item))
  }
  if (isList(value)) return value.length === 0 ? ['[]'] : value.flatMap(listItem)
  return scalarText(value, 0).split('\n')
}

function member(head: string, item: Value): string[] {
  if (isDict(item) && item.size > 0) return [head, ...blockLines(item).map((line) => `  ${line}`)]
  // As PyYAML: the items of a list stand in the column of its key.
  if (isList(item) && item.length > 0) return [head, ...blockLines(item)]
  const [first = '', ...rest] =
    isDict(item) || isList(item) ? blockLines(item) : scalarText(item, 2).split('\n')
  return [`${head} ${first}`, ...rest]
}

function listItem(item: Value): string[] {
  const [first = '', ...rest] =
    isDict(item) || isList(item) ? blockLines(item) : scalarText(item, 2).split('\n')
  const nested = isDict(item) || isList(item)
  return [`- ${first}`, ...rest.map((line) => (nested ? `  ${line}` : line))]
}

/** @param indent of the lines of a block text; undefined where none can stand (a key) */
function scalarText(value: Value, indent: number | undefined): string {
  if (typeof value === 'string') return textScalar(value, indent)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  }
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : pythonFloat(value)
  return isDict(value) || isList(value) ? '' : pythonText(value)
}

const plain = /^[A-Za-z0-9_/.+~-][\w/.+~@%=,()-]*(?: [\w/.+~@%=,()-]+)*$/
const looksLikeDate = /^\d{4}-\d\d?-\d\d?/

function textScalar(text: string, indent: number | undefined): string {
  const safe = plain.test(text) && !/^(?:[-.~]|[yYnN]$)/.test(text) && !looksLikeDate.test(text)
  if (safe && resolvePlain(text) === text) return text
  if (
    /^[\t\n -~\u00a0-\ud7ff]*$/.test(text) &&
    indent !== undefined &&
    text.includes('\n') &&
    /^\S/.test(text)
  ) {
    return blockText(text, indent)
  }
  if (/^[ -~\u00a1-\u200d\u2010-\u2027\u2030-\u2065\u2070-\ud7ff]*$/.test(text))
    return `'${text.replaceAll("'", "''")}'`
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function blockText(text: string, indent: number): string {
  const ends = /\n*$/.exec(text)?.[0].length ?? 0
  const mark = ends === 0 ? '|-' : ends === 1 ? '|' : '|+'
  const body = ends === 0 ? text : text.slice(0, -1)
  return [mark, ...body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent || 2) + line))].join(
    '\n',
  )
}
