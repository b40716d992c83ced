/**
 * A rule of nftables made of a state's arguments, as one text in nft's language, and a form in which it can be
 * compared with what nft prints. Every value is of its kind, so none can begin another statement.
 */
import { isList, type Value } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'

export type BuiltStatement =
  | { readonly text: string }
  | { readonly argument: string; readonly reason: string }

class Refused extends Error {
  readonly argument: string
  constructor(argument: string, reason: string) {
    super(reason)
    this.argument = argument
  }
}

interface Kind {
  readonly pattern: RegExp
  readonly example: string
  readonly write?: (text: string) => string
}

const address: Kind = {
  pattern: /^(?:[0-9a-f]+[0-9a-f:.]*|::[0-9a-f:.]*)(?:\/\d+|-[0-9a-f:.]+)?$/,
  example: '10.0.0.0/8',
}
const port: Kind = {
  pattern: /^\d+(?:[:-]\d+)?$/,
  example: '80 or 1024:65535',
  write: (text) => text.replace(':', '-'),
}
const word: Kind = { pattern: /^[a-z][a-z0-9_-]*$/, example: 'new' }
const name: Kind = { pattern: /^[a-z0-9][a-z0-9_-]*$/, example: 'tcp' }
const device: Kind = {
  pattern: /^[A-Za-z0-9][\w.:@*+-]{0,31}$/,
  example: 'eth0',
  write: (text) => `"${text.replace(/\+$/, '*')}"`,
}
const target: Kind = { pattern: /^[0-9A-Za-z.:[\]-]+$/, example: '10.0.0.2:80' }
const quoted: Kind = { pattern: /^[^"\\\p{Cc}]{0,120}$/u, example: 'a text', write: (text) => `"${text}"` }

/** @returns the statement behind the chain, or what is wrong with an argument */
export function buildStatement(given: ReadonlyMap<string, Value>): BuiltStatement {
  try {
    return { text: textOf(given) }
  } catch (error) {
    if (error instanceof Refused) return { argument: error.argument, reason: error.message }
    throw error
  }
}

function textOf(given: ReadonlyMap<string, Value>): string {
  const left = new Map(given)
  const take = (key: string): Value | undefined => {
    const value = left.get(key)
    left.delete(key)
    return value ?? undefined
  }
  // What Salt passes over: a match of iptables is the statement itself.
  take('match')
  const proto = one('proto', take('proto') ?? take('protocol'), name)
  const parts = [
    part('iifname', 'if', take('if'), device),
    part('oifname', 'of', take('of'), device),
    addressPart('saddr', 'source', take('source')),
    addressPart('daddr', 'destination', take('destination')),
    part('ct state', 'connstate', take('connstate') ?? take('ctstate'), word),
    part('icmp type', 'icmp-type', take('icmp-type'), name),
    part('icmpv6 type', 'icmpv6-type', take('icmpv6-type'), name),
    ...portParts(proto, take),
    part('limit rate', 'limit', take('limit'), { pattern: /^\d+\/[a-z]+$/, example: '5/second' }),
    take('counter') === true ? 'counter' : '',
    log(take('log'), one('log-prefix', take('log-prefix'), quoted)),
    verdict(take),
    part('comment', 'comment', take('comment'), quoted),
  ]
  const [unknown] = left.keys()
  if (unknown !== undefined) throw new Refused(unknown, 'it is not a part of a rule that is known')
  return parts.filter((text) => text !== '').join(' ')
}

function portParts(proto: string, take: (key: string) => Value | undefined): string[] {
  const given = [
    ['dport', 'dport'],
    ['sport', 'sport'],
    ['dports', 'dport'],
    ['sports', 'sport'],
  ].map(([argument = '', keyword = '']) => [argument, keyword, take(argument)] as const)
  const wanted = given.filter(([, , value]) => value !== undefined)
  if (wanted.length === 0)
    return proto === '' || proto === 'all' || proto.startsWith('icmp')
      ? icmpAlone(proto)
      : [`meta l4proto ${proto}`]
  if (proto === '') throw new Refused('proto', 'a port needs a protocol')
  return wanted.map(([argument, keyword, value]) => part(`${proto} ${keyword}`, argument, value, port))
}

const icmpAlone = (proto: string): string[] => {
  if (proto === '' || proto === 'all') return []
  return [`meta l4proto ${proto === 'icmpv6' ? 'ipv6-icmp' : proto}`]
}

/** Several values are a set; `! x` is anything else. */
function part(keyword: string, argument: string, value: Value | undefined, kind: Kind): string {
  if (value === undefined) return ''
  const { values, negated } = valuesOf(argument, value, kind)
  const sign = negated ? '!= ' : ''
  return `${keyword} ${sign}${values.length > 1 ? `{ ${values.join(', ')} }` : values[0]}`
}

function addressPart(keyword: string, argument: string, value: Value | undefined): string {
  if (value === undefined) return ''
  const { values } = valuesOf(argument, value, address)
  const isSix = values.some((text) => text.includes(':'))
  return part(`${isSix ? 'ip6' : 'ip'} ${keyword}`, argument, value, address)
}

function valuesOf(
  argument: string,
  value: Value,
  { pattern, example, write = (text) => text }: Kind,
): { readonly values: readonly string[]; readonly negated: boolean } {
  const texts = (isList(value) ? value : [value]).map((item) => readText(item) ?? '\0')
  const isText = pattern === quoted.pattern
  const whole = isText ? texts.join('') : texts.join(',')
  const negated = !isText && /^\s*(?:!|not\b)/.test(whole)
  const plain = negated ? whole.replace(/^\s*(?:!=?|not\b)\s*/, '') : whole
  const values = (isText ? [plain] : plain.split(',').map((text) => text.trim())).map((text) =>
    pattern === device.pattern || isText || pattern === target.pattern ? text : text.toLowerCase(),
  )
  const wrong = values.find((text) => !pattern.test(text))
  if (wrong !== undefined)
    throw new Refused(argument, `"${wrong.replace('\0', '?')}" is not one such as ${example}`)
  return { values: values.map(write), negated }
}

function one(argument: string, value: Value | undefined, kind: Kind): string {
  if (value === undefined) return ''
  const { values, negated } = valuesOf(argument, value, kind)
  if (values.length !== 1 || negated) throw new Refused(argument, 'one value is expected')
  return values[0] ?? ''
}

function log(wanted: Value | undefined, prefix: string): string {
  if (prefix !== '') return `log prefix ${prefix}`
  return wanted === true || wanted === '' ? 'log' : ''
}

const plainVerdicts = new Set([
  'accept',
  'drop',
  'continue',
  'return',
  'queue',
  'reject',
  'masquerade',
  'log',
  'notrack',
])

/** `jump: accept`; the name of a chain means a jump to it; `goto x` is taken as well. */
function verdict(take: (key: string) => Value | undefined): string {
  const wanted = take('jump') ?? take('j') ?? take('target')
  const rejection = one('reject-with', take('reject-with'), {
    pattern: /^[a-z0-9 -]+$/,
    example: 'tcp reset',
  })
  const translated = take('to-destination') ?? take('to-source') ?? take('to-ports') ?? take('to-port')
  if (wanted === undefined) return ''
  const said = readText(wanted) ?? '\0'
  const lower = said.toLowerCase()
  if (lower === 'reject' && rejection !== '')
    return `reject with ${rejection.replace('tcp-reset', 'tcp reset')}`
  if (['dnat', 'snat', 'redirect'].includes(lower)) {
    if (translated === undefined) {
      if (lower === 'redirect') return lower
      throw new Refused('jump', `${lower} needs to-destination or to-source`)
    }
    const to = one('to-destination', translated, target)
    return `${lower} to ${lower === 'redirect' && /^\d/.test(to) ? `:${to}` : to}`
  }
  if (plainVerdicts.has(lower)) return lower
  if (!/^(?:(?:jump|goto) )?[A-Za-z_][\w.-]*$/.test(said))
    throw new Refused('jump', `"${said.replace('\0', '?')}" is neither a verdict nor a chain`)
  return /^(?:jump|goto) /.test(said) ? said : `jump ${said}`
}

/** Other ways in which nft prints what was written. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/\bmeta (?=[io]ifname\b)/g, ''],
  [/\bcounter packets \d+ bytes \d+/g, 'counter'],
  [/ burst \d+ packets\b/g, ''],
  [/\bipv6-icmp\b/g, 'icmpv6'],
  [/\breject with icmp(?:v6|x)? (?:type )?port-unreachable/g, 'reject'],
  [/\breject with (icmp(?:v6|x)?) type /g, 'reject with $1 '],
  [/\/(?:32|128)(?=[ ,}]|$)/g, ''],
]

/** The form that is the same for what was asked for and what nft prints. */
export function canonical(statement: string): string {
  const texts: string[] = []
  // Texts in quotes are compared as they are.
  let text = statement
    .replace(/ # handle \d+$/, '')
    .trim()
    .replace(/"[^"]*"/g, (found) => `@${texts.push(found) - 1}@`)
  for (const [pattern, by] of spellings) text = text.replace(pattern, by)
  return text
    .replace(/(?<= )[^\s{},]+(?:,[^\s{},]+)+(?= |$)/g, (list) => `{${list}}`)
    .replace(/\{([^}]*)\}/g, (_, inside: string) => setText(inside))
    .replace(/\s+/g, ' ')
    .replace(/@(\d+)@/g, (_, index: string) => texts[Number(index)] ?? '')
}

/** The order of a set means nothing, and a set of one is that one. */
function setText(inside: string): string {
  const items = inside
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .sort()
  return items.length === 1 ? (items[0] ?? '') : `{ ${items.join(', ')} }`
}
