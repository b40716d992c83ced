/** Paths and permission bits as SLS files write them. */

import { homedir } from 'node:os'
import { readText } from './scalars.ts'
import { describeValue, Mismatch, shaped } from './shaped.ts'

/**
 * An absolute path; `~/x` is in the home directory of the minion's user, `/a//b/` and `/a/./b` become `/a/b`. `..` stays: behind
 * a link it is not what the text says.
 */
export function readPath(value: unknown): string | Mismatch {
  const read = readText(value)
  if (read === undefined || read === '')
    return new Mismatch(`a path is expected, not ${describeValue(value)}`)
  if (read.startsWith('~/')) return normalizePath(`${homedir()}/${read.slice(2)}`)
  if (!read.startsWith('/')) return new Mismatch(`an absolute path is expected, not ${describeValue(value)}`)
  if (read.includes('\0')) return new Mismatch('a path cannot contain a NUL character')
  return normalizePath(read)
}

function normalizePath(path: string): string {
  if (!/\/\/|\/\.|\/$/.test(path)) return path
  const steps: string[] = []
  for (const step of path.split('/')) {
    if (step !== '' && step !== '.') steps.push(step)
  }
  return `/${steps.join('/')}`
}

export const absolutePath = shaped<string>({
  words: 'absolute path',
  json: { type: 'string', pattern: '^(/|~/)' },
  read: readPath,
})

/**
 * Permission bits as Salt reads them: the digits as written are octal, so '0644', '644', 0644 and 644 are all 0o644.
 * (YAML reads an unquoted 0644 as the number 644, so the digits survive.)
 */
export function readMode(value: unknown): number | Mismatch {
  const digits = typeof value === 'number' ? String(value) : value
  if (typeof digits === 'string') {
    const octal = /^\s*(?:0o)?0*([0-7]{0,4})\s*$/.exec(digits)
    if (octal && digits.trim() !== '') return Number.parseInt(octal[1] || '0', 8)
  }
  return new Mismatch(`octal permissions such as '0644' are expected, not ${describeValue(value)}`)
}

const modeJson = { type: ['string', 'integer'], pattern: '^(0o)?0*[0-7]{0,4}$' }

export const mode = shaped<number>({ words: "octal mode, e.g. '0644'", json: modeJson, read: readMode })

export const modeOrKeep = shaped<number | 'keep'>({
  words: "octal mode, e.g. '0644', or `keep`",
  json: { anyOf: [modeJson, { const: 'keep' }] },
  read: (value) => (value === 'keep' ? 'keep' : readMode(value)),
})

/** `0644`, as Salt shows modes. */
export function formatMode(bits: number): string {
  return bits.toString(8).padStart(4, '0')
}
