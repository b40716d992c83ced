/** Which entries of the audit log somebody asks for. */
import { compileGlob } from '../../shared/targeting/glob.ts'
import { auditEntries, type WrittenEntry } from './verify-audit.ts'

export interface WantedEntries {
  /** Globs. */
  readonly actor?: string | undefined
  readonly kind?: string | undefined
  readonly subject?: string | undefined
  readonly verdict?: 'allowed' | 'refused' | undefined
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
}

/** The last `count` of those that fit, the oldest of them first. @throws TsaltError `audit-unreadable`, of a glob */
export async function lastEntries(
  file: string,
  wanted: WantedEntries,
  count: number,
): Promise<readonly WrittenEntry[]> {
  const fits = filterOf(wanted)
  const found: WrittenEntry[] = []
  for await (const entry of auditEntries(file)) {
    if (!fits(entry)) continue
    found.push(entry)
    if (found.length > count) found.shift()
  }
  return found
}

function filterOf({ actor, kind, subject, verdict, since }: WantedEntries): (entry: WrittenEntry) => boolean {
  const globs = [
    [actor, (entry: WrittenEntry) => entry.actor],
    [kind, (entry: WrittenEntry) => entry.kind],
    [subject, (entry: WrittenEntry) => entry.subject ?? ''],
  ] as const
  const tests = globs.flatMap(([glob, of]) => {
    if (glob === undefined) return []
    const matches = compileGlob(glob)
    return [(entry: WrittenEntry) => matches(String(of(entry)))]
  })
  const from = since ?? Number.NEGATIVE_INFINITY
  return (entry) =>
    tests.every((test) => test(entry)) &&
    (verdict === undefined || entry.verdict === verdict) &&
    Date.parse(entry.time) >= from
}
