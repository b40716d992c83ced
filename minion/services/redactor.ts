/**
 * Keeps secrets of the pillar out of what leaves this machine and what is written down: by value, in the forms in
 * which a value turns up in outputs, diffs and commands.
 */
import type { Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, isList, traverse, type Value } from '../../shared/data/value.ts'

export const hidden = '**********'
/** Shorter values would blot out half of every output. */
const shortest = 6
/** Of a text of many lines (a private key), every line that says something. */
const shortestLine = 16
/** Forms kept; those of the pillars compiled last. */
const most = 4_000

export class Redactor {
  #forms = new Set<string>()
  #pattern: RegExp | undefined

  /** @param paths `:`-separated, of the secret values (or whole branches) in the pillar */
  learn(pillar: Dict, paths: readonly string[]): void {
    const before = this.#forms.size
    for (const path of paths) this.#add(traverse(pillar, path))
    if (this.#forms.size > most) this.#forms = new Set([...this.#forms].slice(-most))
    if (this.#forms.size !== before) this.#pattern = patternOf(this.#forms)
  }

  text(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, hidden) : text
  }

  json(body: Json): Json {
    return this.#pattern ? this.#walk(body) : body
  }

  #walk(body: Json): Json {
    if (typeof body === 'string') return this.text(body)
    if (Array.isArray(body)) return body.map((item) => this.#walk(item))
    if (body === null || typeof body !== 'object') return body
    const clean: { [key: string]: Json } = Object.create(null)
    for (const [key, item] of Object.entries(body)) clean[this.text(key)] = this.#walk(item)
    return clean
  }

  #add(value: Value | undefined): void {
    if (isDict(value)) for (const item of value.values()) this.#add(item)
    else if (isList(value)) for (const item of value) this.#add(item)
    else if (typeof value === 'string') for (const form of formsOf(value)) this.#forms.add(form)
  }
}

function formsOf(secret: string): string[] {
  const trimmed = secret.trim()
  if (trimmed.length < shortest) return []
  const lines = trimmed.split('\n').map((line) => line.trim())
  const long = lines.length > 1 ? lines.filter((line) => line.length >= shortestLine) : []
  return [
    trimmed,
    JSON.stringify(trimmed).slice(1, -1),
    encodeURIComponent(trimmed),
    trimmed.replaceAll("'", `'\\''`),
    Buffer.from(trimmed).toString('base64').replace(/=+$/, ''),
    Buffer.from(trimmed).toString('base64url'),
    ...long,
  ]
}

/** Longest first, so that no part of a longer secret is left standing. */
function patternOf(forms: ReadonlySet<string>): RegExp | undefined {
  if (forms.size === 0) return undefined
  const sorted = [...forms].sort((a, b) => b.length - a.length)
  return new RegExp(sorted.map((form) => form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'), 'g')
}
