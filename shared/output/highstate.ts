/** Salt's forms of state results, to the letter: full blocks and the summary, terse lines, and their mixtures. */
import type { Value } from '../data/value.ts'
import { nestedLines } from './nested.ts'
import type { Color, Paint } from './paint.ts'
import { compileErrors, nestedRuns, type StateResult, stateResults } from './state-results.ts'

export const saltForms = ['full', 'terse', 'mixed', 'changes', 'filter'] as const
export type SaltForm = (typeof saltForms)[number]

export interface HighstateOptions {
  readonly paint: Paint
  readonly form: SaltForm
  /** Terse lines name the ID instead of the name (`--state-output=terse_id`). */
  readonly byId?: boolean
  /** false: states in order are left out. */
  readonly verbose: boolean
  readonly look?: StateLook
}

/** Options of the configuration about Salt's forms. */
export interface StateLook {
  /** `state_output_profile: False`: neither when a state began nor what it took. */
  readonly times?: boolean
  /** `state_output_pct`: shares in the summary. */
  readonly shares?: boolean
  /** `state_tabular`: terse lines in columns. */
  readonly columns?: boolean
}

/** The lines for one host; undefined where `ret` is neither state results nor compile errors. */
export function highstateLines(host: string, ret: Value, options: HighstateOptions): string[] | undefined {
  const errors = compileErrors(ret)
  if (errors) return compileErrorLines(host, errors, options.paint)
  const results = stateResults(ret)
  return (
    results && [
      `${options.paint(hostColor(results), `${host}:`)}`,
      ...results.flatMap((result) => stateLines(result, options)),
      ...summaryLines(host, results, options),
    ]
  )
}

function compileErrorLines(host: string, errors: readonly string[], paint: Paint): string[] {
  const lines = [paint('red', `${host}:`), `    ${paint('red', 'Data failed to compile:')}`]
  for (const error of errors) {
    lines.push(paint('red', '----------'), `    ${paint.open('red')}${error}${paint.end}`)
  }
  return lines
}

function hostColor(results: readonly StateResult[]): Color {
  if (results.some((state) => state.result === false)) return 'red'
  if (results.some((state) => state.result === null)) return 'lightYellow'
  return results.some((state) => state.changed) ? 'cyan' : 'green'
}

function stateColor(state: StateResult): Color {
  if (state.result === false) return 'red'
  if (state.result === null) return 'lightYellow'
  return state.changed ? 'cyan' : 'green'
}

function stateLines(state: StateResult, options: HighstateOptions): string[] {
  const inOrder = state.result === true && !state.changed
  if (inOrder && (!options.verbose || options.form === 'filter')) return []
  const terse =
    options.form === 'terse' ||
    (options.form === 'mixed' && state.result !== false) ||
    (options.form === 'changes' && inOrder)
  return terse ? [terseLine(state, options)] : fullLines(state, options)
}

function terseLine(state: StateResult, { paint, byId, look = {} }: HighstateOptions): string {
  const verdict =
    state.result === false
      ? 'Failed'
      : state.result === null
        ? 'Differs'
        : state.changed
          ? 'Changed'
          : 'Clean'
  const times = look.times !== false && state.started !== undefined
  if (look.columns) {
    const [module = '', name = ''] = state.fun.split('.')
    const took = times ? `${state.started} [${(state.durationText ?? '').padStart(7)} ms] ` : ''
    const shown = `${module.padStart(10)}.${name.padEnd(10)} ${verdict.padEnd(7)}   Name: ${byId ? state.id : state.name}`
    return paint(stateColor(state), `${took}${shown}`)
  }
  const fields = [`Name: ${byId ? state.id : state.name}`, `Function: ${state.fun}`, `Result: ${verdict}`]
  if (times) fields.push(`Started: ${state.started}`)
  if (look.times !== false && state.durationText !== undefined)
    fields.push(`Duration: ${state.durationText} ms`)
  return paint(stateColor(state), `  ${fields.join(' - ')}`)
}

function fullLines(state: StateResult, options: HighstateOptions): string[] {
  const { paint } = options
  const color = stateColor(state)
  const field = (label: string, text: string): string =>
    `    ${paint(color, `${label.padStart(8)}: ${text.split('\n').join(`\n${' '.repeat(14)}`)}`)}`
  const lines = [paint(color, '----------'), field('ID', state.id), field('Function', state.fun)]
  if (state.name !== state.id) lines.push(field('Name', state.name))
  lines.push(field('Result', state.result === null ? 'None' : state.result ? 'True' : 'False'))
  lines.push(field('Comment', state.comment))
  const times = options.look?.times !== false
  if (times && state.started !== undefined) lines.push(field('Started', state.started))
  if (times && state.durationText !== undefined) lines.push(field('Duration', `${state.durationText} ms`))
  if (state.warnings.length > 0) lines.push(field('Warnings', state.warnings.join('\n')))
  const changes = state.changed ? changeLines(state.changes, options) : []
  // The colour of the heading is closed only after the changes, as Salt does.
  const block = [`${paint.open(color)}     Changes:   `, ...changes]
  block[block.length - 1] += paint.end
  return [...lines, ...block]
}

/** Runs on minions, of an orchestration, each as a block of its own. */
function changeLines(changes: Value, options: HighstateOptions): string[] {
  const runs = nestedRuns(changes)
  if (runs === undefined) return nestedLines(changes, { paint: options.paint, indent: 14 })
  return runs.flatMap(([id, ret]) => {
    const lines = highstateLines(id, ret, options) ?? [
      `${id}:`,
      ...nestedLines(ret, { paint: options.paint, indent: 4 }),
    ]
    return [
      '',
      ...lines.flatMap((line) => line.split('\n')).map((line) => `${' '.repeat(14)}${line}`.trimEnd()),
    ]
  })
}

function summaryLines(
  host: string,
  results: readonly StateResult[],
  { paint, look = {} }: HighstateOptions,
): string[] {
  const failed = results.filter((state) => state.result === false).length
  const unchanged = results.filter((state) => state.result === null).length
  const changed = results.filter((state) => state.changed).length
  const warnings = results.reduce((sum, state) => sum + state.warnings.length, 0)
  const succeeded = results.length - failed
  const width = 'Succeeded: '.length + String(Math.max(succeeded, failed, warnings)).length
  const count = (label: string, number: number): string =>
    `${label}: ${String(number).padStart(width - label.length - 2)}`
  const share = (label: string, number: number): string =>
    `${label} %: ${Number(((number / results.length) * 100).toFixed(2))}`
  const notes: string[] = []
  if (unchanged > 0) notes.push(paint('lightYellow', `unchanged=${unchanged}`))
  if (changed > 0) notes.push(paint('green', `changed=${changed}`))
  const rule = '-'.repeat(width)
  const total = results.reduce((sum, state) => sum + (state.duration ?? 0), 0)
  const time = total > 999 ? [(total / 1000).toFixed(3), 's'] : [total.toFixed(3), 'ms']
  return [
    ...paint('cyan', `\nSummary for ${host}\n${rule}`).split('\n'),
    paint('green', count('Succeeded', succeeded)) + (notes.length > 0 ? ` (${notes.join(', ')})` : ''),
    paint(failed > 0 ? 'red' : 'cyan', count('Failed', failed)),
    ...(warnings > 0 ? [paint('lightRed', count('Warnings', warnings))] : []),
    ...(look.shares && results.length > 0
      ? [
          paint('green', share('Success', succeeded)),
          paint(failed > 0 ? 'red' : 'cyan', share('Failure', failed)),
        ]
      : []),
    ...paint('cyan', `${rule}\nTotal states run: ${String(results.length).padStart(width - 7)}`).split('\n'),
    ...(look.times === false
      ? []
      : [paint('cyan', `Total run time: ${String(time[0]).padStart(width - 5)} ${time[1]}`)]),
  ]
}
