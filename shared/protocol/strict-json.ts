/**
 * JSON from untrusted peers. Objects have no prototype; duplicate keys, the keys that reach prototypes, deep
 * nesting, numbers that overflow and anything that is not RFC 8259 are refused.
 */
import type { Json } from '../data/codec.ts'
import { type Plain, PyFloat, type Scalar } from '../data/value.ts'

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/**
 * @param maxDepth how many arrays and objects may be inside one another
 * @param maxItems how many items of arrays and objects there may be in all: an empty object costs a peer three bytes
 *   and us a hundred
 * @throws SyntaxError with the offset in the text
 */
export function parseStrictJson(
  text: string,
  maxDepth: number,
  maxItems: number = Number.POSITIVE_INFINITY,
): Json {
  return new Parser(text, maxDepth, maxItems).whole()
}

/** As it, with numbers as Python has them: integers of any size exactly, and `1.0` a float. */
export function parseExactJson(text: string, maxDepth: number, maxItems: number): Plain {
  return new Parser(text, maxDepth, maxItems, exactNumber).whole() as Plain
}

function exactNumber(text: string): Scalar {
  const value = Number(text)
  if (/[.eE]/.test(text)) return Number.isInteger(value) ? new PyFloat(value) : value
  return Number.isSafeInteger(value) || text.length > 4_000 ? value : BigInt(text)
}

/** Why a value would be refused by the other side's `parseStrictJson`, or undefined. */
export function flawOfJson(value: unknown, maxDepth: number): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'it has a number that JSON cannot hold'
  if (value === null || typeof value !== 'object') return undefined
  if (maxDepth === 0) return 'it is nested too deep'
  const isList = Array.isArray(value)
  for (const [key, item] of Object.entries(value)) {
    if (!isList && forbidden.has(key)) return `the key "${key}" is not allowed`
    const flaw = flawOfJson(item, maxDepth - 1)
    if (flaw !== undefined) return flaw
  }
  return undefined
}

class Parser {
  private at = 0
  private readonly text: string
  private readonly maxDepth: number
  private left: number
  /** undefined: as doubles. */
  private readonly readNumber: ((text: string) => Scalar) | undefined

  constructor(text: string, maxDepth: number, maxItems: number, readNumber?: (text: string) => Scalar) {
    this.text = text
    this.maxDepth = maxDepth
    this.left = maxItems
    this.readNumber = readNumber
  }

  whole(): Json {
    const value = this.value(this.next(), 0)
    if (this.at < this.text.length && !Number.isNaN(this.next())) this.fail('text after the end')
    return value
  }

  private fail(reason: string): never {
    throw new SyntaxError(`${reason} at offset ${this.at}`)
  }

  /** The next code that is not white space, which stays unread; NaN at the end. */
  private next(): number {
    let code = this.text.charCodeAt(this.at)
    while (code === 32 || code === 10 || code === 13 || code === 9) code = this.text.charCodeAt(++this.at)
    return code
  }

  private value(code: number, depth: number): Json {
    switch (code) {
      case 34: // "
        return this.string()
      case 123: // {
        return this.object(depth + 1)
      case 91: // [
        return this.array(depth + 1)
      case 116:
        return this.word('true', true)
      case 102:
        return this.word('false', false)
      case 110:
        return this.word('null', null)
      default:
        return this.number()
    }
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.fail('not JSON')
    this.at += word.length
    return value
  }

  private number(): number {
    number.lastIndex = this.at
    const found = number.exec(this.text)?.[0]
    if (found === undefined) return this.fail('not JSON')
    const value = Number(found)
    if (!Number.isFinite(value)) this.fail('a number out of range')
    this.at += found.length
    // What the numbers are made into is known to who chose it.
    return this.readNumber === undefined ? value : (this.readNumber(found) as number)
  }

  private string(): string {
    const start = this.at
    let plain = true
    for (let index = start + 1; ; index++) {
      const code = this.text.charCodeAt(index)
      if (code === 34) {
        this.at = index + 1
        // The engine's own parser knows the escapes; control characters were refused below.
        return plain
          ? this.text.slice(start + 1, index)
          : this.unescape(start, this.text.slice(start, index + 1))
      }
      if (code === 92) {
        plain = false
        index++
      } else if (!(code >= 32)) {
        this.at = index
        this.fail('a string that does not end, or a control character in it')
      }
    }
  }

  private unescape(start: number, quoted: string): string {
    try {
      return JSON.parse(quoted) as string
    } catch {
      this.at = start
      return this.fail('a string with a bad escape')
    }
  }

  private array(depth: number): Json[] {
    this.enter(depth)
    const items: Json[] = []
    if (this.next() === 93) {
      this.at++
      return items
    }
    for (;;) {
      this.count()
      items.push(this.value(this.next(), depth))
      const code = this.next()
      this.at++
      if (code === 93) return items
      if (code !== 44) this.fail('neither "," nor "]"')
    }
  }

  private object(depth: number): { [key: string]: Json } {
    this.enter(depth)
    const object: { [key: string]: Json } = Object.create(null)
    if (this.next() === 125) {
      this.at++
      return object
    }
    for (;;) {
      if (this.next() !== 34) this.fail('not a key')
      const key = this.string()
      this.count()
      if (forbidden.has(key)) this.fail(`the key "${key}"`)
      if (key in object) this.fail(`the key "${key.slice(0, 80)}" twice`)
      if (this.next() !== 58) this.fail('no ":"')
      this.at++
      object[key] = this.value(this.next(), depth)
      const code = this.next()
      this.at++
      if (code === 125) return object
      if (code !== 44) this.fail('neither "," nor "}"')
    }
  }

  private count(): void {
    this.left -= 1
    if (this.left < 0) this.fail('too many values')
  }

  private enter(depth: number): void {
    if (depth > this.maxDepth) this.fail(`nested deeper than ${this.maxDepth}`)
    this.at++
  }
}
