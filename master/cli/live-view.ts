/** The live view on a terminal: one line for each host that is under way, redrawn in place. */
import { durationWords } from '../../shared/output/durations.ts'
import type { Paint } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { Console } from './console.ts'
import { isFinal, type JobLedger, type TargetEntry } from './job-ledger.ts'
import { fitColumns } from './text-width.ts'

export interface LiveOptions {
  readonly columns: number
  readonly rows: number
  readonly unicode: boolean
  readonly paint: Paint
}

/** @param now and `started` monotonic milliseconds */
export function liveLines(ledger: JobLedger, started: number, now: number, options: LiveOptions): string[] {
  const entries = ledger.targets()
  const underWay = entries.filter(
    ({ account }) => !isFinal(account) && !['waiting', 'held'].includes(account.status),
  )
  const waiting = entries.filter(({ account }) => account.status === 'waiting').length
  const dots = options.unicode ? '…' : '...'
  // A line for the rest, one for the totals, and one free, so that the terminal never scrolls.
  const room = Math.max(1, options.rows - 3)
  const shown = underWay.length <= room ? underWay : underWay.slice(0, room - 1)
  const width = Math.min(30, Math.max(0, ...shown.map(({ account }) => account.id.length)))
  const lines = shown.map((entry) => fitLine(hostLine(entry, now, width), options))
  if (underWay.length > shown.length) lines.push(`${dots} and ${underWay.length - shown.length} more`)
  const done = entries.filter(({ account }) => isFinal(account)).length
  const held = entries.filter(({ account }) => account.status === 'held').length
  const offline = `${held > 0 ? `, ${held} to come` : ''}${waiting > 0 ? `, ${waiting} offline` : ''}`
  const total = `${done} of ${entries.length} returned${offline} in ${durationWords(now - started)}. Ctrl-C leaves; the job goes on.`
  return [...lines, options.paint('dim', fitColumns(total, options.columns - 1, options.unicode))]
}

/** Its parts; only the middle is cut, so that the seconds stay on the screen. */
function hostLine({ account, heard }: TargetEntry, now: number, width: number): [string, string, string] {
  const id = account.id.padEnd(width)
  const { progress, status } = account
  if (status === 'lost') return [`${id}  `, 'connection lost, waiting for it to come back', '']
  if (!progress) return [`${id}  `, status === 'sent' || status === 'delivered' ? status : 'running', '']
  const elapsed = `  ${Math.floor((progress.elapsed + Math.max(0, now - heard)) / 1000)} s`
  if (progress.phase === 'queued') {
    const { queue } = progress
    const behind = queue ? ` behind jid ${queue.behind} (${queue.ahead} ahead)` : ''
    return [`${id}  `, `queued${behind}`, elapsed]
  }
  if (!progress.step) return [`${id}  `, progress.phase, elapsed]
  const { index, total, fun, id: state } = progress.step
  const place = `[${String(index).padStart(String(total).length)}/${total}]`
  return [`${id}  ${place} `, harmlessLine(`${fun} ${state}`), elapsed]
}

function fitLine([head, middle, tail]: [string, string, string], { columns, unicode }: LiveOptions): string {
  const room = columns - 1 - head.length - tail.length
  if (room < 8) return fitColumns(head + middle + tail, columns - 1, unicode)
  return head + fitColumns(middle, room, unicode) + tail
}

/** Draws below what was printed, and takes itself away again. */
export class LiveScreen {
  private drawn = 0
  private last = ''
  private readonly console: Console

  constructor(console: Console) {
    this.console = console
  }

  draw(lines: readonly string[]): void {
    const text = lines.join('\n')
    if (text === this.last) return
    const hide = this.drawn === 0 ? '\x1b[?25l' : ''
    this.console.err(`${hide}${this.back()}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`)
    this.drawn = lines.length
    this.last = text
  }

  /** Leaves the terminal as it was before the first line. */
  clear(): void {
    if (this.drawn === 0) return
    this.console.err(`${this.back()}\x1b[J\x1b[?25h`)
    this.drawn = 0
    this.last = ''
  }

  private back(): string {
    return this.drawn === 0 ? '' : `\r\x1b[${this.drawn}A`
  }
}
