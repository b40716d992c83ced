/**
 * Keeps secrets out of what leaves this machine and what is written down: by value, in the forms in which a value
 * turns up in outputs, diffs and commands (shared/pillar/secret-forms.ts).
 */
import type { Json } from '../data/codec.ts'
import { type Dict, isDict, isList, PyFloat, traverse, type Value } from '../data/value.ts'
import { formsOf, shortest } from './secret-forms.ts'
import { secretPaths } from './secrets.ts'

export const hidden = '**********'
/** Values known at once; those that came last stay. */
const most = 4_000

export class Redactor {
  /** Secret → its forms, the one learned longest ago first. */
  readonly #secrets = new Map<string, readonly string[]>()
  /** The forms by their first characters, the longest first. */
  readonly #byStart = new Map<string, string[]>()
  /** Which first two characters any form has: most places of a text are passed by with one look. */
  readonly #maybe = new Uint8Array(65_536)
  #stale = false

  /** @param paths `:`-separated, of the secret values (or whole branches) in the pillar */
  learn(pillar: Dict, paths: readonly string[]): void {
    for (const path of paths) this.#add(traverse(pillar, path))
  }

  /** Values under keys that look secret, and those written with `!secret`: of arguments. */
  learnFrom(values: Dict): void {
    this.learn(values, secretPaths(values))
  }

  text(text: string): string {
    if (this.#secrets.size === 0 || text.length < shortest) return text
    if (this.#stale) this.#index()
    let clean = ''
    let done = 0
    for (let at = 0; at <= text.length - shortest; at++) {
      if (this.#maybe[slot(text.charCodeAt(at), text.charCodeAt(at + 1))] === 0) continue
      const form = this.#byStart
        .get(text.slice(at, at + shortest))
        ?.find((candidate) => text.startsWith(candidate, at))
      if (form === undefined) continue
      clean += text.slice(done, at) + hidden
      done = at + form.length
      at = done - 1
    }
    return done === 0 ? text : clean + text.slice(done)
  }

  json(body: Json): Json {
    return this.#secrets.size > 0 ? this.#walk(body) : body
  }

  #walk(body: Json): Json {
    if (typeof body === 'string') return this.text(body)
    if (typeof body === 'number') return this.#secrets.has(String(body)) ? hidden : body
    if (Array.isArray(body)) return body.map((item) => this.#walk(item))
    if (body === null || typeof body !== 'object') return body
    const clean: { [key: string]: Json } = Object.create(null)
    for (const [key, item] of Object.entries(body)) clean[this.text(key)] = this.#walk(item)
    return clean
  }

  #add(value: Value | undefined): void {
    if (isDict(value)) for (const item of value.values()) this.#add(item)
    else if (isList(value)) for (const item of value) this.#add(item)
    else if (typeof value === 'string') this.#keep(value.trim())
    else if (value instanceof PyFloat) this.#keep(String(value.value))
    else if (typeof value === 'number' || typeof value === 'bigint') this.#keep(String(value))
  }

  #keep(secret: string): void {
    if (secret.length < shortest) return
    const forms = this.#secrets.get(secret)
    // Again: it is the newest now.
    this.#secrets.delete(secret)
    this.#secrets.set(secret, forms ?? formsOf(secret))
    if (forms !== undefined) return
    this.#stale = true
    const oldest = this.#secrets.keys().next().value
    if (this.#secrets.size > most && oldest !== undefined) this.#secrets.delete(oldest)
  }

  #index(): void {
    this.#stale = false
    this.#byStart.clear()
    this.#maybe.fill(0)
    for (const form of new Set([...this.#secrets.values()].flat())) {
      const start = form.slice(0, shortest)
      this.#maybe[slot(form.charCodeAt(0), form.charCodeAt(1))] = 1
      const same = this.#byStart.get(start)
      if (same === undefined) this.#byStart.set(start, [form])
      else same.push(form)
    }
    // No part of a longer secret is left standing.
    for (const forms of this.#byStart.values()) forms.sort((a, b) => b.length - a.length)
  }
}

const slot = (first: number, second: number): number => (first * 257 + second) & 0xffff
