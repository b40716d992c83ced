/** Regular expressions as Python's `re` has them: match, search, replace; in bounded time, on code points. */
import { controlCharacters, readOctal } from './escapes.ts'
import { type Flags, noFlags } from './flags.ts'
import { type Budget, Machine, RegexLimitError, type Registers } from './machine.ts'
import { RegexSyntaxError } from './nodes.ts'
import { parseRegex } from './parser.ts'
import { compileProgram, type Program } from './program.ts'

export type { Flags } from './flags.ts'
export { type Budget, RegexLimitError } from './machine.ts'
export { RegexSyntaxError } from './nodes.ts'

/** Steps that one call may take; about 30 milliseconds. */
export const stepsOfOneCall = 2_000_000
const fullBudget = (): Budget => ({ left: stepsOfOneCall })
const longestPattern = 10_000
const longestText = 1_000_000
const keptPatterns = 200

export interface RegexMatch {
  /** In characters. */
  readonly start: number
  readonly end: number
  readonly text: string
  /** Without the whole match; null where a group took no part. */
  readonly groups: readonly (string | null)[]
}

const compiled = new Map<string, PythonRegex>()

/** Compiled expressions are kept. @throws RegexSyntaxError */
export function compileRegex(pattern: string, flags: Partial<Flags> = {}): PythonRegex {
  const key = `${flags.ignoreCase === true ? 'i' : ''}${flags.multiline === true ? 'm' : ''}/${pattern}`
  const plain = flags.dotAll === undefined && flags.verbose === undefined && flags.ascii === undefined
  const known = plain ? compiled.get(key) : undefined
  if (known !== undefined) return known
  const regex = new PythonRegex(pattern, { ...noFlags, ...flags })
  if (plain) {
    if (compiled.size >= keptPatterns) compiled.clear()
    compiled.set(key, regex)
  }
  return regex
}

export class PythonRegex {
  readonly groupCount: number
  private readonly groupNames: ReadonlyMap<string, number>
  private readonly program: Program

  constructor(pattern: string, flags: Flags) {
    if (pattern.length > longestPattern)
      throw new RegexSyntaxError(`it is longer than ${longestPattern} characters`)
    const parsed = parseRegex(pattern, flags)
    this.groupCount = parsed.groupCount
    this.groupNames = parsed.groupNames
    this.program = compileProgram(parsed.root, parsed.groupCount)
  }

  /** At the start of the text, as `re.match`. @throws RegexLimitError */
  match(text: string, budget = fullBudget()): RegexMatch | undefined {
    const subject = new Subject(text)
    const found = this.machine(subject, budget).matchAt(0)
    return found === undefined ? undefined : this.matchOf(subject, found)
  }

  /** The first match, as `re.search`. @throws RegexLimitError */
  search(text: string, budget = fullBudget()): RegexMatch | undefined {
    const subject = new Subject(text)
    const found = this.machine(subject, budget).search(0)
    return found === undefined ? undefined : this.matchOf(subject, found)
  }

  /** Every match, as `re.finditer`; at most `most`. @throws RegexLimitError */
  all(text: string, budget = fullBudget(), most = Number.POSITIVE_INFINITY): RegexMatch[] {
    const subject = new Subject(text)
    const machine = this.machine(subject, budget)
    const matches: RegexMatch[] = []
    let at = 0
    let mustAdvance = false
    for (;;) {
      const found = machine.search(at, mustAdvance)
      if (found === undefined) return matches
      const match = this.matchOf(subject, found)
      matches.push(match)
      if (matches.length >= most) return matches
      // The next one may begin where this one ended, but two empty ones not at one place.
      at = match.end
      mustAdvance = match.end === match.start
    }
  }

  /** As `re.sub` with a text that may have `\1`, `\g<name>`. @throws RegexSyntaxError, RegexLimitError */
  /** @param escaped what Python does to a replacement with groups where the text is marked as safe */
  replace(
    text: string,
    replacement: string,
    budget = fullBudget(),
    most?: number,
    escaped: (part: string) => string = (part) => part,
  ): string {
    const parts = this.parseReplacement(replacement)
    const turn = parts.some((part) => typeof part === 'number') ? escaped : (part: string) => part
    const subject = new Subject(text)
    let result = ''
    let at = 0
    for (const match of this.all(text, budget, most)) {
      result += subject.slice(at, match.start)
      for (const part of parts)
        result += turn(
          typeof part === 'string' ? part : part === 0 ? match.text : (match.groups[part - 1] ?? ''),
        )
      if (result.length > 10 * longestText) throw new RegexLimitError()
      at = match.end
    }
    return result + subject.slice(at, Number.POSITIVE_INFINITY)
  }

  private machine(subject: Subject, budget: Budget): Machine {
    return new Machine(this.program, subject.codes, budget)
  }

  private matchOf(subject: Subject, registers: Registers): RegexMatch {
    const groups: (string | null)[] = []
    for (let group = 1; group <= this.groupCount; group++) {
      const start = registers[2 * group] ?? -1
      const end = registers[2 * group + 1] ?? -1
      groups.push(start === -1 || end === -1 ? null : subject.slice(start, end))
    }
    const start = registers[0] ?? 0
    const end = registers[1] ?? 0
    return { start, end, text: subject.slice(start, end), groups }
  }

  /** Texts and numbers of groups. */
  private parseReplacement(replacement: string): (string | number)[] {
    const text = Array.from(replacement)
    const parts: (string | number)[] = []
    for (let at = 0; at < text.length; at++) {
      const character = text[at] ?? ''
      if (character !== '\\') {
        parts.push(character)
        continue
      }
      const [part, length] = this.replacementEscape(text, at + 1)
      parts.push(part)
      at += length
    }
    return parts
  }

  /** @returns what it stands for and its length after the backslash */
  private replacementEscape(text: readonly string[], at: number): readonly [string | number, number] {
    const letter = text[at]
    if (letter === undefined) throw new RegexSyntaxError('the replacement ends with a backslash')
    if (letter === 'g') return this.namedGroup(text, at + 1)
    if (letter === '0') {
      const digits = readOctal(text, at + 1, letter)
      return [String.fromCharCode(Number.parseInt(digits, 8)), digits.length]
    }
    if (/^[1-9]$/.test(letter)) return this.numberedGroup(text, at)
    const control = letter === 'b' ? 8 : controlCharacters[letter]
    if (control !== undefined) return [String.fromCharCode(control), 1]
    if (/^[a-zA-Z]$/.test(letter)) throw new RegexSyntaxError(`bad escape \\${letter} in the replacement`)
    return [`\\${letter}`, 1]
  }

  private numberedGroup(text: readonly string[], at: number): readonly [string | number, number] {
    const digits = /^(?:[0-3][0-7]{2}|\d{1,2})/.exec(text.slice(at, at + 3).join(''))?.[0] ?? ''
    if (digits.length === 3) return [String.fromCharCode(Number.parseInt(digits, 8)), 3]
    if (/^[4-7][0-7]{2}/.test(text.slice(at, at + 3).join('')))
      throw new RegexSyntaxError(`octal escape value \\${digits} outside of range 0-0o377`)
    return [this.existing(Number(digits)), digits.length]
  }

  private namedGroup(text: readonly string[], at: number): readonly [string | number, number] {
    const [whole, name = ''] = /^<([^>]+)>/.exec(text.slice(at).join('')) ?? []
    if (whole === undefined) throw new RegexSyntaxError('missing group name after \\g in the replacement')
    const group = /^\d+$/.test(name) ? Number(name) : this.groupNames.get(name)
    if (group === undefined) throw new RegexSyntaxError(`unknown group name "${name}" in the replacement`)
    return [this.existing(group), Array.from(whole).length + 1]
  }

  private existing(group: number): number {
    if (group > this.groupCount)
      throw new RegexSyntaxError(`invalid group reference ${group} in the replacement`)
    return group
  }
}

/** A text by code points. */
class Subject {
  readonly codes: readonly number[]
  private readonly text: string
  private readonly characters: readonly string[] | undefined

  constructor(text: string) {
    if (text.length > longestText) throw new RegexLimitError()
    this.text = text
    if (/[\ud800-\udfff]/.test(text)) {
      this.characters = Array.from(text)
      this.codes = this.characters.map((character) => character.codePointAt(0) ?? 0)
    } else {
      this.characters = undefined
      const codes = new Array<number>(text.length)
      for (let index = 0; index < text.length; index++) codes[index] = text.charCodeAt(index)
      this.codes = codes
    }
  }

  slice(start: number, end: number): string {
    return this.characters === undefined
      ? this.text.slice(start, end)
      : this.characters.slice(start, end).join('')
  }
}

const special = new Set(['\t', '\n', '\v', '\f', '\r', ...' #$&()*+-.?[\\]^{|}~'])

/** As `re.escape` since Python 3.7: characters with a meaning in expressions get a backslash. */
export function escapeRegex(text: string): string {
  return Array.from(text, (character) => (special.has(character) ? `\\${character}` : character)).join('')
}
