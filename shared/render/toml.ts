/** TOML as data, with the places of its keys: the parser tells none, so lines are looked at for themselves. */
import { parse, TomlDate, TomlError, type TomlTable, type TomlValue } from 'smol-toml'
import { OffsetMarks } from '../data/marks.ts'
import { setMarks } from '../data/provenance.ts'
import { type Dict, PyFloat, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { Stage } from './renderers.ts'
import { TextSource } from './source-map.ts'

/** @throws TsaltError `language-toml` */
export function loadToml(stage: Stage): Value {
  try {
    const table = parse(stage.text, { integersAsBigInt: true })
    return new TomlReader(stage).table(table, '')
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const { line, column, message } = error
    const at = new TextSource(stage.text, '').offsetAt(line, column)
    const reason = (message.split('\n')[0] ?? '').replace(/^Invalid TOML document:\s*/, '').replace(/\.$/, '')
    throw new TsaltError('language-toml', { reason }, { place: stage.source.placeOf(at), cause: error })
  }
}

class TomlReader {
  private readonly stage: Stage
  private readonly places: ReadonlyMap<string, readonly [key: number, value: number]>

  constructor(stage: Stage) {
    this.stage = stage
    this.places = keyPlaces(stage.text)
  }

  table(table: TomlTable, path: string): Value {
    const dict: Dict = new Map()
    const marks = new OffsetMarks(this.stage.source)
    for (const key of this.inOrder(Object.keys(table), path)) {
      const at = `${path}\0${key}`
      dict.set(key, this.value(table[key] as TomlValue, at))
      const [keyAt, valueAt] = this.placeOf(at)
      marks.add(key, keyAt, valueAt)
    }
    setMarks(dict, marks)
    return dict
  }

  /** JavaScript lists keys that look like numbers first; here they stand as written. */
  private inOrder(keys: string[], path: string): string[] {
    if (!keys.some((key) => /^\d+$/.test(key))) return keys
    const at = (key: string): number => this.places.get(`${path}\0${key}`)?.[0] ?? 0
    return keys.sort((a, b) => at(a) - at(b))
  }

  /** Of a key within an inline table: where the nearest key around it is. */
  private placeOf(path: string): readonly [key: number, value: number] {
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('\0'))) {
      const found = this.places.get(at)
      if (found !== undefined) return found
    }
    return [0, 0]
  }

  private value(value: TomlValue, path: string): Value {
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
    if (typeof value === 'number') return Number.isInteger(value) ? new PyFloat(value) : value
    // As YAML does it here: dates stay the text that they are.
    if (value instanceof TomlDate) return value.toISOString()
    if (Array.isArray(value)) return this.list(value, path)
    if (typeof value === 'object') return this.table(value, path)
    return value
  }

  private list(list: readonly TomlValue[], path: string): Value {
    const items = list.map((item, index) => this.value(item, `${path}\0${index}`))
    const place = this.stage.source
    const offsets = items.map((_, index) => this.placeOf(`${path}\0${index}`)[1])
    const placeAt = (index: unknown) => {
      const at = typeof index === 'number' ? offsets[index] : undefined
      return at === undefined ? undefined : place.placeOf(at)
    }
    setMarks(items, { keyAt: placeAt, valueAt: placeAt })
    return items
  }
}

const keyPart = String.raw`(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')`
const dottedKey = String.raw`${keyPart}(?:[ \t]*\.[ \t]*${keyPart})*`
const header = new RegExp(String.raw`^([ \t]*)(\[\[?)[ \t]*(${dottedKey})[ \t]*\]\]?`)
const assignment = new RegExp(String.raw`^([ \t]*)(${dottedKey})([ \t]*=[ \t]*)`)

/** Path of a key, its steps each after a NUL → offsets of the key and of its value. The text is known to be TOML. */
function keyPlaces(text: string): Map<string, readonly [key: number, value: number]> {
  const places = new Map<string, readonly [key: number, value: number]>()
  const counts = new Map<string, number>()
  let table = ''
  let at = 0
  let inside: string | undefined
  for (const line of text.split('\n')) {
    if (inside === undefined) {
      const opened = header.exec(line)
      const assigned = opened === null ? assignment.exec(line) : null
      if (opened !== null) {
        const [, margin = '', brackets = '', key = ''] = opened
        table = placeTable(key, brackets === '[[', at + margin.length, places, counts)
      } else if (assigned !== null) {
        const [whole, margin = '', key = ''] = assigned
        note(table, stepsOf(key), [at + margin.length, at + whole.length], places)
      }
    }
    inside = openText(line, inside)
    at += line.length + 1
  }
  return places
}

function placeTable(
  key: string,
  isArray: boolean,
  at: number,
  places: Map<string, readonly [number, number]>,
  counts: Map<string, number>,
): string {
  let path = ''
  const steps = stepsOf(key)
  for (const [index, step] of steps.entries()) {
    path += `\0${step}`
    if (!places.has(path)) places.set(path, [at, at])
    const last = index === steps.length - 1
    const known = counts.get(path)
    if (last && isArray) counts.set(path, (known ?? -1) + 1)
    const item = counts.get(path)
    if (item === undefined) continue
    path += `\0${item}`
    if (last) places.set(path, [at, at])
  }
  return path
}

function note(
  table: string,
  steps: readonly string[],
  at: readonly [number, number],
  places: Map<string, readonly [number, number]>,
): void {
  let path = table
  for (const step of steps) {
    path += `\0${step}`
    if (!places.has(path)) places.set(path, at)
  }
}

function stepsOf(key: string): string[] {
  return [...key.matchAll(new RegExp(keyPart, 'g'))].map(([part]) =>
    part.startsWith('"') ? unquote(part) : part.startsWith("'") ? part.slice(1, -1) : part,
  )
}

function unquote(part: string): string {
  try {
    return JSON.parse(part) as string
  } catch {
    // Escapes that only TOML has: its place is that of the table.
    return part.slice(1, -1)
  }
}

/** The quotes of a text of several lines that is open at the end of a line. */
function openText(line: string, open: string | undefined): string | undefined {
  let inside = open
  for (let at = 0; at < line.length; at++) {
    const three = line.slice(at, at + 3)
    if (inside !== undefined) {
      if (inside === '"""' && line[at] === '\\') at++
      else if (three === inside) {
        inside = undefined
        at += 2
      }
    } else if (three === '"""' || three === "'''") {
      inside = three
      at += 2
    } else if (line[at] === '#') break
    else if (line[at] === '"' || line[at] === "'") at = endOfText(line, at)
  }
  return inside
}

function endOfText(line: string, start: number): number {
  const quote = line[start]
  for (let at = start + 1; at < line.length; at++) {
    if (quote === '"' && line[at] === '\\') at++
    else if (line[at] === quote) return at
  }
  return line.length
}
