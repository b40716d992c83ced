/** The arguments of an entry of a schedule, which functions and states share, and the entry that they make. */
import type * as v from 'valibot'
import { type Dict, equalValues, type Value } from '../data/value.ts'
import { defaulted, needed, optional } from '../schema/argument.ts'
import { anything, mapping } from '../schema/collections.ts'
import { flag, nonEmptyText, seconds, text, whole } from '../schema/scalars.ts'

export const entryArguments = {
  function: optional(nonEmptyText, 'What runs: `state.apply`. Needed for a new entry.'),
  job_args: optional(anything, 'Its arguments, a list.'),
  job_kwargs: optional(mapping, 'Its arguments by name.'),
  seconds: optional(seconds, 'Interval; added up with minutes, hours and days.'),
  minutes: optional(seconds, 'See seconds.'),
  hours: optional(seconds, 'See seconds.'),
  days: optional(seconds, 'See seconds.'),
  when: optional(anything, 'Times, one or a list: `5:00pm`, `Monday 17:00`, `2026-12-24 08:00`.'),
  cron: optional(nonEmptyText, 'An expression as in a crontab; a sixth field is one of seconds.'),
  once: optional(nonEmptyText, 'One time, with its date: `2026-12-24T08:00:00`.'),
  once_fmt: optional(text, 'Accepted for Salt; the forms of `when` are read.'),
  splay: optional(anything, 'Seconds added by chance, at most; or a mapping with `start` and `end`.'),
  range: optional(mapping, 'Only between `start` and `end`; with `invert: True` only outside.'),
  skip_during_range: optional(mapping, 'Not between `start` and `end`.'),
  until: optional(nonEmptyText, 'The last date at which it runs.'),
  after: optional(nonEmptyText, 'The first date at which it runs.'),
  maxrunning: optional(whole, 'How many may run at the same time, default 1.'),
  run_on_start: optional(flag, 'Also at every start of the minion.'),
  enabled: optional(flag, 'False: it is kept and not run.'),
  jid_include: optional(flag, 'False: the event does not name the job.'),
  return_job: optional(flag, 'False: the master is not told of the result.'),
  metadata: optional(anything, 'Comes with the event.'),
}

export const named = needed(nonEmptyText, 'Name of the entry.')
export const persist = defaulted(flag, true, 'Accepted for Salt; entries are always kept.')

type Given = v.InferOutput<v.StrictObjectSchema<typeof entryArguments, undefined>>

/** What was given of an entry, in the order above. */
export function entryOf(given: Given): Dict {
  const entry: Dict = new Map()
  for (const key of Object.keys(entryArguments)) {
    const value = (given as Readonly<Record<string, Value | undefined>>)[key]
    if (value !== undefined) entry.set(key, value)
  }
  return entry
}

/** Whether an entry is what is wanted; what is not said is as usual. */
export const isSameEntry = (one: Value, other: Value): boolean =>
  one instanceof Map && other instanceof Map && equalValues(completed(one), completed(other))

const usual: readonly (readonly [string, Value])[] = [
  ['enabled', true],
  ['maxrunning', 1],
  ['jid_include', true],
  ['return_job', true],
  ['run_on_start', false],
]

function completed(entry: Dict): Dict {
  const all = new Map([...usual, ...entry])
  for (const [from, to] of [
    ['args', 'job_args'],
    ['kwargs', 'job_kwargs'],
  ] as const) {
    if (all.has(from)) all.set(to, all.get(from) ?? null)
    all.delete(from)
  }
  return new Map([...all].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}
