/**
 * Values as JSON and back, without loss: order of keys, keys that are not strings, floats and big integers.
 * A mapping with ordinary keys is a JSON object; others are `{"$map": [[key, value], …]}`; `{"$float": "1.0"}`
 * and `{"$int": "…"}` stand for what JSON numbers lose.
 */
import { TsaltError } from '../errors/error.ts'
import { type Dict, isDict, isList, type Key, PyFloat, type Value } from './value.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])
const integerLike = /^(?:0|[1-9]\d*)$/

/** @throws TsaltError `data-not-encodable` for what is not a Value (a function, a Date). */
export function encodeValue(value: Value): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $float: String(value) }
  if (typeof value === 'bigint') return { $int: value.toString() }
  if (value instanceof PyFloat) return { $float: String(value.value) }
  if (isList(value)) return value.map(encodeValue)
  if (isDict(value)) return encodeDict(value)
  throw new TsaltError('data-not-encodable', { type: typeof value })
}

function encodeDict(dict: Dict): Json {
  for (const key of dict.keys()) {
    if (typeof key !== 'string' || integerLike.test(key) || key.startsWith('$') || forbiddenKeys.has(key)) {
      return { $map: [...dict].map(([name, item]) => [encodeValue(name), encodeValue(item)]) }
    }
  }
  const object: { [key: string]: Json } = Object.create(null)
  for (const [key, item] of dict) object[key as string] = encodeValue(item)
  return object
}

/** @throws TsaltError `data-malformed` */
export function decodeValue(json: Json): Value {
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map(decodeValue)
  const keys = Object.keys(json)
  if (keys.length === 1 && keys[0]?.startsWith('$')) return decodeTagged(keys[0], json[keys[0]] as Json)
  const dict: Dict = new Map()
  for (const key of keys) dict.set(key, decodeValue(json[key] as Json))
  return dict
}

function decodeTagged(tag: string, content: Json): Value {
  if (tag === '$float' && typeof content === 'string') {
    const number = Number(content)
    return Number.isInteger(number) ? new PyFloat(number) : number
  }
  if (tag === '$int' && typeof content === 'string' && /^-?\d{1,4000}$/.test(content)) return BigInt(content)
  if (tag === '$map' && Array.isArray(content)) {
    return new Map(
      content.map((pair) => {
        if (!Array.isArray(pair) || pair.length !== 2)
          throw new TsaltError('data-malformed', { reason: 'a $map pair' })
        return [decodeValue(pair[0] as Json) as Key, decodeValue(pair[1] as Json)]
      }),
    )
  }
  throw new TsaltError('data-malformed', { reason: `the tag ${tag}` })
}

/** Whether `decodeValue` will take it: asked where it arrives, so that nobody stumbles over it later. */
export function isEncoded(json: Json): boolean {
  if (json === null || typeof json !== 'object') return true
  if (Array.isArray(json)) return json.every(isEncoded)
  const keys = Object.keys(json)
  const tag = keys.length === 1 ? keys[0] : undefined
  if (tag?.startsWith('$')) return isTagged(tag, json[tag] ?? null)
  return keys.every((key) => isEncoded(json[key] ?? null))
}

function isTagged(tag: string, content: Json): boolean {
  if (tag === '$float') return typeof content === 'string'
  if (tag === '$int') return typeof content === 'string' && /^-?\d{1,4000}$/.test(content)
  if (tag !== '$map' || !Array.isArray(content)) return false
  return content.every((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) return false
    const [key = null, item = null] = pair
    return isKey(key) && isEncoded(item)
  })
}

/** Keys are scalars; `$float` and `$int` are scalars, too. */
function isKey(json: Json): boolean {
  if (json === null || typeof json !== 'object') return true
  return !Array.isArray(json) && !('$map' in json) && Object.keys(json).length === 1 && isEncoded(json)
}
