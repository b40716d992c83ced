/** Reads the text of a regular expression piece by piece: characters, escapes, sets. */
import { type CharacterFlags, categoryTest, type SetMember, setTest } from './characters.ts'
import { controlCharacters, isHexText, readOctal } from './escapes.ts'
import { type CharacterTest, RegexSyntaxError } from './nodes.ts'

export class PatternReader {
  readonly text: readonly string[]
  at = 0

  constructor(pattern: string) {
    this.text = Array.from(pattern)
  }

  error(reason: string): RegexSyntaxError {
    return new RegexSyntaxError(`${reason} at position ${this.at}`)
  }

  take(text: string): boolean {
    if (!Array.from(text).every((character, index) => this.text[this.at + index] === character)) return false
    this.at += text.length
    return true
  }

  next(): string {
    const character = this.text[this.at]
    if (character === undefined) throw this.error('unexpected end of pattern')
    this.at += 1
    return character
  }

  skipVerbose(): void {
    for (;;) {
      const character = this.text[this.at]
      if (character === '#') while (this.at < this.text.length && this.text[this.at] !== '\n') this.at += 1
      else if (character !== undefined && ' \t\n\r\v\f'.includes(character)) this.at += 1
      else return
    }
  }

  octal(digits: string): number {
    const code = Number.parseInt(digits, 8)
    if (code > 255) throw this.error(`octal escape value \\${digits} outside of range 0-0o377`)
    return code
  }

  /** What stands after a backslash, in and out of sets, where it means one character. */
  characterEscape(letter: string): number {
    const control = controlCharacters[letter]
    if (control !== undefined) return control
    const hexLength = { x: 2, u: 4, U: 8 }[letter]
    if (hexLength !== undefined) return this.hex(letter, hexLength)
    if (/^[0-7]$/.test(letter)) {
      const digits = readOctal(this.text, this.at, letter)
      this.at += digits.length - 1
      return this.octal(digits)
    }
    if (letter === 'N')
      throw this.error('characters by name (\\N{…}) are not offered; write \\u and the code')
    if (/^[a-zA-Z0-9]$/.test(letter)) throw this.error(`bad escape \\${letter}`)
    return letter.codePointAt(0) ?? 0
  }

  hex(letter: string, length: number): number {
    const digits = this.text.slice(this.at, this.at + length).join('')
    if (digits.length !== length || !isHexText(digits))
      throw this.error(`incomplete escape \\${letter}${digits}`)
    const code = Number.parseInt(digits, 16)
    if (code > 0x10ffff) throw this.error(`bad escape \\${letter}${digits}`)
    this.at += length
    return code
  }

  /** Undefined where no repetition stands; `{` that starts none is a character. */
  bounds(): readonly [number, number] | undefined {
    if (this.take('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.take('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.take('?')) return [0, 1]
    const match = /^\{(\d*)(?:(,)(\d*))?\}/.exec(this.text.slice(this.at, this.at + 40).join(''))
    if (match === null) return undefined
    const [whole, low = '', comma, high = ''] = match
    if (low === '' && (comma === undefined || whole === '{}')) return undefined
    this.at += whole.length
    const min = low === '' ? 0 : Number(low)
    const max = comma === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (min >= 2 ** 32 - 1 || (max !== Number.POSITIVE_INFINITY && max >= 2 ** 32 - 1))
      throw this.error('the repetition number is too large')
    if (max < min) throw this.error('min repeat greater than max repeat')
    return [min, max]
  }

  /** What stands after `[`, up to its `]`. */
  set(flags: CharacterFlags): CharacterTest {
    const negated = this.take('^')
    const members: SetMember[] = []
    const start = this.at
    for (;;) {
      if (this.at >= this.text.length) throw this.error('unterminated character set')
      if (this.text[this.at] === ']' && this.at > start) break
      members.push(this.setRange(flags))
    }
    this.at += 1
    return setTest(members, negated, flags)
  }

  private setRange(flags: CharacterFlags): SetMember {
    const first = this.setMember(flags)
    const isRange = this.text[this.at] === '-' && this.text[this.at + 1] !== ']'
    if (!isRange) return typeof first === 'number' ? { range: [first, first] } : first
    if (this.at + 1 >= this.text.length) throw this.error('unterminated character set')
    this.at += 1
    const last = this.setMember(flags)
    if (typeof first !== 'number' || typeof last !== 'number' || last < first)
      throw this.error('bad character range')
    return { range: [first, last] }
  }

  private setMember(flags: CharacterFlags): number | SetMember {
    const character = this.next()
    if (character !== '\\') return character.codePointAt(0) ?? 0
    const letter = this.next()
    const test = categoryTest(letter, flags.ascii)
    if (test !== undefined) return { test }
    if (letter === 'b') return 8
    return this.characterEscape(letter)
  }
}
