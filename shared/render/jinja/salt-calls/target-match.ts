/** Whether a target of Salt's syntax means this minion: globs, lists, grains, pillars, expressions, networks, compounds. */

import { compileGlob } from '../../../targeting/glob.ts'
import { compileDictMatch } from '../../../targeting/grain-match.ts'
import type { PureCall } from '../pure-calls/registry.ts'
import { traverseRuntime } from '../salt/dicts.ts'
import { isInNetwork, parseAddress, parseInterface } from '../salt/ip-address.ts'
import { withRegex } from '../salt/regex.ts'
import { type CallContext, PyError, type RuntimeValue, sequenceOf, str, textOf } from '../values.ts'
import { wholeOf } from './host.ts'

export type TargetKind =
  | 'compound'
  | 'glob'
  | 'list'
  | 'grain'
  | 'grain_pcre'
  | 'pillar'
  | 'pillar_pcre'
  | 'pcre'
  | 'ipcidr'

const kindOfLetter: Readonly<Partial<Record<string, TargetKind>>> = {
  G: 'grain',
  P: 'grain_pcre',
  I: 'pillar',
  J: 'pillar_pcre',
  L: 'list',
  S: 'ipcidr',
  E: 'pcre',
}

export interface Target {
  readonly kind: TargetKind
  readonly expression: RuntimeValue
  readonly minionId: string
  readonly delimiter?: string
}

/** A target that cannot be read means nobody, as in Salt. */
export function matchesTarget(call: PureCall, target: Target): boolean {
  const { expression, minionId, delimiter = ':' } = target
  if (target.kind === 'compound') return matchesCompound(call, expression, minionId)
  if (target.kind === 'list') return isListed(expression, minionId)
  const text = textOf(expression)
  if (text === undefined) return false
  switch (target.kind) {
    case 'glob':
      return compileGlob(text)(minionId)
    case 'pcre':
      return matchesRegex(call.context, text, minionId)
    case 'grain':
      return text.includes(delimiter) && compileDictMatch(text, delimiter)(wholeOf(call, 'grains'))
    case 'pillar':
      return text.includes(delimiter) && compileDictMatch(text, delimiter)(wholeOf(call, 'pillar'))
    case 'grain_pcre':
      return matchesPath(call.context, wholeOf(call, 'grains'), text, delimiter)
    case 'pillar_pcre':
      return matchesPath(call.context, wholeOf(call, 'pillar'), text, delimiter)
    case 'ipcidr':
      return isInSubnet(call, text)
  }
}

function isListed(expression: RuntimeValue, minionId: string): boolean {
  const text = textOf(expression)
  if (text !== undefined) return text.split(',').includes(minionId)
  return sequenceOf(expression)?.some((item) => textOf(item) === minionId) ?? false
}

/** A mistake in the expression is no match. */
function matchesRegex(context: CallContext, pattern: string, text: string): boolean {
  try {
    return withRegex(
      context,
      'match',
      pattern,
      [],
      (regex, budget) => regex.match(text, budget) !== undefined,
    )
  } catch (error) {
    if (error instanceof PyError && error.kind === 'ValueError') return false
    throw error
  }
}

/** The longest path that leads to something; the rest is the expression for its value, without regard to case. */
function matchesPath(
  context: CallContext,
  data: RuntimeValue,
  expression: string,
  delimiter: string,
): boolean {
  const steps = expression.split(delimiter)
  for (let length = steps.length - 1; length > 0; length--) {
    const value = traverseRuntime(data, steps.slice(0, length), null)
    if (value === null) continue
    const pattern = steps.slice(length).join(delimiter).toLowerCase()
    const candidates = value instanceof Map ? [...value.keys()] : (sequenceOf(value) ?? [value])
    if (candidates.some((one) => matchesRegex(context, pattern, str(one).toLowerCase()))) return true
  }
  return false
}

function isInSubnet(call: PureCall, text: string): boolean {
  const network = parseInterface(text)
  if (network === undefined) return false
  const addresses = wholeOf(call, 'grains').get(network.version === 4 ? 'ipv4' : 'ipv6')
  return (sequenceOf(addresses ?? null) ?? []).some((item) => {
    const address = parseAddress(str(item))
    return address !== undefined && isInNetwork(address, network)
  })
}

type Word = boolean | 'and' | 'or' | 'not' | '(' | ')'

function matchesCompound(call: PureCall, expression: RuntimeValue, minionId: string): boolean {
  const text = textOf(expression)
  const items = text === undefined ? sequenceOf(expression)?.map(str) : text.split(/\s+/).filter(Boolean)
  if (items === undefined) return false
  const words: Word[] = []
  for (const item of items) {
    const word =
      item === 'and' || item === 'or' || item === 'not' || item === '(' || item === ')' ? item : undefined
    const last = words.at(-1)
    // Two terms beside each other need a word between them; before `not`, "and" is meant.
    if (word === 'not' && last !== undefined && (typeof last === 'boolean' || last === ')')) words.push('and')
    const value = word ?? matchesWord(call, item, minionId)
    if (value === undefined) return false
    words.push(value)
  }
  const reader = new CompoundReader(words)
  return reader.read() ?? false
}

/** undefined: a letter that is none. */
function matchesWord(call: PureCall, word: string, minionId: string): boolean | undefined {
  const [, letter, delimiter, pattern] = /^([A-Z])([^@\w])?@(.+)$/s.exec(word) ?? []
  if (letter === undefined || pattern === undefined)
    return matchesTarget(call, { kind: 'glob', expression: word, minionId })
  const kind = kindOfLetter[letter]
  if (kind === undefined) return undefined
  const target = { kind, expression: pattern, minionId }
  return matchesTarget(call, delimiter === undefined ? target : { ...target, delimiter })
}

/** `or` of `and` of `not` of terms. */
class CompoundReader {
  private readonly words: readonly Word[]
  private at = 0

  constructor(words: readonly Word[]) {
    this.words = words
  }

  /** undefined: the words are in no order that means something. */
  read(): boolean | undefined {
    const value = this.any()
    return this.at === this.words.length ? value : undefined
  }

  private any(): boolean | undefined {
    let value = this.all()
    while (value !== undefined && this.words[this.at] === 'or') {
      this.at += 1
      const next = this.all()
      value = next === undefined ? undefined : value || next
    }
    return value
  }

  private all(): boolean | undefined {
    let value = this.term()
    while (value !== undefined && this.words[this.at] === 'and') {
      this.at += 1
      const next = this.term()
      value = next === undefined ? undefined : value && next
    }
    return value
  }

  private term(): boolean | undefined {
    const word = this.words[this.at]
    this.at += 1
    if (typeof word === 'boolean') return word
    if (word === 'not') {
      const value = this.term()
      return value === undefined ? undefined : !value
    }
    if (word !== '(') return undefined
    const value = this.any()
    if (this.words[this.at] !== ')') return undefined
    this.at += 1
    return value
  }
}
