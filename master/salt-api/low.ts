/** Low-state lists: what Salt's clients ask for, checked as a whole before anything of it is done. */
import { nearest } from '../../shared/data/nearest.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { readFlag, readText } from '../../shared/schema/scalars.ts'

export const clients = [
  'local',
  'local_async',
  'local_batch',
  'local_subset',
  'runner',
  'runner_async',
  'wheel',
  'wheel_async',
] as const
export type Client = (typeof clients)[number]

/** Salt's that tsalt has not, with what to use instead. */
const missing: Readonly<Record<string, string>> = {
  ssh: 'tsalt has no client for machines without a minion',
}

export class LowChunk {
  /** How errors call it: `[1]`. */
  readonly where: string
  readonly dict: Dict

  constructor(where: string, dict: Dict) {
    this.where = where
    this.dict = dict
  }

  /** undefined for what is absent, null or empty text, as forms send it. */
  get(name: string): Value | undefined {
    const value = this.dict.get(name)
    return value === null || value === '' ? undefined : value
  }

  /** @throws TsaltError `low-invalid` */
  text(name: string): string {
    const text = readText(this.get(name) ?? null)
    if (text === undefined) throw this.wrong(name, this.dict.has(name) ? 'text is wanted' : 'it is missing')
    return text
  }

  flag(name: string): boolean {
    const value = this.get(name)
    if (value === undefined) return false
    const flag = readFlag(value)
    if (flag === undefined) throw this.wrong(name, 'True or False is wanted')
    return flag
  }

  number(name: string, most: number): number | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    const number = typeof value === 'string' ? Number(value) : value
    if (typeof number !== 'number' || !(number >= 0 && number <= most))
      throw this.wrong(name, `a number from 0 to ${most} is wanted`)
    return number
  }

  /** A list; what is none counts as a list of one. */
  list(name: string): readonly Value[] {
    const value = this.get(name)
    if (value === undefined) return []
    return isList(value) ? value : [value]
  }

  mapping(name: string): Dict {
    const value = this.get(name)
    if (value === undefined) return new Map()
    if (!isDict(value)) throw this.wrong(name, 'a mapping is wanted')
    for (const key of value.keys())
      if (typeof key !== 'string') throw this.wrong(name, `its key ${String(key)} is no name`)
    return value
  }

  wrong(name: string, reason: string, hint?: string): TsaltError {
    const where = name === '' ? this.where : `${this.where}.${name}`
    return new TsaltError('low-invalid', { where, reason }, { hint })
  }

  /** @throws TsaltError `low-invalid` */
  client(): Client {
    const name = this.text('client')
    const found = clients.find((client) => client === name)
    if (found !== undefined) return found
    const near = nearest(name, clients)
    const reason = missing[name] ?? `there is no client "${name.slice(0, 60)}"`
    throw this.wrong('client', reason, near ? `Did you mean "${near}"?` : `There are: ${clients.join(', ')}.`)
  }
}

/** Chunks in one request. */
const mostChunks = 1_000

/** @throws TsaltError `low-invalid` */
export function readLow(body: Value): readonly LowChunk[] {
  if (isDict(body)) return [new LowChunk('the request', body)]
  const wrong = (reason: string): TsaltError => new TsaltError('low-invalid', { where: 'the body', reason })
  if (!isList(body)) throw wrong('a list of commands, or one command, is wanted')
  if (body.length > mostChunks) throw wrong(`more than ${mostChunks} commands`)
  return body.map((item, index) => {
    if (!isDict(item))
      throw new TsaltError('low-invalid', { where: `[${index}]`, reason: 'a mapping is wanted' })
    return new LowChunk(`[${index}]`, item)
  })
}
