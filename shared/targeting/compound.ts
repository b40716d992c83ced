/**
 * Compound expressions: `G@os:Debian and not ( L@web1,web2 or db* )`. Words are parted by spaces, parentheses are words
 * of their own, so that an expression such as `E@web(1|2)` stays whole. `not` binds tighter than `and`, `and` tighter
 * than `or`; an "and" is understood before a `not` that follows an operand.
 */

export type MatchKind =
  | 'glob'
  | 'list'
  | 'pcre'
  | 'grain'
  | 'grain_pcre'
  | 'pillar'
  | 'pillar_pcre'
  | 'ipcidr'
  | 'nodegroup'
  | 'range'

/** One operand; `delimiter` where one was written between the letter and the @, as in `G|@ip:6|fe80::1`. */
export interface Operand {
  readonly kind: MatchKind
  readonly expression: string
  readonly delimiter: string | undefined
  /** Where its expression begins in the whole text, in UTF-16 units. */
  readonly offset: number
}

export type Compound =
  | { readonly kind: 'operand'; readonly operand: Operand }
  | { readonly kind: 'not'; readonly inner: Compound }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Compound[] }

/** What is wrong with an expression, as a clause; with what to do, and where. */
export class CompoundError extends Error {
  readonly hint: string | undefined
  /** In UTF-16 units. */
  readonly offset: number

  constructor(reason: string, offset: number, hint?: string) {
    super(reason)
    this.offset = offset
    this.hint = hint
  }
}

interface Word {
  readonly text: string
  readonly offset: number
}

const letters: ReadonlyMap<string, MatchKind> = new Map([
  ['G', 'grain'],
  ['P', 'grain_pcre'],
  ['I', 'pillar'],
  ['J', 'pillar_pcre'],
  ['L', 'list'],
  ['E', 'pcre'],
  ['S', 'ipcidr'],
  ['N', 'nodegroup'],
  ['R', 'range'],
])
const withDelimiter = 'GPIJ'
const operators: ReadonlySet<string> = new Set(['and', 'or', 'not', '(', ')'])
const deepest = 100

/** @throws CompoundError */
export function parseCompound(expression: string): Compound {
  const words = [...expression.matchAll(/\S+/g)].map(({ 0: text, index }) => ({ text, offset: index }))
  return new Reader(words, expression.length).whole()
}

/** Whether a word is more than the name or glob of a minion. */
export function isCompoundWord(word: string): boolean {
  return operators.has(word) || /^[A-Z][^@]?@./.test(word)
}

function readOperand({ text, offset }: Word): Operand {
  const [, letter = '', delimiter, expression] = /^([A-Z])([^@])?@(.+)$/s.exec(text) ?? []
  if (expression === undefined) return { kind: 'glob', expression: text, delimiter: undefined, offset }
  const kind = letters.get(letter)
  if (kind === undefined)
    throw new CompoundError(
      `there is no match type "${letter}@"`,
      offset,
      `There are ${[...letters.keys()].map((one) => `${one}@`).join(', ')}.`,
    )
  if (delimiter !== undefined && !withDelimiter.includes(letter))
    throw new CompoundError(`"${letter}@" takes no delimiter`, offset + 1)
  return { kind, expression, delimiter, offset: offset + text.length - expression.length }
}

class Reader {
  private readonly words: readonly Word[]
  private readonly end: number
  private at = 0
  private depth = 0

  constructor(words: readonly Word[], end: number) {
    this.words = words
    this.end = end
  }

  whole(): Compound {
    if (this.words.length === 0) throw new CompoundError('it is empty', 0)
    const found = this.either()
    const left = this.words[this.at]
    if (left?.text === ')') throw new CompoundError('a ")" closes nothing', left.offset)
    if (left !== undefined)
      throw new CompoundError(
        `between "${this.words[this.at - 1]?.text}" and "${left.text}" an "and" or "or" is missing`,
        left.offset,
      )
    return found
  }

  private either(): Compound {
    const parts = [this.both()]
    while (this.next() === 'or') {
      this.at += 1
      parts.push(this.both())
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'or', parts }
  }

  private both(): Compound {
    const parts = [this.negation()]
    while (this.next() === 'and' || this.next() === 'not') {
      if (this.next() === 'and') this.at += 1
      parts.push(this.negation())
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'and', parts }
  }

  private negation(): Compound {
    let negated = false
    for (; this.next() === 'not'; this.at += 1) negated = !negated
    const inner = this.operand()
    return negated ? { kind: 'not', inner } : inner
  }

  private operand(): Compound {
    const word = this.words[this.at]
    this.at += 1
    if (word === undefined || (operators.has(word.text) && word.text !== '(')) throw this.noOperand(word)
    if (word.text !== '(') return { kind: 'operand', operand: checked(readOperand(word), word) }
    this.depth += 1
    if (this.depth > deepest)
      throw new CompoundError(`it is nested deeper than ${deepest} parentheses`, word.offset)
    const inner = this.either()
    this.depth -= 1
    if (this.next() !== ')')
      throw new CompoundError('a ")" is missing', this.words[this.at]?.offset ?? this.end)
    this.at += 1
    return inner
  }

  private next(): string | undefined {
    return this.words[this.at]?.text
  }

  private noOperand(word: Word | undefined): CompoundError {
    const before = this.words[this.at - 2]
    return new CompoundError(
      before === undefined
        ? `it begins with "${word?.text}"`
        : `after "${before.text}" an operand is missing`,
      word?.offset ?? this.end,
    )
  }
}

/** A parenthesis that sticks to a name would silently be a part of it; expressions have parentheses of their own. */
function checked(operand: Operand, { offset }: Word): Operand {
  const { kind, expression } = operand
  const count = (character: string): number => expression.split(character).length
  // No id has one, while a value of a grain or pillar may, where it is closed again.
  const wrong = kind === 'glob' || kind === 'list' ? /[()]/.test(expression) : count('(') !== count(')')
  if (!kind.endsWith('pcre') && wrong)
    throw new CompoundError(
      `a parenthesis is part of the word "${expression}"`,
      offset,
      'Put spaces around it.',
    )
  return operand
}
