/** Calls of iptables and ip6tables: what is in a table now, and how it is put back. */
import type { UndoStep } from '../../system/changer.ts'
import type { CommandResult, Reader } from '../../system/reader.ts'
import { type Decision, failed, type StateRun } from '../contract.ts'
import { requireProgram } from '../required-program.ts'
import { saidBy } from '../said-by.ts'
import type { Family } from './arguments.ts'

export const programOf = (family: Family): string => (family === 'ipv6' ? 'ip6tables' : 'iptables')

export const requireIptables = (family: Family, look: Reader, run: StateRun): Promise<Decision | undefined> =>
  requireProgram({ program: programOf(family), package: 'iptables' }, look, run)

/** `iptables --wait -t filter …`; it waits for others that hold the kernel's lock. */
export const command = (family: Family, table: string, ...words: readonly string[]): string[] => [
  programOf(family),
  '--wait',
  '-t',
  table,
  ...words,
]

export const shownRule = (words: readonly string[]): string =>
  words.map((word) => (/\s/.test(word) || word === '' ? `"${word}"` : word)).join(' ')

export interface TableNow {
  /** As iptables-save prints it, without times and counters. */
  readonly text: string
  /** Chain → its policy, `-` for one of the user's. */
  readonly policies: ReadonlyMap<string, string>
  /** Chain → `-A …` lines. */
  readonly rules: ReadonlyMap<string, readonly string[]>
}

/** @returns Failed where the table cannot be read */
export async function tableNow(
  { family, table }: { family: Family; table: string },
  look: Reader,
): Promise<TableNow | Decision> {
  const result = await look.commands.query([`${programOf(family)}-save`, '-t', table])
  if (result.code !== 0) return unreadable(table, result)
  return parseTable(result.stdout)
}

export const unreadable = (table: string, result: CommandResult): Decision =>
  failed(
    `The table ${table} cannot be read: ${saidBy(result)}`,
    'Is it a table of this kernel, and does the minion run as root?',
  )

export const isTable = (found: TableNow | Decision): found is TableNow => 'policies' in found

/** What iptables-save prints of one table, or of several. */
export function parseTable(printed: string): TableNow {
  const policies = new Map<string, string>()
  const rules = new Map<string, string[]>()
  const lines = printed.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of lines) {
    const [, chain = '', policy = ''] = /^:(\S+) (\S+)/.exec(line) ?? []
    if (chain !== '') policies.set(chain, policy)
    const [, of = ''] = /^-A (\S+)/.exec(line) ?? []
    if (of !== '') rules.set(of, [...(rules.get(of) ?? []), line])
  }
  const text = lines.map((line) => line.replace(/ \[\d+:\d+\]$/, '')).join('\n')
  return { text: `${text}\n`, policies, rules }
}

/** Puts a whole table back as it was. */
export const restoring = (
  { family, table }: { family: Family; table: string },
  before: TableNow,
): UndoStep => ({
  argv: [`${programOf(family)}-restore`, '--wait', '-T', table],
  stdin: before.text,
})
