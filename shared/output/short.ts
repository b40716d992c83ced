/**
 * The default form of state runs: what changed, would change, failed or can't be told, with diffs; hosts with the
 * same result together, failures last, and a summary.
 */
import type { Value } from '../data/value.ts'
import { errorLines } from './error-lines.ts'
import { nestedLines } from './nested.ts'
import type { Paint } from './paint.ts'
import {
  type Counts,
  countsLine,
  countsOf,
  durationNote,
  type Entry,
  type EntryOptions,
  entriesOf,
} from './short-entries.ts'
import { compileErrors, type StateResult, stateResults } from './state-results.ts'

export interface HostResult {
  readonly id: string
  readonly ret: Value
  readonly retcode: number
}

/** A target without a result, and why: the status line that ends it. */
export interface AbsentHost {
  readonly id: string
  /** `offline`, `lost`, …: counted by this word in the summary. */
  readonly status: string
  readonly text: string
}

export interface ShortOptions {
  readonly paint: Paint
  readonly unicode: boolean
  readonly dryRun: boolean
  readonly absent?: readonly AbsentHost[]
  /** Milliseconds from the command to the end; default the longest host. */
  readonly wall?: number
  /** Part of a result: without the summary of all. */
  readonly inside?: true
}

interface Card {
  readonly entries: readonly Entry[]
  /** Of what is no state run: the whole text. */
  readonly text: readonly string[]
  readonly counts: Counts | undefined
  readonly verdict: 'in order' | 'changed' | 'unknown' | 'failed'
  /** Counted by this word in the summary. */
  readonly word: string
}

/** What is kept of a host until all are there: its cards, not its result. Only at the end is it known which one counts. */
export interface ShortHost {
  readonly id: string
  /** A state said what it would do. */
  readonly predicts: boolean
  readonly real: Card
  readonly dry: Card
}

interface Group {
  readonly ids: string[]
  readonly cards: Card[]
}

const severity: Record<Card['verdict'], number> = { 'in order': 0, changed: 1, unknown: 2, failed: 3 }
const shownIds = 20

/** The texts must be harmless already. */
export function shortHost(host: HostResult, options: Pick<ShortOptions, 'paint' | 'unicode'>): ShortHost {
  const real = cardOf(host, { ...options, dryRun: false })
  const same = real.entries.length === 0 && real.verdict !== 'changed'
  const dry = same ? real : cardOf(host, { ...options, dryRun: true })
  const predicts = (stateResults(host.ret) ?? []).some((state) => state.result === null)
  return { id: host.id, predicts, real, dry }
}

export function shortLines(hosts: readonly ShortHost[], options: ShortOptions): string[] {
  const groups = groupsOf(hosts, options)
  const lines: string[] = []
  for (const group of groups) {
    const text = groupLines(group, options)
    // Air between what has more than a line.
    if (lines.length > 0 && text.length > 1) lines.push('')
    lines.push(...text)
  }
  const absent = options.absent ?? []
  if (lines.length > 0 && absent.length > 0) lines.push('')
  lines.push(...absentLines(absent, options.paint, options.unicode))
  if (hosts.length + absent.length > 1 && !options.inside)
    lines.push('', ...overallLines(groups, absent, options))
  return lines
}

/** Those of which the same is to be said are named together. */
export function absentLines(hosts: readonly AbsentHost[], paint: Paint, unicode: boolean): string[] {
  const groups = new Map<string, string[]>()
  for (const { id, text } of hosts) {
    const ids = groups.get(text)
    if (ids) ids.push(id)
    else groups.set(text, [id])
  }
  return [...groups].flatMap(([text, ids]) => [
    paint('lightYellow', `${namesText(ids, unicode, 'minions')}:`),
    ...text.split('\n').map((line) => `    ${paint('lightYellow', line)}`),
  ])
}

function groupsOf(hosts: readonly ShortHost[], options: ShortOptions): Group[] {
  const groups = new Map<string, Group>()
  for (const host of hosts) {
    const card = options.dryRun ? host.dry : host.real
    const { duration: _, ...counts } = card.counts ?? { duration: 0 }
    const key = JSON.stringify([card.text, counts, card.entries.map(({ head, body }) => [head, body])])
    const group = groups.get(key) ?? { ids: [], cards: [] }
    group.ids.push(host.id)
    group.cards.push(card)
    groups.set(key, group)
  }
  const weight = (group: Group): number => severity[group.cards[0]?.verdict ?? 'in order']
  return [...groups.values()].sort((a, b) => weight(a) - weight(b))
}

function cardOf(host: HostResult, options: ShortOptions): Card {
  const errors = compileErrors(host.ret)
  if (errors) {
    const text = compileText(errors, options.paint)
    return { entries: [], text, counts: undefined, verdict: 'failed', word: 'did not compile' }
  }
  const results: StateResult[] | undefined = stateResults(host.ret)
  if (!results) {
    const text = nestedLines(host.ret, { paint: options.paint, indent: 4, retcode: host.retcode })
    const failed = host.retcode !== 0
    return {
      entries: [],
      text,
      counts: undefined,
      verdict: failed ? 'failed' : 'in order',
      word: failed ? 'failed' : 'returned',
    }
  }
  const counts = countsOf(results)
  const verdict =
    counts.failed > 0
      ? 'failed'
      : counts.unknown > 0
        ? 'unknown'
        : counts.changed > 0
          ? 'changed'
          : 'in order'
  const word = verdict === 'changed' && options.dryRun ? 'would change' : verdict
  return { entries: entriesOf(results, entryOptions(options)), text: [], counts, verdict, word }
}

/** What ran on minions for a state of an orchestration is shown as if it had been asked for by itself. */
function entryOptions(options: ShortOptions): EntryOptions {
  const { absent: _, ...rest } = options
  const failed = (ret: Value): boolean => stateResults(ret)?.some(({ result }) => result === false) ?? true
  return {
    ...options,
    runLines: (runs) =>
      shortLines(
        runs.map(([id, ret]) => shortHost({ id, ret, retcode: failed(ret) ? 1 : 0 }, rest)),
        { ...rest, inside: true },
      ),
  }
}

function compileText(errors: readonly string[], paint: Paint): string[] {
  const heading = `  ${paint('lightRed', 'Data failed to compile; nothing was changed:')}`
  return [
    heading,
    ...errors.flatMap((error) => errorLines(error, paint).map((line) => `    ${line}`.trimEnd())),
  ]
}

function groupLines(group: Group, options: ShortOptions): string[] {
  const { paint } = options
  const [card] = group.cards
  if (!card) return []
  const color = card.verdict === 'failed' ? 'lightRed' : card.verdict === 'in order' ? 'green' : 'cyan'
  const head = paint(color, `${namesText(group.ids, options.unicode, 'minions, identical')}:`)
  if (!card.counts) return [head, ...card.text]
  const longest = Math.max(...group.cards.map((each) => each.counts?.duration ?? 0))
  const summary = countsLine(card.counts, longest, options)
  if (card.entries.length === 0) return [`${head} ${summary}`]
  const lines = card.entries.flatMap((entry, index) => {
    const slowest = Math.max(...group.cards.map((each) => each.entries[index]?.duration ?? 0))
    const note = durationNote(slowest, group.ids.length > 1, options)
    return [`  ${entry.head}${note}`, ...entry.body.map((line) => (line === '' ? '' : `      ${line}`))]
  })
  return [head, ...lines, `  ${summary}`]
}

function namesText(ids: readonly string[], unicode: boolean, what: string): string {
  if (ids.length === 1) return ids[0] ?? ''
  const dots = unicode ? '…' : '...'
  const names =
    ids.length <= shownIds
      ? ids.join(', ')
      : `${ids.slice(0, shownIds / 2).join(', ')}, ${dots} and ${ids.length - shownIds / 2} more`
  return `${names} (${ids.length} ${what})`
}

function overallLines(
  groups: readonly Group[],
  absent: readonly AbsentHost[],
  options: ShortOptions,
): string[] {
  const cards = groups.flatMap((group) => group.cards)
  const words = new Map<string, number>()
  const count = (word: string): void => void words.set(word, (words.get(word) ?? 0) + 1)
  // What was ended before it was done may have returned something besides: it counts once.
  const ended = new Set(absent.map(({ id }) => id))
  const others = groups.flatMap(({ ids, cards: all }) => all.filter((_, at) => !ended.has(ids[at] ?? '')))
  for (const card of others) count(card.word)
  for (const host of absent) count(host.status)
  const total = others.length + absent.length
  const parts = [...words].map(([word, number]) => `${number} ${word}`)
  const sum = (pick: (counts: Counts) => number): number =>
    cards.reduce((all, card) => all + (card.counts ? pick(card.counts) : 0), 0)
  const counts: Counts = {
    succeeded: sum((each) => each.succeeded),
    changed: sum((each) => each.changed),
    failed: sum((each) => each.failed),
    unknown: sum((each) => each.unknown),
    duration: Math.max(0, ...cards.map((card) => card.counts?.duration ?? 0)),
  }
  const dry = options.dryRun ? 'Dry run of' : 'Summary of'
  const line = options.paint('bold', `${dry} ${total} minions: ${parts.join(', ')}`)
  if (!cards.some((card) => card.counts)) return [line]
  return [line, countsLine(counts, options.wall ?? counts.duration, options)]
}
