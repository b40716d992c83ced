/** The processes that a command has become: its group, and what it started that has left the group since. */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** The program's own name, at most 15 bytes of it. */
  readonly name: string
  /** Ticks since the machine started: with the pid it names one process for ever. */
  readonly begun: string
}

/** Those that live; zombies do not. Empty where there is no /proc. */
export function livingProcesses(): ProcessEntry[] {
  let names: string[]
  try {
    names = readdirSync('/proc')
  } catch {
    // Not Linux, or a container without it: the group has to be enough.
    return []
  }
  return names.flatMap((name) => (/^\d+$/.test(name) ? (readEntry(name) ?? []) : []))
}

function readEntry(pid: string): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The program's name stands in parentheses and may hold anything, so what counts begins after the last one.
    const end = stat.lastIndexOf(')')
    const name = stat.slice(stat.indexOf('(') + 1, end).replace(/[^\x20-\x7e]/g, '?')
    const fields = stat.slice(end + 2).split(' ')
    const [state, parent, group] = fields
    if (state === 'Z' || state === 'X') return undefined
    return { pid: Number(pid), parent: Number(parent), group: Number(group), name, begun: fields[19] ?? '' }
  } catch {
    // It ended while the list was read.
    return undefined
  }
}

/**
 * Those of `living` that are of this group, descend from one that is, or were `known` to.
 * @param known of an earlier look: a process whose parent has ended since has lost the way to it
 */
export function membersOf(
  group: number,
  living: readonly ProcessEntry[],
  known: readonly ProcessEntry[] = [],
): ProcessEntry[] {
  const before = new Set(known.map(identity))
  const members = new Map<number, ProcessEntry>()
  for (const entry of living)
    if (entry.group === group || before.has(identity(entry))) members.set(entry.pid, entry)
  for (let found = members.size > 0; found; ) {
    found = false
    for (const entry of living) {
      if (members.has(entry.pid) || !members.has(entry.parent)) continue
      members.set(entry.pid, entry)
      found = true
    }
  }
  return [...members.values()]
}

const identity = ({ pid, begun }: ProcessEntry): string => `${pid} ${begun}`
