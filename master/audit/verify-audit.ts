/** Reads the audit log again: whether each line continues the one before, and which entries somebody asks for. */
import { createReadStream } from 'node:fs'
import { TsaltError } from '../../shared/errors/error.ts'
import { type AuditEntry, firstLink, hashLine } from './audit-log.ts'

export interface Break {
  /** From 1. */
  readonly line: number
  readonly what: string
}

export interface AuditReport {
  readonly lines: number
  /** The first few. */
  readonly breaks: readonly Break[]
  /** Hash of the last line: kept elsewhere, it shows later whether the end was cut off. */
  readonly head: string
  /** undefined: it was not asked for. Whether a line of this hash is there. */
  readonly contains: boolean | undefined
}

export interface WrittenEntry extends AuditEntry {
  readonly time: string
}

const breaksTold = 20

/** @param head of an earlier report, or of the master that runs. @throws TsaltError `audit-unreadable` */
export async function verifyAudit(file: string, head?: string): Promise<AuditReport> {
  let previous = firstLink
  let lines = 0
  let contains = head === undefined ? undefined : head === firstLink
  const breaks: Break[] = []
  for await (const line of linesOf(file)) {
    lines += 1
    const claimed = claimOf(line)
    if (claimed !== previous && breaks.length < breaksTold)
      breaks.push({ line: lines, what: wordsOf(claimed, lines) })
    previous = hashLine(line)
    if (previous === head) contains = true
  }
  return { lines, breaks, head: previous, contains }
}

function wordsOf(claimed: string | undefined, line: number): string {
  if (claimed === undefined) return 'is no entry: it was cut short by a crash, or edited'
  return line === 1
    ? 'says that another line came before it: the beginning was cut off'
    : `does not continue line ${line - 1}: that one was edited, or lines between them were taken out or put in`
}

function claimOf(line: string): string | undefined {
  const entry = entryOf(line)
  return typeof entry?.previous === 'string' ? entry.previous : undefined
}

function entryOf(line: string): (WrittenEntry & { readonly previous?: unknown }) | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null ? (entry as WrittenEntry) : undefined
  } catch {
    return undefined
  }
}

/** The entries in their order; what is no entry is passed over. @throws TsaltError `audit-unreadable` */
export async function* auditEntries(file: string): AsyncGenerator<WrittenEntry> {
  for await (const line of linesOf(file)) {
    const entry = entryOf(line)
    if (entry === undefined) continue
    const { previous: _link, ...written } = entry
    yield written
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file, { encoding: 'utf8' })
  try {
    // Not readline's own endings: a lone \r or U+2028 belongs to a line.
    let rest = ''
    for await (const chunk of source) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    if (rest !== '') yield rest
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : String(error)
    throw new TsaltError('audit-unreadable', { file, reason }, { cause: error })
  } finally {
    source.destroy()
  }
}
