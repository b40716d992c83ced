/** Regular expressions of arguments: Python's syntax, on the engine of the templates, which no expression can hold up. */
import { isList } from '../../../shared/data/value.ts'
import {
  type Budget,
  compileRegex,
  type Flags,
  type PythonRegex,
  RegexLimitError,
  RegexSyntaxError,
} from '../../../shared/render/jinja/salt/regex/python-regex.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import { type Failed, failed } from '../contract.ts'

/** Steps of the engine for one file: about 300 milliseconds. */
const stepsOfOneFile = 20_000_000

export const fileBudget = (): Budget => ({ left: stepsOfOneFile })

/** Names and numbers of Python's `re`. */
const flagsByName: Readonly<Record<string, keyof Flags | 'none'>> = {
  A: 'ascii',
  ASCII: 'ascii',
  I: 'ignoreCase',
  IGNORECASE: 'ignoreCase',
  M: 'multiline',
  MULTILINE: 'multiline',
  S: 'dotAll',
  DOTALL: 'dotAll',
  X: 'verbose',
  VERBOSE: 'verbose',
  L: 'none',
  LOCALE: 'none',
  U: 'none',
  UNICODE: 'none',
}
const flagsByBit = [
  [2, 'ignoreCase'],
  [8, 'multiline'],
  [16, 'dotAll'],
  [64, 'verbose'],
  [256, 'ascii'],
] as const

/** `flags` of file.replace: a number, one name, or a list of them. */
export const regexFlags = shaped<Partial<Flags>>({
  words: 'number, or list of IGNORECASE, MULTILINE, DOTALL, VERBOSE, ASCII',
  json: {
    anyOf: [{ type: ['integer', 'string'] }, { type: 'array', items: { type: ['string', 'integer'] } }],
  },
  read(value) {
    const flags: Partial<Record<keyof Flags, boolean>> = {}
    for (const item of isList(value) ? value : [value]) {
      const word = readText(item)
      if (word === undefined) return new Mismatch(`flags of Python are expected, not ${describeValue(item)}`)
      if (/^\d+$/.test(word)) {
        for (const [bit, name] of flagsByBit) if (Number(word) & bit) flags[name] = true
        continue
      }
      for (const part of word.replace(/[[\]'"\s]/g, '').split(',')) {
        const name = flagsByName[part.toUpperCase().replace(/^RE\./, '')]
        if (name === undefined) return new Mismatch(`${describeValue(part)} is no flag of Python's re`)
        if (name !== 'none') flags[name] = true
      }
    }
    return flags
  },
})

/** What is wrong with an expression, for `refuse`. */
export function expressionMistake(pattern: string, flags: Partial<Flags> = {}): string | undefined {
  try {
    compileRegex(pattern, flags)
    return undefined
  } catch (error) {
    if (error instanceof RegexSyntaxError) return `the regular expression cannot be read: ${error.message}`
    throw error
  }
}

/** Does the work; where an expression takes too long or does not fit its replacement, that is the decision. */
export function withExpressions<Result>(work: () => Result): Result | Failed {
  try {
    return work()
  } catch (error) {
    if (error instanceof RegexLimitError)
      return failed(
        'The regular expression needs too many steps on this file, or the file has more than 1,000,000 characters',
        'Avoid repetitions inside repetitions such as (a+)+, and alternatives that match the same.',
      )
    if (error instanceof RegexSyntaxError)
      return failed(`The regular expression cannot be used: ${error.message}`)
    throw error
  }
}

export { compileRegex, type PythonRegex }
