/** The entries that functions and states keep on this machine: one file of JSON, laid over configuration and pillar. */
import { readFileSync } from 'node:fs'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'

/** @throws TsaltError `schedule-unreadable` */
export function parseSchedule(text: string, file: string): Dict {
  try {
    const value = decodeValue(JSON.parse(text === '' ? '{}' : text) as Json)
    if (isDict(value)) return value
  } catch {
    // Said below.
  }
  throw new TsaltError('schedule-unreadable', { file })
}

export const formatSchedule = (entries: Dict): string => `${JSON.stringify(encodeValue(entries), null, 2)}\n`

/** Empty where there is none. @throws TsaltError `schedule-unreadable` */
export function readScheduleFile(file: string): Dict {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw new TsaltError('schedule-unreadable', { file })
  }
  return parseSchedule(text, file)
}

/**
 * Later ones over earlier ones; an entry without a function changes what is below it (`enabled: False`).
 * `enabled` beside the entries is a switch for all.
 */
export function laidOver(...layers: readonly Dict[]): Dict {
  const whole: Dict = new Map()
  for (const layer of layers)
    for (const [name, entry] of layer) {
      const below = whole.get(name)
      const isPatch = isDict(entry) && !entry.has('function') && below !== undefined && isDict(below)
      if (isPatch) whole.set(name, new Map([...below, ...entry]))
      else if (name === 'enabled' || (isDict(entry) && entry.has('function'))) whole.set(name, entry)
    }
  return whole
}

/** Entries only: without the switch, and without Salt's own keys. */
export const jobsOf = (schedule: Dict): [string, Value][] =>
  [...schedule].flatMap(([name, entry]) => (isDict(entry) ? [[String(name), entry]] : []))
