/** The entries that functions and states keep on this machine: one file of JSON, laid over configuration and pillar. */
import { readFileSync } from 'node:fs'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict } from '../../shared/data/value.ts'
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
