/** What firewall-cmd --list-all prints of a zone, and what has to be added and removed. */
import type { Step } from '../steps.ts'
import { switched, wordsOf } from './program.ts'

/** Salt's name in the changes → the line of --list-all, and the option of firewall-cmd. */
export const lists = {
  icmp_types: { line: 'icmp-blocks', option: 'icmp-block' },
  ports: { line: 'ports', option: 'port' },
  port_fwd: { line: 'forward-ports', option: 'forward-port' },
  services: { line: 'services', option: 'service' },
  interfaces: { line: 'interfaces', option: 'interface' },
  sources: { line: 'sources', option: 'source' },
  rich_rules: { line: 'rich rules', option: 'rich-rule' },
} as const
export type ListName = keyof typeof lists

export interface Zone {
  readonly masquerade: boolean
  readonly lists: ReadonlyMap<ListName, readonly string[]>
}

export function parseZone(printed: string): Zone {
  const found = new Map<ListName, readonly string[]>()
  for (const [name, { line }] of Object.entries(lists)) {
    const [, first = '', more = ''] =
      new RegExp(`^ {2}${line}:[ \\t]*(.*)((?:\\n\\t.*)*)`, 'm').exec(printed) ?? []
    const own = line === 'rich rules' || line === 'forward-ports' ? [] : wordsOf(first)
    const below = more
      .split('\n')
      .map((text) => text.trim())
      .filter((text) => text !== '')
    found.set(name as ListName, [...own, ...below])
  }
  return { masquerade: /^ {2}masquerade: yes/m.test(printed), lists: found }
}

/** `22:2222:tcp:10.0.0.1` as firewall-cmd has it; undefined: it is not one. */
export function forwardOf(text: string): string | undefined {
  const [, from, to, protocol, address = ''] =
    /^(\d+(?:-\d+)?):(\d*(?:-\d+)?):(tcp|udp|sctp|dccp)(?::(\S*))?$/.exec(text) ?? []
  return from === undefined ? undefined : `port=${from}:proto=${protocol}:toport=${to}:toaddr=${address}`
}

export interface ListChange {
  readonly old: readonly string[]
  readonly new: readonly string[]
  readonly steps: readonly Step[]
}

/** @returns undefined where nothing is to change */
export function listChange(
  name: ListName,
  now: readonly string[],
  wanted: readonly string[],
  prune: boolean,
  zone: string,
): ListChange | undefined {
  const added = wanted.filter((one) => !now.includes(one))
  const removed = prune ? now.filter((one) => !wanted.includes(one)) : []
  if (added.length === 0 && removed.length === 0) return undefined
  const { option } = lists[name]
  const step = (way: 'add' | 'remove') => (value: string) => switched(way, option, value, `--zone=${zone}`)
  return {
    old: now,
    new: prune ? [...wanted] : [...now, ...added],
    steps: [...added.map(step('add')), ...removed.map(step('remove'))],
  }
}
