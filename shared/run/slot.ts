/**
 * Reads slots: `__slot__:salt:mod.fun(a, k=v).path.in.result ~ suffix`, an argument whose value a function gives just
 * before the state is called (salt-semantics.md 5.7).
 */
import type { Dict, Key, Value } from '../data/value.ts'
import { isDict, isList } from '../data/value.ts'

export interface Slot {
  readonly fun: string
  readonly args: readonly string[]
  readonly keywords: ReadonlyMap<string, string>
  /** Steps into the result, by dots; empty: all of it. */
  readonly path: string
  /** Added to a text; empty: nothing. */
  readonly suffix: string
}

const prefix = '__slot__:'
const salt = '__slot__:salt:'

export const isSlot = (value: Value | undefined): value is string =>
  typeof value === 'string' && value.startsWith(prefix)

/** A slot, or a list or mapping that has one in its first level. */
export function holdsSlot(value: Value): boolean {
  if (isList(value)) return value.some(isSlot)
  if (isDict(value)) {
    for (const item of value.values()) if (isSlot(item)) return true
    return false
  }
  return isSlot(value)
}

/** The slots of a value with where they stand in it; undefined: the value itself is one. */
export function* slotsIn(value: Value): Generator<{ readonly key: Key | undefined; readonly text: string }> {
  if (isSlot(value)) yield { key: undefined, text: value }
  else if (isList(value))
    for (const [key, item] of value.entries()) {
      if (isSlot(item)) yield { key, text: item }
    }
  else if (isDict(value)) for (const [key, item] of value) if (isSlot(item)) yield { key, text: item }
}

/** Puts what slots gave in their places; the value as written stays as it is. */
export function fillSlots(value: Value, found: ReadonlyMap<Key | undefined, Value>): Value {
  if (found.has(undefined)) return found.get(undefined) ?? null
  if (isList(value)) return value.map((item, index) => (found.has(index) ? (found.get(index) ?? null) : item))
  if (!isDict(value)) return value
  const filled: Dict = new Map(value)
  for (const [key, item] of found) if (key !== undefined) filled.set(key, item)
  return filled
}

/** @returns why it cannot be read, as text */
export function parseSlot(text: string): Slot | string {
  if (!text.startsWith(salt)) return 'only "__slot__:salt:MODULE.FUNCTION(…)" is known'
  const call = readCall(text.slice(salt.length))
  if (call === undefined)
    return 'it is not of the form MODULE.FUNCTION(argument, name=value), brackets and quotes closed'
  const [, path = '', suffix = ''] = /^\s*(?:\.([^~]*?))?\s*(?:~\s*(.*?)\s*)?$/s.exec(call.rest) ?? []
  if (!/^\s*(?:\.[^~]*)?(?:~.*)?$/s.test(call.rest))
    return `"${call.rest.trim()}" after the closing bracket is not understood`
  return { fun: call.fun, args: call.args, keywords: call.keywords, path: path.trim(), suffix }
}

interface Call extends Pick<Slot, 'fun' | 'args' | 'keywords'> {
  readonly rest: string
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** As Salt splits it: quotes of both kinds with backslashes in them, blanks outside of quotes dropped, all values text. */
function readCall(text: string): Call | undefined {
  const fun = /^\s*([A-Za-z_]\w*\.[A-Za-z_]\w*)\s*\(/.exec(text)
  if (!fun?.[1]) return undefined
  const args: string[] = []
  const keywords = new Map<string, string>()
  const open: string[] = []
  let word = ''
  let given = false
  let key: string | undefined
  const end = (): void => {
    if (key !== undefined) keywords.set(key, word)
    else if (given) args.push(word)
    word = ''
    given = false
    key = undefined
  }
  for (let at = fun[0].length; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === '"' || char === "'") {
      const quoted = readQuoted(text, at)
      if (quoted === undefined) return undefined
      word += quoted.text
      given = true
      at = quoted.last
    } else if (open.length === 0 && (char === ',' || char === ')')) {
      end()
      if (char === ')') return { fun: fun[1], args, keywords, rest: text.slice(at + 1) }
    } else if (char === '=' && open.length === 0 && key === undefined && /^[A-Za-z_]\w*$/.test(word)) {
      key = word
      word = ''
    } else if (!/\s/.test(char)) {
      if (closing[char] !== undefined) open.push(closing[char])
      else if (char === open.at(-1)) open.pop()
      else if (char === ')' || char === ']' || char === '}') return undefined
      word += char
      given = true
    }
  }
  return undefined
}

function readQuoted(text: string, start: number): { text: string; last: number } | undefined {
  const quote = text[start]
  let read = ''
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === quote) return { text: read, last: at }
    const next = text[at + 1]
    if (char === '\\' && (next === quote || next === '\\')) {
      read += next
      at++
    } else read += char
  }
  return undefined
}
