/** The flags of a regular expression and the letters that set them inside it. */

export interface Flags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly verbose: boolean
  readonly ascii: boolean
}

export const noFlags: Flags = {
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  verbose: false,
  ascii: false,
}

const flagOfLetter: Readonly<Record<string, keyof Flags | 'unicode'>> = {
  i: 'ignoreCase',
  m: 'multiline',
  s: 'dotAll',
  x: 'verbose',
  a: 'ascii',
  u: 'unicode',
}

export const sameFlags = (a: Flags, b: Flags): boolean =>
  a.ignoreCase === b.ignoreCase &&
  a.multiline === b.multiline &&
  a.dotAll === b.dotAll &&
  a.verbose === b.verbose &&
  a.ascii === b.ascii

/** Undefined where a letter is no flag. */
export function withFlags(flags: Flags | undefined, letters: string, value: boolean): Flags | undefined {
  let changed = flags
  for (const letter of letters) {
    const flag = Object.hasOwn(flagOfLetter, letter) ? flagOfLetter[letter] : undefined
    if (flag === undefined || changed === undefined) return undefined
    changed = flag === 'unicode' ? { ...changed, ascii: false } : { ...changed, [flag]: value }
  }
  return changed
}
