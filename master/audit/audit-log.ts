/** The audit log: append-only JSON lines, each with the SHA-256 of the line before, so that a cut or an edit shows. */
import { createHash } from 'node:crypto'
import { closeSync, fchmodSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { makePrivateFolder } from '../private-folder.ts'
import { RefusalBudget } from './refusal-budget.ts'
import { type RefusalCount, RefusalTally } from './refusal-tally.ts'

export interface AuditEntry {
  /** Who: `operator:root`, `minion:web1`, `address:10.0.0.7` for a peer that is nobody yet, `master`. */
  readonly actor: string
  /** Of the certificate that acted or was acted upon. */
  readonly serial?: string
  /** What: `key.accept`, `token.make`, `connection`, a message kind. */
  readonly kind: string
  readonly verdict: 'allowed' | 'refused'
  /** A sentence or an error code. Never a secret. */
  readonly reason?: string
  /** What it was about: a minion's id, a fingerprint, a glob. */
  readonly subject?: string
}

export interface Audit {
  /** Written before the call returns. @throws Error where the disk refuses: a privileged act must not go unrecorded. */
  record(entry: AuditEntry): void
  /** Refusals since the start, also those that were only counted. */
  refusals(): readonly RefusalCount[]
  close(): void
}

/**
 * Records the refusal of a peer. Refusing costs nobody anything, so where the disk is full it happens unrecorded,
 * and the log says so; whoever *allows* something calls `record` and fails with it.
 */
export function recordRefusal(audit: Audit, logger: Logger, entry: Omit<AuditEntry, 'verdict'>): void {
  try {
    audit.record({ ...entry, verdict: 'refused' })
  } catch (error) {
    logger.error({ err: error, ...entry }, 'a refusal could not be written to the audit log')
  }
}

export const firstLink = '0'.repeat(64)
/** Longest line looked for when the chain is taken up again. */
const tailBytes = 65_536

/** Opens the log for appending (0600), takes up its chain. */
export function openAuditLog(file: string, clock: Clock): Audit {
  makePrivateFolder(dirname(file))
  const fd = openSync(file, 'a+', 0o600)
  fchmodSync(fd, 0o600)
  let previous = takeUpChain(fd)
  const budget = new RefusalBudget(clock)
  const tally = new RefusalTally()
  const write = (entry: AuditEntry): void => {
    const line = JSON.stringify({ time: new Date(clock.now()).toISOString(), ...entry, previous })
    writeSync(fd, `${line}\n`)
    previous = hashLine(line)
  }
  const summarise = (ended = false): void => {
    for (const [actor, count] of budget.turn(ended)) {
      const reason = `${count} more refusals were not written down one by one`
      write({ actor, kind: 'refusals', verdict: 'refused', reason })
    }
  }
  return {
    record(entry) {
      summarise()
      if (entry.verdict === 'refused') tally.note(entry, clock.now())
      const isCheap =
        entry.verdict === 'refused' && !/^(?:master$|operator:(?:root|local)$)/.test(entry.actor)
      if (!isCheap || budget.allows(entry.actor)) write(entry)
    },
    refusals: () => tally.counts(),
    close() {
      try {
        summarise(true)
      } finally {
        closeSync(fd)
      }
    },
  }
}

/** The hash of the last line. A line that a crash cut short is ended first, and stays as the evidence it is. */
function takeUpChain(fd: number): string {
  const { size } = fstatSync(fd)
  if (size === 0) return firstLink
  const buffer = Buffer.alloc(Math.min(size, tailBytes))
  readSync(fd, buffer, 0, buffer.length, size - buffer.length)
  let text = buffer.toString('utf8')
  if (!text.endsWith('\n')) {
    writeSync(fd, '\n')
    text += '\n'
  }
  const lines = text.slice(0, -1).split('\n')
  return hashLine(lines[lines.length - 1] ?? '')
}

export function hashLine(line: string): string {
  return createHash('sha256').update(line).digest('hex')
}

/** @returns the number (from 1) of the first line that does not continue the chain, or undefined where all do. */
export function brokenLink(text: string): number | undefined {
  let previous = firstLink
  const lines = text.split('\n')
  if (lines[lines.length - 1] === '') lines.pop()
  for (const [index, line] of lines.entries()) {
    if (claimedPrevious(line) !== previous) return index + 1
    previous = hashLine(line)
  }
  return undefined
}

function claimedPrevious(line: string): unknown {
  try {
    return (JSON.parse(line) as { previous?: unknown }).previous
  } catch {
    // A line cut short by a crash is no JSON; it breaks the chain exactly here, which is what is reported.
    return undefined
  }
}
