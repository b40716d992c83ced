/** One entry of a schedule, with Salt's names, read into what the scheduler works with. */
import { Cron } from 'croner'
import { nearest } from '../data/nearest.ts'
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { readMapping } from '../schema/collections.ts'
import { readFlag, readText } from '../schema/scalars.ts'
import { type Moment, readMoment } from './moment.ts'

export interface ScheduledJob {
  readonly name: string
  readonly fun: string
  readonly args: readonly Value[]
  readonly kwargs: Dict
  readonly timing: Timing
  /** Milliseconds that are added to each time, by chance between both. */
  readonly splay: { readonly start: number; readonly end: number }
  readonly range: { readonly start: Moment; readonly end: Moment; readonly invert: boolean } | undefined
  readonly until: Moment | undefined
  readonly after: Moment | undefined
  readonly maxrunning: number
  readonly runOnStart: boolean
  readonly enabled: boolean
  readonly jidInclude: boolean
  readonly returnJob: boolean
  readonly metadata: Value
}

export type Timing =
  | { readonly kind: 'interval'; readonly milliseconds: number }
  | { readonly kind: 'cron'; readonly cron: Cron }
  | { readonly kind: 'when'; readonly moments: readonly Moment[] }
  /** Only at the start, or when it is asked for. */
  | { readonly kind: 'none' }

const units = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const
/** What Salt sends results to; here they are events. */
const refused = new Set(['returner', 'return_config', 'return_kwargs'])
const known = new Set(
  `function args kwargs job_args job_kwargs ${Object.keys(units).join(' ')} when cron once once_fmt splay range
   skip_during_range until after maxrunning run_on_start enabled jid_include return_job metadata name`.split(
    /\s+/,
  ),
)
/** Ten years. */
const longest = 315_360_000_000

class Wrong extends Error {}
const wrong = (reason: string): never => {
  throw new Wrong(reason)
}

/** What `when` may name beside times: name → time. `any`: they are not known here, and every name is taken for one. */
export type NamedTimes = Dict | 'any'

/** @returns what is wrong with it, as text */
export function readScheduledJob(
  name: string,
  entry: Value,
  whens: NamedTimes = new Map(),
): ScheduledJob | string {
  try {
    return read(name, readMapping(entry) ?? wrong('a mapping is expected'), whens)
  } catch (error) {
    if (error instanceof Wrong) return error.message
    throw error
  }
}

function read(name: string, entry: Dict, whens: NamedTimes): ScheduledJob {
  for (const key of entry.keys()) {
    if (refused.has(String(key)))
      wrong(`"${String(key)}" has no meaning: results are events "schedule/NAME" of the master`)
    if (known.has(String(key))) continue
    const near = nearest(String(key), known)
    wrong(`it has no argument "${String(key)}"${near === undefined ? '' : ` (did you mean "${near}"?)`}`)
  }
  const fun = readText(entry.get('function'))
  if (fun === undefined || !/^\w+\.\w+$/.test(fun))
    return wrong('"function" has to name a function: state.apply')
  const flag = (key: string, usual: boolean): boolean =>
    entry.has(key) ? (readFlag(entry.get(key)) ?? wrong(`"${key}" has to be True or False`)) : usual
  const args = entry.get('args') ?? entry.get('job_args') ?? []
  const kwargs = entry.get('kwargs') ?? entry.get('job_kwargs') ?? new Map()
  return {
    name,
    fun,
    args: isList(args) ? args : [args],
    kwargs: readMapping(kwargs) ?? wrong('"kwargs" has to be a mapping'),
    timing: timingOf(entry, whens),
    splay: splayOf(entry.get('splay') ?? null),
    range: rangeOf(entry),
    until: momentAt(entry, 'until'),
    after: momentAt(entry, 'after'),
    maxrunning: entry.has('maxrunning') ? numberAt(entry, 'maxrunning', 1) : 1,
    runOnStart: flag('run_on_start', false),
    enabled: flag('enabled', true),
    jidInclude: flag('jid_include', true),
    returnJob: flag('return_job', true),
    metadata: entry.get('metadata') ?? null,
  }
}

function timingOf(entry: Dict, whens: NamedTimes): Timing {
  const given = Object.keys(units).filter((unit) => entry.has(unit))
  const kinds = [given[0], ...['cron', 'when', 'once'].filter((key) => entry.has(key))].filter(Boolean)
  if (kinds.length > 1) wrong(`"${kinds[0]}" and "${kinds[1]}" exclude each other`)
  if (entry.has('cron')) return { kind: 'cron', cron: cronOf(readText(entry.get('cron')) ?? '') }
  if (entry.has('once')) return { kind: 'when', moments: [dated(entry, 'once')] }
  if (entry.has('when')) {
    const when = entry.get('when') ?? null
    const texts = isList(when) ? when : [when]
    if (texts.length === 0) wrong('"when" is an empty list')
    return { kind: 'when', moments: texts.map((text) => whenOf(text, whens)) }
  }
  if (given.length === 0) return { kind: 'none' }
  const milliseconds = given.reduce(
    (sum, unit) => sum + numberAt(entry, unit, 0) * units[unit as keyof typeof units],
    0,
  )
  if (milliseconds < 1_000 || milliseconds > longest)
    wrong('the interval has to be a second at least, ten years at most')
  return { kind: 'interval', milliseconds: Math.round(milliseconds) }
}

function cronOf(text: string): Cron {
  // As in Salt, a sixth field is one of seconds, and stands at the end.
  const fields = text.trim().split(/\s+/)
  const pattern = fields.length === 6 ? [fields[5], ...fields.slice(0, 5)].join(' ') : fields.join(' ')
  if (fields.length > 6) return wrong(`cron: ${JSON.stringify(text)} has more than six fields`)
  try {
    return new Cron(pattern, { paused: true })
  } catch (error) {
    const reason = (error as Error).message.replace(/^CronPattern: /, '').replace(/\.+$/, '')
    return wrong(`cron: ${JSON.stringify(text)} is no such expression: ${reason}`)
  }
}

function dated(entry: Dict, key: string): Moment {
  const moment = momentOf(entry.get(key) ?? null, key)
  return moment.date ? moment : wrong(`"${key}" needs a date: 2026-12-24T08:00:00`)
}

const momentAt = (entry: Dict, key: string): Moment | undefined =>
  entry.has(key) ? dated(entry, key) : undefined

/** A time, or the name of one. */
function whenOf(value: Value, whens: NamedTimes): Moment {
  if (typeof value !== 'string' || typeof readMoment(value) !== 'string') return momentOf(value, 'when')
  if (whens === 'any') return { time: 0 }
  const named = whens.get(value)
  if (named !== undefined) return momentOf(named, `"${value}" of "whens"`)
  if (/\d/.test(value)) return momentOf(value, 'when')
  const near = nearest(value, [...whens.keys()].map(String))
  return wrong(
    `when: ${JSON.stringify(value)} is no time, and "whens" has no such name${near ? ` (did you mean "${near}"?)` : ''}`,
  )
}

function momentOf(value: Value, key: string): Moment {
  const text = typeof value === 'string' ? value : wrong(`"${key}" has to be text in quotes: '5:00pm'`)
  const moment = readMoment(text)
  return typeof moment === 'string' ? wrong(`${key}: ${moment}`) : moment
}

function numberAt(entry: Dict, key: string, least: number): number {
  const number = Number(readText(entry.get(key)) ?? Number.NaN)
  return Number.isFinite(number) && number >= least
    ? number
    : wrong(`"${key}" has to be a number, ${least} at least`)
}

function splayOf(value: Value): ScheduledJob['splay'] {
  if (value === null) return { start: 0, end: 0 }
  const entry: Dict = isDict(value)
    ? value
    : new Map<string, Value>([
        ['start', 0],
        ['end', value],
      ])
  const start = numberAt(entry, 'start', 0) * 1000
  const end = numberAt(entry, 'end', 0) * 1000
  return end >= start && end <= longest
    ? { start, end }
    : wrong('the end of "splay" has to be after its start')
}

function rangeOf(entry: Dict): ScheduledJob['range'] {
  const skipped = entry.has('skip_during_range')
  const range = entry.get('range') ?? entry.get('skip_during_range')
  if (range === undefined) return undefined
  if (!isDict(range)) return wrong('"range" is a mapping with "start" and "end"')
  const start = momentOf(range.get('start') ?? null, 'start of range')
  const end = momentOf(range.get('end') ?? null, 'end of range')
  if (start.weekday !== undefined || end.weekday !== undefined || !start.date !== !end.date)
    wrong('"range" is from one time of the day to another, or from one date to another')
  const invert = readFlag(range.get('invert') ?? skipped) ?? wrong('"invert" has to be True or False')
  return { start, end, invert }
}
