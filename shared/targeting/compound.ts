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
}

export type Compound =
  | { readonly kind: 'operand'; readonly operand: Operand }
  | { readonly kind: 'not'; readonly inner: Compound }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Compound[] }

/** What is wrong with an expression, as a clause; with what to do. */
export class CompoundError extends Error {
  readonly hint: string | undefined

  constructor(reason: string, hint?: string) {
    super(reason)
    this.hint = hint
  }
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
  return new Reader(expression.split(/\s+/).filter((word) => word !== '')).whole()
}

/** Whether a word is more than the name or glob of a minion. */
export function isCompoundWord(word: string): boolean {
  return operators.has(word) || /^[A-Z][^@]?@./.test(word)
}

function readOperand(word: string): Operand {
  const [, letter = '', delimiter, expression] = /^([A-Z])([^@])?@(.+)$/s.exec(word) ?? []
  if (expression === undefined) return { kind: 'glob', expression: word, delimiter: undefined }
  const kind = letters.get(letter)
  if (kind === undefined)
    throw new CompoundError(
      `there is no match type "${letter}@"`,
      `There are ${[...letters.keys()].map((one) => `${one}@`).join(', ')}.`,
    )
  if (delimiter !== undefined && !withDelimiter.includes(letter))
    throw new CompoundError(`"${letter}@" takes no delimiter`)
  return { kind, expression, delimiter }
}

class Reader {
  private readonly words: readonly string[]
  private at = 0
  private depth = 0

  constructor(words: readonly string[]) {
    this.words = words
  }

  whole(): Compound {
    if (this.words.length === 0) throw new CompoundError('it is empty')
    const found = this.either()
    const left = this.words[this.at]
    if (left === ')') throw new CompoundError('a ")" closes nothing')
    if (left !== undefined)
      throw new CompoundError(
        `between "${this.words[this.at - 1]}" and "${left}" an "and" or "or" is missing`,
      )
    return found
  }

  private either(): Compound {
    const parts = [this.both()]
    while (this.words[this.at] === 'or') {
      this.at += 1
      parts.push(this.both())
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'or', parts }
  }

  private both(): Compound {
    const parts = [this.negation()]
    while (this.words[this.at] === 'and' || this.words[this.at] === 'not') {
      if (this.words[this.at] === 'and') this.at += 1
      parts.push(this.negation())
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'and', parts }
  }

  private negation(): Compound {
    let negated = false
    for (; this.words[this.at] === 'not'; this.at += 1) negated = !negated
    const inner = this.operand()
    return negated ? { kind: 'not', inner } : inner
  }

  private operand(): Compound {
    const word = this.words[this.at]
    this.at += 1
    if (word === undefined || (operators.has(word) && word !== '(')) {
      const before = this.words[this.at - 2]
      throw new CompoundError(
        before === undefined ? `it begins with "${word}"` : `after "${before}" an operand is missing`,
      )
    }
    if (word !== '(') return { kind: 'operand', operand: checked(readOperand(word)) }
    this.depth += 1
    if (this.depth > deepest) throw new CompoundError(`it is nested deeper than ${deepest} parentheses`)
    const inner = this.either()
    this.depth -= 1
    if (this.words[this.at] !== ')') throw new CompoundError('a ")" is missing')
    this.at += 1
    return inner
  }
}

/** A parenthesis that sticks to a name would silently be a part of it; expressions have parentheses of their own. */
function checked(operand: Operand): Operand {
  const { kind, expression } = operand
  const count = (character: string): number => expression.split(character).length
  if (!kind.endsWith('pcre') && count('(') !== count(')'))
    throw new CompoundError(`a parenthesis is part of the word "${expression}"`, 'Put spaces around it.')
  return operand
}
