/** What nft 1.0.6 printed of rules that it was given is found again; hostile values are refused by name. */
import { expect, test } from 'vitest'
import { buildStatement, canonical } from '../../../../../minion/states/nftables/statement.ts'
import { type Plain, toValue } from '../../../../../shared/data/value.ts'

const recorded: readonly (readonly [Record<string, Plain>, string])[] = [
  [
    { proto: 'tcp', dport: 80, jump: 'accept', match: 'state', connstate: 'new' },
    'ct state new tcp dport 80 accept',
  ],
  [
    { proto: 'TCP', dports: '443,80,8000:8010', jump: 'ACCEPT', connstate: 'NEW,ESTABLISHED,RELATED' },
    'ct state { established, related, new } tcp dport { 80, 443, 8000-8010 } accept',
  ],
  [
    { if: 'eth0', of: 'tun+', source: '10.0.0.0/8', destination: ['10.0.0.1/32', '10.1.0.2'], jump: 'd' },
    'iifname "eth0" oifname "tun*" ip saddr 10.0.0.0/8 ip daddr { 10.0.0.1, 10.1.0.2 } jump d',
  ],
  [{ source: '! 10.0.0.0/8', jump: 'drop' }, 'ip saddr != 10.0.0.0/8 drop'],
  [
    { source: 'FD00::1/128', proto: 'udp', sport: '53', jump: 'return' },
    'ip6 saddr fd00::1 udp sport 53 return',
  ],
  [
    { proto: 'icmp', 'icmp-type': 'echo-request', jump: 'accept' },
    'icmp type echo-request meta l4proto icmp accept',
  ],
  [
    { proto: 'icmpv6', 'icmpv6-type': ['nd-neighbor-solicit', 'echo-request'], jump: 'accept' },
    'icmpv6 type { echo-request, nd-neighbor-solicit } meta l4proto ipv6-icmp accept',
  ],
  [{ proto: 'icmpv6', jump: 'accept' }, 'meta l4proto ipv6-icmp accept'],
  [{ proto: 'tcp', jump: 'reject', 'reject-with': 'tcp-reset' }, 'meta l4proto tcp reject with tcp reset'],
  [{ proto: 'esp', jump: 'accept' }, 'meta l4proto esp accept'],
  [{ jump: 'reject', comment: 'no { more }, 10/8 please' }, 'reject comment "no { more }, 10/8 please"'],
  [
    { limit: '5/minute', 'log-prefix': 'drop: ', jump: 'drop', counter: true },
    'limit rate 5/minute counter log prefix "drop: " drop',
  ],
  [{ proto: 'tcp', dport: '1024:65535', jump: 'goto d' }, 'tcp dport 1024-65535 goto d'],
  [{ if: 'lo', jump: 'accept' }, 'iifname "lo" accept'],
  [
    { if: ['a0', 'b0'], jump: 'reject', 'reject-with': 'icmpx admin-prohibited' },
    'iifname { "a0", "b0" } reject with icmpx admin-prohibited',
  ],
  [
    { proto: 'tcp', dport: 80, jump: 'dnat', 'to-destination': '10.0.0.2:8080' },
    'tcp dport 80 dnat to 10.0.0.2:8080',
  ],
  [{ proto: 'tcp', dport: 81, jump: 'redirect', 'to-ports': 8081 }, 'tcp dport 81 redirect to :8081'],
  [{ of: 'eth0', jump: 'masquerade' }, 'oifname "eth0" masquerade'],
  [{ source: '10.0.0.0/8', jump: 'snat', 'to-source': '1.2.3.4' }, 'ip saddr 10.0.0.0/8 snat to 1.2.3.4'],
]

const build = (given: Record<string, Plain>) =>
  buildStatement(new Map(Object.entries(given).map(([key, value]) => [key, toValue(value)])))

test.each(recorded)('%j is found as %s', (given, printed) => {
  const built = build(given)
  expect(built).toHaveProperty('text')
  if ('text' in built) expect(canonical(printed)).toBe(canonical(built.text))
})

test.each([
  [{ jump: 'accept; flush ruleset' }, 'jump'],
  [{ source: '10.0.0.1 } accept', jump: 'drop' }, 'source'],
  [{ proto: 'tcp', dport: '80 }; add table x', jump: 'drop' }, 'dport'],
  [{ comment: 'a" accept', jump: 'drop' }, 'comment'],
  [{ comment: 'a\nflush ruleset', jump: 'drop' }, 'comment'],
  [{ if: '"; drop', jump: 'drop' }, 'if'],
  [{ dport: 80, jump: 'accept' }, 'proto'],
  [{ jump: 'dnat' }, 'jump'],
  [{ 'uid-owner': 1, jump: 'accept' }, 'uid-owner'],
  [{ source: true, jump: 'accept' }, 'source'],
])('%j is refused', (given, argument) => {
  expect(build(given as Record<string, Plain>)).toMatchObject({ argument })
})
