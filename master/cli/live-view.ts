/** The live view on a terminal: what is under way host by host, what failed, and the counts, redrawn in place. */

import { durationWords } from '../../shared/output/durations.ts'
import type { Color, Paint } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import { endingOf, isFinal, type JobLedger, type TargetEntry } from './job-ledger.ts'
import { countParts, queueWords, secondsWords } from './job-words.ts'
import { columnsOf, fitColumns } from './text-width.ts'

export interface LiveOptions {
  readonly columns: number
  readonly rows: number
  readonly unicode: boolean
  readonly paint: Paint
}

/** @param now and `started` monotonic milliseconds. @returns lines that fit, without escape codes beside colours */
export function liveLines(ledger: JobLedger, started: number, now: number, options: LiveOptions): string[] {
  const entries = ledger.targets()
  const failed = entries.filter(({ account }) => isFinal(account) && isBad(endingOf(account)))
  const foot = [
    ...(failed.length === 0 ? [] : [failedLine(failed, options)]),
    countsLine(entries, ledger.rollout?.gatesAsked ?? 0, options),
    timeLine(ledger, now - started, options),
  ]
  const underWay = entries.filter(({ account }) => !isFinal(account) && !notBegun.has(account.status))
  // One row stays free, so that the terminal never scrolls.
  const room = Math.max(0, options.rows - 1 - foot.length)
  return [...hostLines(underWay, now - ledger.stood, room, options), ...foot].slice(
    -Math.max(1, options.rows - 1),
  )
}

const notBegun: ReadonlySet<string> = new Set(['waiting', 'held'])
const isBad = (ending: string): boolean =>
  ending === 'failed' || ending === 'interrupted' || ending === 'timeout'

/** All of them in their order; where they do not fit, those that take longest. */
function hostLines(
  underWay: readonly TargetEntry[],
  now: number,
  room: number,
  options: LiveOptions,
): string[] {
  const { paint, columns, unicode } = options
  const fits = underWay.length <= room
  const shown = fits
    ? underWay
    : [...underWay]
        .sort((a, b) => wholeSeconds(b, now) - wholeSeconds(a, now))
        .slice(0, Math.max(0, room - 1))
  const width = Math.min(30, Math.max(0, ...shown.map(({ account }) => account.id.length)))
  const lines = shown.map((entry) => fitLine(hostLine(entry, now, width), options))
  if (fits || room === 0) return lines
  const rest = `${unicode ? '…' : '...'} and ${underWay.length - shown.length} more under way, the slowest are shown`
  return [...lines, paint('dim', fitColumns(rest, columns - 1, unicode))]
}

function failedLine(failed: readonly TargetEntry[], { columns, unicode, paint }: LiveOptions): string {
  const ids = failed.map(({ account }) => account.id)
  const head = `failed: `
  let kept = 0
  let text = head
  for (const id of ids) {
    const more = ids.length - kept - 1
    const next = `${text}${kept === 0 ? '' : ', '}${id}`
    const tail = more > 0 ? ` and ${more} more` : ''
    if (kept > 0 && columnsOf(next + tail) > columns - 1) break
    text = next
    kept += 1
  }
  if (kept < ids.length) text += ` and ${ids.length - kept} more`
  return paint('lightRed', fitColumns(text, columns - 1, unicode))
}

const colors: Readonly<Record<string, Color>> = {
  ok: 'green',
  running: 'cyan',
  failed: 'lightRed',
  interrupted: 'lightRed',
  timeout: 'lightRed',
  lost: 'lightYellow',
  waiting: 'lightYellow',
  expired: 'lightYellow',
  cancelled: 'lightYellow',
}

/** `[████░░░░] 312 of 500: 310 ok, 150 running, 2 failed` */
function countsLine(entries: readonly TargetEntry[], gates: number, options: LiveOptions): string {
  const { columns, unicode, paint } = options
  const counts: Record<string, number> = {}
  for (const { account } of entries) {
    const word = isFinal(account) ? endingOf(account) : account.status
    counts[word] = (counts[word] ?? 0) + 1
  }
  const done = entries.filter(({ account }) => isFinal(account)).length
  const head = `${done} of ${entries.length} returned: `
  // Behind its return a minion still has its gate before it, and the next wait for that.
  const parts = [
    ...countParts(counts),
    ...(gates === 0 ? [] : [{ word: 'gate', text: `${gates} ${gates === 1 ? 'gate' : 'gates'} asked` }]),
  ]
  const plain = parts.map(({ text }) => text).join(', ')
  const bar = barOf(done, entries.length, Math.min(20, columns - 4 - columnsOf(head + plain)), unicode)
  if (columnsOf(bar + head + plain) > columns - 1) return fitColumns(head + plain, columns - 1, unicode)
  const painted = parts.map(({ word, text }) => {
    const color = colors[word]
    return color === undefined ? text : paint(color, text)
  })
  return bar + head + painted.join(', ')
}

/** Nothing where it would be too narrow to say anything. */
function barOf(done: number, all: number, width: number, unicode: boolean): string {
  if (width < 5 || all < 2) return ''
  const full = Math.floor((done / all) * width)
  const [on, off] = unicode ? ['█', '░'] : ['#', '.']
  return `[${on.repeat(full)}${off.repeat(width - full)}] `
}

function timeLine(
  { job, rollout }: JobLedger,
  elapsed: number,
  { columns, unicode, paint }: LiveOptions,
): string {
  // The last runs tell of one minion each, and not of how many have their turn one after the other.
  const left = rollout === undefined ? leftWords(job?.expected, elapsed) : ''
  const text = `${durationWords(elapsed)}${left}. Ctrl-C: leave or cancel the job.`
  return paint('dim', fitColumns(text, columns - 1, unicode))
}

function leftWords(expected: { readonly longest: number } | undefined, elapsed: number): string {
  // What takes a moment needs no estimate.
  if (expected === undefined || expected.longest < 3_000) return ''
  if (elapsed <= expected.longest) return `, about ${secondsWords(expected.longest - elapsed)} left`
  return `, longer than the last runs (${secondsWords(expected.longest)})`
}

/** Coarse, so that lines do not change their places with every frame. */
const wholeSeconds = (entry: TargetEntry, now: number): number => Math.floor(elapsedOf(entry, now) / 1000)

const elapsedOf = ({ account, heard }: TargetEntry, now: number): number =>
  account.progress === undefined ? 0 : account.progress.elapsed + Math.max(0, now - heard)

/** Its parts; only the middle is cut, so that the seconds stay on the screen. */
function hostLine(entry: TargetEntry, now: number, width: number): [string, string, string] {
  const { account } = entry
  const id = account.id.padEnd(width)
  const { progress, status } = account
  if (status === 'lost') return [`${id}  `, 'connection lost, waiting for it to come back', '']
  if (!progress) return [`${id}  `, status === 'sent' || status === 'delivered' ? status : 'running', '']
  const elapsed = `  ${wholeSeconds(entry, now)} s`
  if (progress.phase === 'queued')
    return [`${id}  `, progress.queue ? queueWords(progress.queue) : 'queued', elapsed]
  if (!progress.step) return [`${id}  `, progress.phase, elapsed]
  const { index, total, fun, id: state } = progress.step
  const place = `[${String(index).padStart(String(total).length)}/${total}]`
  return [`${id}  ${place} `, harmlessLine(`${fun} ${state}`.trimEnd()), elapsed]
}

function fitLine([head, middle, tail]: [string, string, string], { columns, unicode }: LiveOptions): string {
  const room = columns - 1 - columnsOf(head) - tail.length
  if (room < 8) return fitColumns(head + middle + tail, columns - 1, unicode)
  return head + fitColumns(middle, room, unicode) + tail
}
