/** Scalars as SLS files write them: text that YAML read as a number, flags in words, counts in quotes. */
import { PyFloat } from '../data/value.ts'
import { describeValue, Mismatch, shaped } from './shaped.ts'

/** A scalar as Python's str() writes it; undefined for what is not text or a number. */
export function readText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof PyFloat) return value.value.toFixed(1)
  return undefined
}

/** As readText, and True, False: for values that end up inside a text anyway (contents, environment). */
export function readLooseText(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return readText(value)
}

const quoting = (value: unknown): string => (typeof value === 'boolean' ? ' (put it in quotes)' : '')

export const text = shaped<string>({
  words: 'text',
  json: { type: ['string', 'number'] },
  read: (value) =>
    readText(value) ?? new Mismatch(`text is expected, not ${describeValue(value)}${quoting(value)}`),
})

export const nonEmptyText = shaped<string>({
  words: 'text',
  json: { type: ['string', 'number'], minLength: 1 },
  read(value) {
    const read = readText(value)
    if (read === undefined)
      return new Mismatch(`text is expected, not ${describeValue(value)}${quoting(value)}`)
    return read === '' ? new Mismatch('it is empty') : read
  },
})

const trueWords = new Set(['true', 'yes', 'on', '1'])
const falseWords = new Set(['false', 'no', 'off', '0', 'none', ''])

export function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = String(readText(value) ?? '?').toLowerCase()
  if (trueWords.has(word)) return true
  return falseWords.has(word) ? false : undefined
}

export const flag = shaped<boolean>({
  words: 'True or False',
  json: { type: 'boolean' },
  read: (value) => readFlag(value) ?? new Mismatch(`True or False is expected, not ${describeValue(value)}`),
})

function readWhole(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value
  const plain = number instanceof PyFloat ? number.value : number
  return typeof plain === 'number' && Number.isSafeInteger(plain) && plain >= 0 ? plain : undefined
}

/** A number of things, an id, a port: 0 or more. */
export const whole = shaped<number>({
  words: 'whole number',
  json: { type: 'integer', minimum: 0 },
  read: (value) =>
    readWhole(value) ?? new Mismatch(`a whole number is expected, not ${describeValue(value)}`),
})

/** Seconds, with fractions. */
export const seconds = shaped<number>({
  words: 'seconds',
  json: { type: 'number', minimum: 0 },
  read(value) {
    const plain = value instanceof PyFloat ? value.value : value
    const number = typeof plain === 'string' && /^\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : plain
    if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number
    return new Mismatch(`a number of seconds is expected, not ${describeValue(value)}`)
  },
})

/** A user or group by name, or by number as a number. */
export const account = shaped<string | number>({
  words: 'name or number',
  json: { type: ['string', 'integer'] },
  read(value) {
    const number = readWhole(value)
    if (number !== undefined) return number
    if (typeof value === 'string' && value !== '' && !/[:\s/]/.test(value)) return value
    return new Mismatch(`a name or a number is expected, not ${describeValue(value)}`)
  },
})

/** Name of a user or group that is to exist. */
export const accountName = shaped<string>({
  words: 'name',
  json: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_.@-]{0,62}\\$?$' },
  read(value) {
    if (typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_.@-]{0,62}\$?$/.test(value)) return value
    return new Mismatch(`a name of letters, digits, "_", "-", "." is expected, not ${describeValue(value)}`)
  },
})

/** One of a few words. */
export function choice<const Words extends readonly string[]>(words: Words) {
  return shaped<Words[number]>({
    words: words.map((word) => `\`${word}\``).join(', '),
    json: { enum: words },
    read(value) {
      const read = readText(value)
      return (
        words.find((word) => word === read) ??
        new Mismatch(`one of ${words.join(', ')} is expected, not ${describeValue(value)}`)
      )
    },
  })
}
