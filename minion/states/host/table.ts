/** Lines of /etc/hosts: an address and its names; comments and blank lines stay where they are. */
import { linesOf, textOf } from '../text-file.ts'

export interface HostLine {
  readonly ip: string
  readonly names: readonly string[]
  /** From `#` on. */
  readonly comment: string
}

/** A line that is no entry is kept as text. */
export type HostsTable = readonly (HostLine | string)[]

export function parseHosts(text: string): HostsTable {
  return linesOf(text).map((line) => {
    const [entry = '', ...comment] = line.split('#')
    const [ip, ...names] = entry.trim().split(/\s+/)
    if (ip === undefined || ip === '' || names.length === 0) return line
    return { ip, names, comment: comment.length > 0 ? `#${comment.join('#')}` : '' }
  })
}

/** @param before lines that did not change stay as they were written, blanks and all */
export function writeHosts(table: HostsTable, before: ReadonlyMap<HostLine, string>): string {
  return textOf(
    table.map((line) => {
      if (typeof line === 'string') return line
      const kept = before.get(line)
      return kept ?? `${line.ip}\t\t${line.names.join(' ')}${line.comment === '' ? '' : `\t${line.comment}`}`
    }),
  )
}

/** How each line was written. */
export function writtenLines(text: string, table: HostsTable): Map<HostLine, string> {
  const lines = linesOf(text)
  const written = new Map<HostLine, string>()
  for (const [index, line] of table.entries())
    if (typeof line !== 'string') written.set(line, lines[index] ?? '')
  return written
}
