/** Lists of jobs: what each came to, counted, newest first, and only those that are asked for. */
import { decodeValue } from '../../shared/data/codec.ts'
import { type Dict, equalValues } from '../../shared/data/value.ts'
import type { JobId } from '../../shared/ids.ts'
import { functionsOf } from '../../shared/several-functions.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { JobState, JobSummary } from '../api/schemas.ts'
import type { JobRow, TargetTally } from '../store/jobs.ts'
import { shownArguments } from './account.ts'
import type { ServiceContext } from './service-context.ts'

export interface JobFilter {
  readonly limit: number
  /** Globs, of which one has to match; several by comma. */
  readonly fun?: string | undefined
  readonly operator?: string | undefined
  /** Over the ids of its minions, and over the target as it was typed. */
  readonly target?: string | undefined
  readonly state?: JobState | undefined
  /** Milliseconds since the epoch: submitted at or after this, and before that. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Only jobs that were submitted with all of these. */
  readonly metadata?: Dict | undefined
}

/** Rows read at once. */
const page = 200

/** Newest first. Minions are served between two of them: many large jobs take their time. */
export async function summaries(context: ServiceContext, filter: JobFilter): Promise<readonly JobSummary[]> {
  const found: JobSummary[] = []
  const fits = matching(filter)
  let before: JobId | undefined
  for (;;) {
    const rows = await context.store.jobs.list(page, before)
    for (const row of rows) {
      before = row.jid
      if (!fits(row) || !(await hasTarget(context, row, filter.target))) continue
      const summary = await summaryOf(context, row)
      if (filter.state === undefined || summary.states.includes(filter.state)) found.push(summary)
      if (found.length === filter.limit) return found
      await new Promise((resolve) => setImmediate(resolve))
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < page) return found
    // Ids follow the clock, but a client may have minted one an hour ahead.
    if (filter.since !== undefined && last.submitted < filter.since - 2 * 3_600_000) return found
  }
}

function matching({
  fun = '*',
  operator = '*',
  since,
  until,
  metadata,
}: JobFilter): (row: JobRow) => boolean {
  const [isFun, isOperator] = [anyOf(fun), anyOf(operator)]
  return (row) =>
    functionsOf(row.fun).some(isFun) &&
    isOperator(row.operator) &&
    (since === undefined || row.submitted >= since) &&
    (until === undefined || row.submitted < until) &&
    (metadata === undefined || hasMetadata(row, metadata))
}

const hasMetadata = ({ metadata = {} }: JobRow, wanted: Dict): boolean =>
  [...wanted].every(([key, value]) => {
    const given = Object.hasOwn(metadata, String(key)) ? metadata[String(key)] : undefined
    return given !== undefined && equalValues(decodeValue(given), value)
  })

function anyOf(globs: string): (text: string) => boolean {
  const compiled = globs.split(',').map((glob) => compileGlob(glob.trim()))
  return (text) => compiled.some((matches) => matches(text))
}

async function hasTarget(
  { store }: ServiceContext,
  { jid, target }: JobRow,
  wanted: string | undefined,
): Promise<boolean> {
  if (wanted === undefined || target.expression === wanted) return true
  const matches = anyOf(wanted)
  return (await store.jobs.targets(jid)).some(({ id }) => matches(id))
}

export async function summaryOf(context: ServiceContext, row: JobRow): Promise<JobSummary> {
  const { jid, fun, target, operator, submitted } = row
  const tally = await context.store.jobs.tally(jid)
  const counts = countsOf(tally)
  const live = context.live.find(jid)
  for (const { status } of live?.targets.values() ?? []) counts[status] = (counts[status] ?? 0) + 1
  const states = statesOf(counts)
  const open = states.includes('running') || states.includes('waiting')
  const ended = open || tally.length === 0 ? {} : { ended: Math.max(...tally.map(({ last }) => last)) }
  const targets = tally.reduce((sum, { count }) => sum + count, 0)
  return { jid, fun, ...shownArguments(row), target, operator, submitted, ...ended, states, targets, counts }
}

/** Of those that are not open: what they came to. */
function countsOf(tally: readonly TargetTally[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { state, outcome, ok, count } of tally) {
    if (state === 'pending' || state === 'delivered') continue
    const word = state === 'expired' ? 'expired' : wordOf(outcome, ok)
    counts[word] = (counts[word] ?? 0) + count
  }
  return counts
}

function wordOf(outcome: TargetTally['outcome'], ok: boolean): string {
  if (outcome === undefined || outcome === 'done' || outcome === 'refused')
    return ok && outcome !== 'refused' ? 'ok' : 'failed'
  return outcome
}

function statesOf(counts: Readonly<Record<string, number>>): JobState[] {
  const any = (...words: readonly string[]): boolean => words.some((word) => (counts[word] ?? 0) > 0)
  const states: JobState[] = []
  if (any('sent', 'delivered', 'queued', 'running')) states.push('running')
  if (any('waiting', 'held', 'lost')) states.push('waiting')
  if (any('failed', 'interrupted', 'timeout')) states.push('failed')
  if (any('cancelled')) states.push('cancelled')
  if (any('expired')) states.push('expired')
  return states.length === 0 ? ['ok'] : states
}
