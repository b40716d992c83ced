/** Arguments that the functions of nftables share. */
import * as v from 'valibot'
import type { Value } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything, mapping } from '../../../shared/schema/collections.ts'
import { readPath } from '../../../shared/schema/paths.ts'
import { nonEmptyText, readFlag, readText, whole } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { ArgumentRefusal } from '../contract.ts'
import { buildStatement } from './statement.ts'

/** As nft names it: `ip`. */
export interface Place {
  readonly family: string
  readonly table: string
}

const families: Readonly<Record<string, string>> = {
  ipv4: 'ip',
  ip4: 'ip',
  ip: 'ip',
  ipv6: 'ip6',
  ip6: 'ip6',
  inet: 'inet',
  arp: 'arp',
  bridge: 'bridge',
  netdev: 'netdev',
}
const familyShape = shaped<string>({
  words: Object.keys(families)
    .map((name) => `\`${name}\``)
    .join(', '),
  json: { enum: Object.keys(families) },
  read(value) {
    const known = families[readText(value) ?? '']
    return (
      known ??
      new Mismatch(`one of ${Object.keys(families).join(', ')} is expected, not ${describeValue(value)}`)
    )
  },
})
export const identifier = shaped<string>({
  words: 'name',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[A-Za-z_][\w.-]{0,63}$/.test(read)
      ? read
      : new Mismatch(`a name such as filter is expected, not ${describeValue(value)}`)
  },
})
const saving = shaped<boolean | string>({
  words: 'True, False or absolute path',
  json: { type: ['boolean', 'string'] },
  read: (value) => readFlag(value) ?? readPath(value),
})

export const family = defaulted(familyShape, 'ipv4', 'The family of addresses.')
export const table = defaulted(identifier, 'filter', 'The table.')
export const save = defaulted(
  saving,
  false,
  'True: also write all rules to `/etc/nftables/salt-all-in-one.nft`; or to that file.',
)

const ruleParts: readonly (readonly [string, string])[] = [
  ['jump', '`accept`, `drop`, `reject`, … , or a chain.'],
  ['target', 'The same.'],
  ['proto', 'The protocol: `tcp`.'],
  ['protocol', 'The same.'],
  ['match', 'Accepted for trees of Salt; the other arguments say what matches.'],
  ['connstate', 'States of a connection: `new,established`.'],
  ['ctstate', 'The same.'],
  ['source', 'Address or network, or several; "! 10.0.0.0/8" is any other.'],
  ['destination', 'Address or network, or several.'],
  ['dport', 'Port, or `1024:65535`.'],
  ['sport', 'Port where it comes from.'],
  ['dports', 'Several ports.'],
  ['sports', 'Several ports where it comes from.'],
  ['if', 'Interface where it comes in.'],
  ['of', 'Interface where it goes out.'],
  ['icmp-type', 'Kinds of ICMP by name: `echo-request`.'],
  ['icmpv6-type', 'Kinds of ICMPv6 by name.'],
  ['limit', 'Rate: `5/minute`.'],
  ['counter', 'True: packets are counted.'],
  ['comment', 'A text that is kept with the rule.'],
  ['log', 'True: it is logged.'],
  ['log-prefix', 'Begins each line in the log.'],
  ['reject-with', 'What a rejection answers: `tcp reset`, `icmp host-unreachable`.'],
  ['to-destination', 'Of `dnat`: where it is sent to.'],
  ['to-source', 'Of `snat`: where it comes from afterwards.'],
  ['to-port', 'Of `redirect`: the port.'],
  ['to-ports', 'The same.'],
]
const partEntries = Object.fromEntries(
  ruleParts.map(([name, words]) => [name, optional(anything, words)]),
) as Record<string, ReturnType<typeof optional<Value>>>

export const ruleArgs = v.strictObject({
  name: needed(nonEmptyText, 'A name for the rule in the tree; not a part of it.'),
  table,
  chain: needed(identifier, 'The chain: `input`.'),
  family,
  position: optional(whole, 'Of `insert`: the place in the chain that the rule gets; default 1, the first.'),
  save,
  parts: optional(mapping, 'Accepted; a part that is not known is refused by name.'),
  ...partEntries,
})
export type RuleArguments = v.InferOutput<typeof ruleArgs>

const own = new Set(['name', 'table', 'chain', 'family', 'position', 'save', 'parts'])

export function statementOf(wanted: RuleArguments): string | ArgumentRefusal {
  const parts = Object.entries(wanted).filter(([key, value]) => !own.has(key) && value !== undefined) as [
    string,
    Value,
  ][]
  const others = [...(wanted.parts ?? [])].map(([key, value]): [string, Value] => [String(key), value])
  const built = buildStatement(new Map([...parts, ...others]))
  return 'text' in built ? built.text : built
}
