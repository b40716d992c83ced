/** Arguments that the functions of iptables share. */
import * as v from 'valibot'
import { isDict, isList, type Value } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything, mapping } from '../../../shared/schema/collections.ts'
import { readPath } from '../../../shared/schema/paths.ts'
import { choice, nonEmptyText, readFlag, readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { ArgumentRefusal } from '../contract.ts'
import { buildRule, type RuleArguments } from './rule.ts'

export type Family = 'ipv4' | 'ipv6'

/** A table or chain: a word, so that it can be nothing else on a command line. */
const word = (what: string, example: string) =>
  shaped<string>({
    words: what,
    json: { type: 'string' },
    read(value) {
      const read = readText(value)
      return read !== undefined && /^[A-Za-z0-9_][\w.:+-]{0,63}$/.test(read)
        ? read
        : new Mismatch(`a ${what} such as ${example} is expected, not ${describeValue(value)}`)
    },
  })

export const chainName = word('chain', 'INPUT')
export const tableName = word('table', 'filter')

const saving = shaped<boolean | string>({
  words: 'True, False or absolute path',
  json: { type: ['boolean', 'string'] },
  read: (value) => readFlag(value) ?? readPath(value),
})

const position = shaped<number | 'last'>({
  words: 'whole number or `last`',
  json: { anyOf: [{ type: 'integer' }, { const: 'last' }] },
  read(value) {
    const read = readText(value)
    if (read === 'last') return read
    return read !== undefined && /^-?[1-9]\d{0,5}$/.test(read)
      ? Number(read)
      : new Mismatch(`a position such as 1 is expected, not ${describeValue(value)}`)
  },
})

const ruleList = shaped<ReadonlyMap<string, Value>[]>({
  words: 'list of rules',
  json: { type: 'array', items: { type: 'object' } },
  read(value) {
    const read = isList(value) ? value.map(mappingOf) : [undefined]
    return read.some((one) => one === undefined)
      ? new Mismatch(`a list of mappings is expected, not ${describeValue(value)}`)
      : (read as ReadonlyMap<string, Value>[])
  },
})

/** A mapping, or a list of one-key mappings. */
function mappingOf(value: Value): ReadonlyMap<string, Value> | undefined {
  const read = v.safeParse(mapping, value)
  return read.success && isDict(read.output)
    ? new Map([...read.output].map(([key, item]) => [String(key), item]))
    : undefined
}

export const family = defaulted(choice(['ipv4', 'ipv6']), 'ipv4', '`ipv6`: ip6tables.')
export const table = defaulted(tableName, 'filter', 'The table: `filter`, `nat`, `mangle`, `raw`.')
export const save = defaulted(
  saving,
  false,
  'True: also write the rules to the file that is loaded at the next start (Debian: `/etc/iptables/rules.v4`); or that file.',
)

/** What most rules are made of; any other long option of iptables is taken as well. */
const ruleParts: readonly (readonly [string, string])[] = [
  ['jump', 'What happens to what matches: `ACCEPT`, `DROP`, another chain.'],
  ['target', 'The same.'],
  ['proto', 'The protocol: `tcp`, `udp`, `icmp`.'],
  ['protocol', 'The same.'],
  ['match', 'Modules that match, also several: `conntrack`, `comment`.'],
  ['connstate', 'States of a connection, of the match `state`: `NEW,ESTABLISHED`.'],
  ['ctstate', 'States of a connection, of the match `conntrack`.'],
  ['source', 'Address or network; "! 10.0.0.0/8" is any other.'],
  ['destination', 'Address or network.'],
  ['dport', 'Port, or `1024:65535`.'],
  ['sport', 'Port where it comes from.'],
  ['dports', 'Several ports.'],
  ['sports', 'Several ports where it comes from.'],
  ['if', 'Interface where it comes in.'],
  ['of', 'Interface where it goes out.'],
  ['comment', 'A text that is kept with the rule.'],
  ['limit', 'Rate, of the match `limit`: `5/min`.'],
  ['to-port', 'Port that it is sent to.'],
  ['to-ports', 'The same.'],
  ['to-destination', 'Address and port that it is sent to.'],
  ['to-source', 'Address that it comes from afterwards.'],
  ['reject-with', 'What a rejection answers: `icmp-port-unreachable`.'],
  ['log-prefix', 'Begins each line in the log.'],
]
const partEntries = Object.fromEntries(
  ruleParts.map(([name, words]) => [name, optional(anything, words)]),
) as Record<string, ReturnType<typeof optional<Value>>>

export const ruleArgs = v.strictObject({
  name: needed(nonEmptyText, 'A name for the rule in the tree; not a part of it.'),
  table,
  chain: optional(chainName, 'The chain: `INPUT`. Needed, unless `rules` has it.'),
  family,
  position: optional(position, 'Of `insert`: the number that the rule gets; -1 is the last but one.'),
  save,
  rules: optional(ruleList, 'Several rules, each a mapping with the arguments of one.'),
  options: optional(mapping, 'Any other long option of iptables: `uid-owner: 1000`, `syn: True`.'),
  ...partEntries,
})
type Given = v.InferOutput<typeof ruleArgs>

export interface WantedRule {
  readonly name: string
  readonly table: string
  readonly chain: string
  readonly family: Family
  readonly position?: number | 'last'
  readonly save: boolean | string
  readonly words: readonly string[]
}

const ownArguments = new Set(['name', 'table', 'chain', 'family', 'position', 'save', 'rules', 'options'])

/** One rule, or those of `rules`. */
export function rulesOf(wanted: Given): readonly WantedRule[] | ArgumentRefusal {
  if (!wanted.rules) return ruleOf(wanted) as readonly WantedRule[] | ArgumentRefusal
  const found: WantedRule[] = []
  for (const [index, each] of wanted.rules.entries()) {
    const read = readRule(each, wanted)
    if ('reason' in read) return { argument: 'rules', reason: `rule ${index + 1}: ${read.reason}` }
    found.push(...read)
  }
  return found
}

function readRule(each: ReadonlyMap<string, Value>, outer: Given): readonly WantedRule[] | ArgumentRefusal {
  const known: Record<string, Value> = { name: outer.name }
  const options: Map<string, Value> = new Map()
  for (const [name, value] of each)
    if (Object.hasOwn(ruleArgs.entries, name) && name !== 'rules' && value !== null) known[name] = value
    else options.set(name, value)
  const { table: itsTable, family: itsFamily, chain, save: itsSave } = outer
  const inherited = { table: itsTable, family: itsFamily, save: itsSave, ...(chain && { chain }), options }
  const read = v.safeParse(ruleArgs, { ...inherited, ...known })
  if (read.success) return ruleOf(read.output)
  const [issue] = read.issues
  return { argument: 'rules', reason: `${String(issue.path?.[0]?.key ?? 'it')}: ${issue.message}` }
}

function ruleOf(wanted: Given): readonly WantedRule[] | ArgumentRefusal {
  const { name, chain, position: at, save: saved } = wanted
  if (chain === undefined) return { argument: 'chain', reason: 'it is needed' }
  const parts: [string, Value][] = Object.entries(wanted).filter(
    ([key, value]) => !ownArguments.has(key) && value !== undefined,
  ) as [string, Value][]
  const others = [...(wanted.options ?? [])].map(([key, value]): [string, Value] => [String(key), value])
  const built = buildRule(new Map([...parts, ...others]) as RuleArguments)
  if ('reason' in built) return built
  return [
    {
      name,
      table: wanted.table,
      chain,
      family: wanted.family,
      save: saved,
      words: built.words,
      ...(at === undefined ? {} : { position: at }),
    },
  ]
}

export function refuseRules(wanted: Given): ArgumentRefusal | undefined {
  const rules = rulesOf(wanted)
  return 'reason' in rules ? rules : undefined
}

/** For functions that were refused already where this fails. */
export function checkedRules(wanted: Given): readonly WantedRule[] {
  const rules = rulesOf(wanted)
  return 'reason' in rules ? [] : rules
}
