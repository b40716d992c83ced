/** Reads what a state run returned: state results by tag, or the list of errors that kept it from starting. */
import { type Dict, isDict, isList, PyFloat, type Value } from '../data/value.ts'
import { pythonText } from './python-text.ts'

export interface StateResult {
  readonly id: string
  readonly name: string
  /** `file.managed` */
  readonly fun: string
  readonly sls: string
  /** null: would change (or, with `unknown`, could not be told). */
  readonly result: boolean | null
  readonly comment: string
  readonly changes: Value
  readonly changed: boolean
  /** Why a dry run could not tell what this state would do. */
  readonly unknown: string | undefined
  /** Of a failure: where it is written, `nginx/init.yaml:12:3`. */
  readonly place: string | undefined
  readonly warnings: readonly string[]
  readonly started: string | undefined
  /** Milliseconds. */
  readonly duration: number | undefined
  /** As Salt writes it: `0.2`, `12.345`. */
  readonly durationText: string | undefined
}

/** In the order in which they ran; undefined where `ret` is no mapping of state results. */
export function stateResults(ret: Value): StateResult[] | undefined {
  if (!isDict(ret)) return undefined
  const entries: { order: number; result: StateResult }[] = []
  for (const [tag, body] of ret) {
    if (typeof tag !== 'string' || !isDict(body)) return undefined
    const parts = tag.split('_|-')
    if (parts.length < 4) return undefined
    entries.push({ order: numberOf(body.get('__run_num__')) ?? 0, result: stateResult(parts, body) })
  }
  return entries.sort((a, b) => a.order - b.order).map((entry) => entry.result)
}

/**
 * Runs of states that one state of an orchestration has for its changes: on minions (`{out: highstate, ret: {id: …}}`), or
 * of orchestrations that it called.
 */
export function nestedRuns(changes: Value): [string, Value][] | undefined {
  if (!isDict(changes)) return undefined
  const ret = changes.get('ret') ?? null
  if (changes.get('out') === 'highstate') return isDict(ret) ? runsOf(ret) : undefined
  const called = orchestrated(changes.get('return'))
  if (called !== undefined || !isDict(ret) || ret.size === 0) return called
  const each = [...ret].map(([id, answer]) =>
    orchestrated(answer)?.map((run) => [String(id), run[1]] as const),
  )
  return each.every((runs) => runs !== undefined) ? each.flat().map(([id, run]) => [id, run]) : undefined
}

const runsOf = (ret: Dict): [string, Value][] => [...ret].map(([id, run]) => [String(id), run])

/** `{data: {id: …}, outputter: highstate}` */
function orchestrated(answer: Value | undefined): [string, Value][] | undefined {
  if (answer === undefined || !isDict(answer) || answer.get('outputter') !== 'highstate') return undefined
  const data = answer.get('data') ?? null
  return isDict(data) ? runsOf(data) : undefined
}

/** The errors of a run that could not start; each may have several lines. */
export function compileErrors(ret: Value): string[] | undefined {
  if (!isList(ret)) return undefined
  return ret.map((item) => (isList(item) || isDict(item) ? '' : pythonText(item)))
}

function stateResult(parts: readonly string[], body: Dict): StateResult {
  const changes = body.get('changes') ?? null
  const duration = body.get('duration')
  const warnings = body.get('warnings')
  const unknown = body.get('__unknown__')
  return {
    id: textOf(body.get('__id__')) ?? parts[1] ?? '',
    name: textOf(body.get('name')) ?? parts.slice(2, -1).join('_|-'),
    fun: `${parts[0]}.${parts.at(-1)}`,
    sls: textOf(body.get('__sls__')) ?? '',
    result: resultOf(body.get('result')),
    comment: (commentOf(body.get('comment')) ?? '').replace(/^\s*\n/, '').trimEnd(),
    changes,
    changed: isDict(changes) ? changes.size > 0 : isList(changes) ? changes.length > 0 : Boolean(changes),
    unknown: unknown === undefined || unknown === null ? undefined : (textOf(unknown) ?? ''),
    place: textOf(body.get('__place__')),
    warnings: isList(warnings) ? warnings.map((warning) => textOf(warning) ?? '') : [],
    started: textOf(body.get('start_time')),
    duration: numberOf(duration),
    durationText: numberOf(duration) === undefined ? undefined : durationText(duration),
  }
}

/** Salt's `0.2`, but `12` for a whole number of milliseconds. */
const durationText = (duration: Value | undefined): string =>
  duration instanceof PyFloat || typeof duration === 'number' ? pythonText(duration) : ''

const resultOf = (value: Value | undefined): boolean | null =>
  value === true ? true : value === null ? null : false

function commentOf(value: Value | undefined): string | undefined {
  return isList(value) ? value.map((line) => textOf(line) ?? '').join('\n') : textOf(value)
}

function textOf(value: Value | undefined): string | undefined {
  if (value === undefined || isDict(value) || isList(value)) return undefined
  return typeof value === 'string' ? value : pythonText(value)
}

function numberOf(value: Value | undefined): number | undefined {
  if (value instanceof PyFloat) return value.value
  return typeof value === 'number' ? value : undefined
}
