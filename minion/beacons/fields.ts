/** The configuration of a beacon, field by field, in both of Salt's forms: a mapping, or a list of such. */
import { nearest } from '../../shared/data/nearest.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfKey, placeOfValue } from '../../shared/data/provenance.ts'
import { type Dict, isDict, isList, PyFloat, type Value } from '../../shared/data/value.ts'
import { readFlag, readText } from '../../shared/schema/scalars.ts'
import { describeValue } from '../../shared/schema/shaped.ts'

/** A beacon's configuration cannot be. */
export class BeaconMistake extends Error {
  readonly place: Place | undefined
  readonly hint: string | undefined

  constructor(reason: string, place?: Place | undefined, hint?: string | undefined) {
    super(reason)
    this.place = place
    this.hint = hint
  }
}

interface Field {
  readonly value: Value
  readonly at: Place | undefined
}

export class Fields {
  readonly #fields: Map<string, Field>
  readonly #place: Place | undefined
  /** Where the field stands, as the sentences say it: `files:/etc: `, or nothing. */
  readonly #path: string

  private constructor(fields: Map<string, Field>, place: Place | undefined, path: string) {
    this.#fields = fields
    this.#place = place
    this.#path = path
  }

  /** @param place of the whole @throws BeaconMistake */
  static of(value: Value, place?: Place | undefined, path = ''): Fields {
    const fields = new Map<string, Field>()
    const add = (dict: Dict): void => {
      for (const [key, one] of dict) {
        const name = String(key)
        const at = placeOfKey(dict, key) ?? placeOfValue(dict, key) ?? place
        if (fields.has(name)) throw new BeaconMistake(`${path}"${name}" stands there twice`, at)
        fields.set(name, { value: one, at })
      }
    }
    const unfit = (found: Value): never => {
      const reason = `${path}a mapping, or a list of mappings, is expected, not ${describeValue(found)}`
      throw new BeaconMistake(reason, place)
    }
    if (isDict(value)) add(value)
    else if (isList(value)) for (const item of value) isDict(item) ? add(item) : unfit(item)
    else if (value !== null) unfit(value)
    return new Fields(fields, place, path)
  }

  names(): string[] {
    return [...this.#fields.keys()]
  }

  has(name: string): boolean {
    return this.#fields.has(name)
  }

  value(name: string): Value | undefined {
    return this.#fields.get(name)?.value
  }

  /** Without some, which somebody else reads. */
  without(names: ReadonlySet<string>): Fields {
    const left = [...this.#fields].filter(([name]) => !names.has(name))
    return new Fields(new Map(left), this.#place, this.#path)
  }

  /** A mistake at a field, or at the whole. */
  mistake(reason: string, name?: string, hint?: string): BeaconMistake {
    const at = name === undefined ? this.#place : (this.#fields.get(name)?.at ?? this.#place)
    return new BeaconMistake(`${this.#path}${reason}`, at, hint)
  }

  /** @throws BeaconMistake where another one is there */
  only(known: readonly string[]): void {
    for (const name of this.names()) {
      if (known.includes(name)) continue
      const near = nearest(name, known)
      const hint = near === undefined ? `There are: ${known.join(', ')}.` : `Did you mean "${near}"?`
      throw this.mistake(`there is no "${name}"`, name, hint)
    }
  }

  /** The mapping under a name; empty where nothing is. */
  inner(name: string): Fields {
    const field = this.#fields.get(name)
    return Fields.of(field?.value ?? null, field?.at ?? this.#place, `${this.#path}${name}: `)
  }

  text(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined || value === null) return undefined
    const text = readText(value)
    if (text === undefined || text === '')
      throw this.mistake(`"${name}" has to be text, not ${describeValue(value)}`, name)
    return text
  }

  flag(name: string, usual: boolean): boolean {
    if (!this.has(name)) return usual
    const read = readFlag(this.value(name))
    if (read === undefined) throw this.mistake(`"${name}" has to be True or False`, name)
    return read
  }

  /** A number, `least` at least; `12%` where `percent`. */
  number(name: string, options: { least?: number; most?: number; percent?: true } = {}): number | undefined {
    if (!this.has(name)) return undefined
    return this.#numberOf(name, this.value(name) ?? null, options)
  }

  /** Two numbers, the lower first: thresholds. */
  pair(name: string): readonly [number, number] | undefined {
    if (!this.has(name)) return undefined
    const value = this.value(name) ?? null
    if (!isList(value) || value.length !== 2)
      throw this.mistake(`"${name}" has to be a list of two numbers, the lower and the upper limit`, name)
    const [lower = 0, upper = 0] = value.map((item) => this.#numberOf(name, item, {}))
    if (lower > upper)
      throw this.mistake(`"${name}": the lower limit ${lower} is above the upper, ${upper}`, name)
    return [lower, upper]
  }

  #numberOf(
    name: string,
    value: Value,
    { least = 0, most = Number.MAX_SAFE_INTEGER, percent }: { least?: number; most?: number; percent?: true },
  ): number {
    const text = value instanceof PyFloat ? String(value.value) : (readText(value) ?? '').trim()
    const number = /^\d+(?:\.\d+)?$/.test(percent ? text.replace(/\s*%$/, '') : text)
      ? Number.parseFloat(text)
      : Number.NaN
    if (!(number >= least && number <= most)) {
      const what = percent ? 'a share in percent, as 85%' : 'a number'
      const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} at least` : `, from ${least} to ${most}`
      throw this.mistake(`"${name}" has to be ${what}${range}, not ${describeValue(value)}`, name)
    }
    return number
  }
}
