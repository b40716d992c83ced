/**
 * A rule of iptables made of a state's arguments, in the order in which Salt puts them, as words for argv. Nothing a
 * value holds can become an option, and no argument can turn the command into another one.
 */
import { isList, type Value } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'

/** Arguments of a rule by their long option, as the tree wrote them. */
export type RuleArguments = ReadonlyMap<string, Value>

export type BuiltRule =
  | { readonly words: readonly string[] }
  | { readonly argument: string; readonly reason: string }

/** What follows the jump, in Salt's order. */
const afterJump: readonly string[] = [
  'j',
  'jump',
  'to-port',
  'to-ports',
  'to-destination',
  'to-source',
  'reject-with',
  'set-mark',
  'set-xmark',
  'log-level',
  'log-ip-options',
  'log-prefix',
  'log-tcp-options',
  'log-tcp-sequence',
  'set-dscp',
  'set-dscp-class',
  'set-tos',
  'and-mark',
  'or-mark',
  'xor-mark',
  'save-mark',
  'restore-mark',
  'clamp-mss-to-pmtu',
  'set-mss',
  'ctmark',
  'nfmask',
  'ctmask',
  'ttl-set',
  'ttl-dec',
  'ttl-inc',
  'hl-set',
  'hl-dec',
  'hl-inc',
  'ulog-nlgroup',
  'ulog-prefix',
  'nflog-group',
  'nflog-prefix',
  'nflog-range',
  'nflog-threshold',
  'queue-num',
  'queue-balance',
  'to',
  'random',
  'persistent',
  'gateway',
  'timeout',
  'zone',
  'notrack',
  'helper',
  'add-set',
  'del-set',
  'exist',
]

/** Options that make another command of it; iptables also takes the beginnings of long ones. */
const commandOptions: readonly string[] = [
  'append',
  'check',
  'delete',
  'insert',
  'replace',
  'list',
  'list-rules',
  'flush',
  'zero',
  'new-chain',
  'new',
  'delete-chain',
  'policy',
  'rename-chain',
  'table',
  'modprobe',
  'version',
  'help',
  'wait',
  'wait-interval',
  'exact',
  'verbose',
  'numeric',
  'line-numbers',
  'set-counters',
  'ipv4',
  'ipv6',
]
const letters = /^[sdpijogfm]$/

const isNegated = (text: string): boolean => /^(?:!|not\b)/.test(text)
const positive = (text: string): string => text.replace(/^(?:!|not\b)\s*/, '')

class Refused extends Error {
  readonly argument: string
  constructor(argument: string, reason: string) {
    super(reason)
    this.argument = argument
  }
}

/** @returns the words behind the chain, or what is wrong */
export function buildRule(given: RuleArguments): BuiltRule {
  try {
    return { words: wordsOf(given) }
  } catch (error) {
    if (error instanceof Refused) return { argument: error.argument, reason: error.message }
    throw error
  }
}

function wordsOf(given: RuleArguments): string[] {
  const rest = new Map(given)
  const take = (name: string): string | undefined => {
    const value = rest.get(name)
    rest.delete(name)
    return value === undefined ? undefined : textOf(name, value)
  }
  const target = rest.get('target')
  if (target !== undefined) rest.set('jump', target)
  rest.delete('target')
  const words: string[] = []
  words.push(...option('-i', 'if', take('if')), ...option('-o', 'of', take('of')))
  const [proto, other] = [take('protocol'), take('proto')]
  words.push(...option('-p', 'proto', proto ?? other))
  const matches = matchesOf(rest)
  for (const match of matches) words.push('-m', match)
  const connstate = take('connstate')
  if (connstate !== undefined && !matches.includes('state')) words.push('-m', 'state')
  words.push(...option('--state', 'connstate', connstate))
  words.push(...option('--dport', 'dport', take('dport')), ...option('--sport', 'sport', take('sport')))
  if ((rest.has('dports') || rest.has('sports')) && !matches.includes('multiport')) {
    words.push('-m', 'multiport')
    if ((proto ?? other) === undefined) throw new Refused('proto', 'several ports need a protocol')
  }
  words.push(...option('--dports', 'dports', take('dports')), ...option('--sports', 'sports', take('sports')))
  const comment = take('comment')
  if (comment !== undefined) {
    if (!matches.includes('comment')) words.push('-m', 'comment')
    words.push('--comment', comment)
  }
  // A set of ipset; empty, it is the option of `recent`.
  const set = take('set')
  if (set !== undefined) words.push(...(set === '' ? ['--set'] : option('--match-set', 'set', set)))
  const jump = jumpWords(rest)
  for (const [name, value] of rest) words.push(...option(flagOf(name), name, textOf(name, value)))
  return [...words, ...jump]
}

function jumpWords(rest: Map<string, Value>): string[] {
  const words: string[] = []
  for (const name of afterJump) {
    const value = rest.get(name)
    if (value === undefined) continue
    rest.delete(name)
    const text = textOf(name, value)
    // One word whatever it holds: what is behind such an option is its value, also where it begins with a dash.
    words.push(flagOf(name), ...(text === '' ? [] : [text]))
  }
  return words
}

function matchesOf(rest: Map<string, Value>): string[] {
  const value = rest.get('match')
  rest.delete('match')
  if (value === undefined) return []
  const names = textOf('match', value)
    .split(',')
    .map((name) => name.trim())
  const wrong = names.find((name) => !/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(name))
  if (wrong !== undefined) throw new Refused('match', `"${wrong}" is not a match such as conntrack`)
  return names
}

/** `! -i eth0`: what is negated carries the mark before its option. Blanks part values (`tcp-flags: SYN,ACK SYN`). */
function option(flag: string, name: string, text: string | undefined): string[] {
  if (text === undefined) return []
  const values = positive(text)
    .split(/\s+/)
    .filter((word) => word !== '')
  const wrong = values.find((word) => word.startsWith('-'))
  if (wrong !== undefined) throw new Refused(name, `"${wrong}" would be an option of iptables, not a value`)
  return [...(isNegated(text) ? ['!'] : []), flag, ...values]
}

function flagOf(name: string): string {
  if (letters.test(name)) return `-${name}`
  const isOption = /^[a-z][a-z0-9-]+$/.test(name)
  if (!isOption) throw new Refused(name, 'it is not a long option of iptables')
  if (commandOptions.some((other) => other.startsWith(name)))
    throw new Refused(name, 'it is not an option of a rule')
  return `--${name}`
}

function textOf(name: string, value: Value): string {
  // `syn:` and `syn: True` both are the option alone.
  if (value === null || value === true) return ''
  const items = isList(value) ? value : [value]
  const texts = items.map((item) => readText(item))
  const text = texts.some((one) => one === undefined) ? undefined : joined(texts as string[])
  if (text === undefined) throw new Refused(name, 'text, a number, a list of them or True is expected')
  if (/[\0\r\n]/.test(text)) throw new Refused(name, 'it has more than one line')
  return text
}

/** One negated item negates the list. */
function joined(texts: readonly string[]): string {
  return texts.length > 1 && texts.some(isNegated) ? `!${texts.map(positive).join(',')}` : texts.join(',')
}
