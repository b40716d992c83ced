/** What the short form shows of one host: an entry for each state that is not simply in order, and the counts. */
import type { Value } from '../data/value.ts'
import { type ChangeOptions, changeLines } from './change-lines.ts'
import { durationWords } from './durations.ts'
import { placeOrHint } from './error-lines.ts'
import type { Color, Paint } from './paint.ts'
import { nestedRuns, type StateResult } from './state-results.ts'

export type Verdict = 'changed' | 'unknown' | 'failed'

export interface Entry {
  readonly verdict: Verdict
  /** Without the duration, so that the same entry of two hosts is equal. */
  readonly head: string
  readonly body: readonly string[]
  /** Milliseconds. */
  readonly duration: number | undefined
}

export interface Counts {
  readonly succeeded: number
  readonly changed: number
  readonly failed: number
  readonly unknown: number
  /** Milliseconds that the states took. */
  readonly duration: number
}

export interface CountOptions extends ChangeOptions {
  /** Nothing was changed: entries say what would. */
  readonly dryRun: boolean
}

export interface EntryOptions extends CountOptions {
  /** The lines of runs on minions that a state of an orchestration has for its changes. */
  readonly runLines: (runs: readonly [string, Value][]) => string[]
}

/** In the order of the run, but failed states last. */
export function entriesOf(results: readonly StateResult[], options: EntryOptions): Entry[] {
  const entries = results.flatMap((state) => {
    const verdict = verdictOf(state)
    if (verdict === undefined && state.warnings.length === 0) return []
    return [entryOf(state, verdict ?? 'changed', verdict === undefined, options)]
  })
  const order: Verdict[] = ['changed', 'unknown', 'failed']
  return entries.sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
}

export function countsOf(results: readonly StateResult[]): Counts {
  const verdicts = results.map(verdictOf)
  const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length
  return {
    succeeded: results.length - count('failed') - count('unknown'),
    changed: count('changed'),
    failed: count('failed'),
    unknown: count('unknown'),
    duration: results.reduce((sum, state) => sum + (state.duration ?? 0), 0),
  }
}

function verdictOf(state: StateResult): Verdict | undefined {
  if (state.result === false) return 'failed'
  if (state.unknown !== undefined) return 'unknown'
  return state.result === null || state.changed ? 'changed' : undefined
}

const colors: Record<Verdict, Color> = { changed: 'cyan', unknown: 'magenta', failed: 'lightRed' }

function entryOf(state: StateResult, verdict: Verdict, onlyWarns: boolean, options: EntryOptions): Entry {
  const { paint, unicode } = options
  const color = onlyWarns
    ? 'lightYellow'
    : verdict === 'changed' && options.dryRun
      ? 'lightYellow'
      : colors[verdict]
  const sign = onlyWarns
    ? '!'
    : verdict === 'changed'
      ? '~'
      : verdict === 'unknown'
        ? '?'
        : unicode
          ? '✗'
          : 'x'
  const name = state.name === state.id ? '' : ` (${firstLine(state.name, unicode)})`
  const changes = state.changed ? linesOf(state.changes, options) : []
  const comment = state.comment.split('\n')
  const body = [...extraComment(comment, verdict, changes, paint), ...changes]
  if (state.place !== undefined) body.splice(beforeHint(comment), 0, paint('cyan', `  at ${state.place}`))
  if (state.unknown && !state.comment.includes(state.unknown))
    body.unshift(paint('magenta', `unknown: ${state.unknown}`))
  for (const warning of state.warnings) body.push(paint('lightYellow', `warning: ${warning}`))
  const said = verdict === 'failed' ? paint('lightRed', comment[0] ?? '') : paint('dim', comment[0] ?? '')
  return {
    verdict,
    head: `${paint(color, `${sign} ${state.fun}`)} ${paint('bold', firstLine(state.id, unicode))}${name}${
      comment[0] ? `  ${said}` : ''
    }`,
    body: body.flatMap((line) => line.split('\n')),
    duration: state.duration,
  }
}

function linesOf(changes: Value, options: EntryOptions): string[] {
  const runs = nestedRuns(changes)
  return runs === undefined ? changeLines(changes, options) : options.runLines(runs)
}

/** The further lines of a comment: all of a failure, otherwise those that no list of changes replaces. */
function extraComment(
  comment: readonly string[],
  verdict: Verdict,
  changes: readonly string[],
  paint: Paint,
): string[] {
  if (comment.length < 2 || (verdict !== 'failed' && changes.length > 0)) return []
  return comment
    .slice(1)
    .map((line) => placeOrHint(line, paint) ?? (verdict === 'failed' ? paint('red', line) : line))
}

/** Index in the body of a failure: its place stands after what was said, and before what to do. */
function beforeHint(comment: readonly string[]): number {
  const further = comment.slice(1)
  const hint = further.findIndex((line) => line.startsWith('  hint: '))
  return hint === -1 ? further.length : hint
}

function firstLine(text: string, unicode: boolean): string {
  const [first = '', ...rest] = text.split('\n')
  return rest.length === 0 ? first : `${first}${unicode ? '…' : '...'}`
}

export function durationNote(
  milliseconds: number | undefined,
  several: boolean,
  options: CountOptions,
): string {
  if (milliseconds === undefined || milliseconds < 1) return ''
  const most = several ? (options.unicode ? '≤ ' : '<= ') : ''
  return `  ${options.paint('dim', most + durationWords(milliseconds))}`
}

/** `Succeeded: 21 (changed: 3)  Failed: 1  Unknown: 2  in 1.2 s` */
export function countsLine(counts: Counts, milliseconds: number, options: CountOptions): string {
  const { paint } = options
  const changed = options.dryRun ? `would change: ${counts.changed}` : `changed: ${counts.changed}`
  const changedColor = options.dryRun ? 'lightYellow' : 'cyan'
  const parts = [
    paint('green', `Succeeded: ${counts.succeeded}`) +
      (counts.changed > 0 ? ` (${paint(changedColor, changed)})` : ''),
    counts.failed > 0 ? paint('lightRed', `Failed: ${counts.failed}`) : `Failed: ${counts.failed}`,
  ]
  if (counts.unknown > 0) parts.push(paint('magenta', `Unknown: ${counts.unknown}`))
  return `${parts.join('  ')}  ${paint('dim', `in ${durationWords(milliseconds)}`)}`
}
