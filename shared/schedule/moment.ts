/** Times as people write them: `5:00pm`, `Monday 17:00`, `2026-12-24 08:00`, `12/24/2026 8am`, `24 December 2026 8:00`. */

/** Without a date it comes again: every day, or on every such weekday. Local time of this machine. */
export interface Moment {
  readonly date?: { readonly year: number; readonly month: number; readonly day: number }
  /** 0: Sunday. */
  readonly weekday?: number
  /** Seconds since midnight. */
  readonly time: number
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const fullWeekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const fullMonths =
  'january february march april may june july august september october november december'.split(' ')

const timeForm = /^(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(am|pm)?$/

/** @returns what is wrong, as text */
export function readMoment(text: string): Moment | string {
  const whole = text.trim().toLowerCase()
  if (whole.length > 64) return 'it is no time'
  const parts = /^(?:([a-z]+),?\s+)?(.*)$/.exec(whole)
  const weekday = weekdayOf(parts?.[1] ?? '') ?? weekdayOf(whole)
  const rest =
    weekday === undefined ? whole : parts?.[1] && weekdayOf(parts[1]) !== undefined ? (parts[2] ?? '') : ''
  const found = readDate(rest)
  if (typeof found === 'string') return found
  const time = found.rest === '' ? 0 : readTime(found.rest)
  if (time === undefined)
    return `${JSON.stringify(text)} is no time like 5:00pm, Monday 17:00 or 2026-12-24 08:00`
  if (whole === '') return 'it is empty'
  if (found.date) return { date: found.date, time }
  return weekday === undefined ? { time } : { weekday, time }
}

function weekdayOf(word: string): number | undefined {
  const index = Math.max(weekdays.indexOf(word), fullWeekdays.indexOf(word))
  return index < 0 ? undefined : index
}

function readTime(text: string): number | undefined {
  const [, hour, minute, second, half] = timeForm.exec(text) ?? []
  if (hour === undefined || (minute === undefined && half === undefined)) return undefined
  const hours = Number(hour)
  if (half === undefined ? hours > 23 : hours < 1 || hours > 12) return undefined
  if (Number(minute ?? 0) > 59 || Number(second ?? 0) > 59) return undefined
  const of24 = half === undefined ? hours : (hours % 12) + (half === 'pm' ? 12 : 0)
  return of24 * 3600 + Number(minute ?? 0) * 60 + Number(second ?? 0)
}

function readDate(text: string): { date?: Moment['date']; rest: string } | string {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t\s]+|$)/.exec(text)
  if (iso) return dated(text, iso, iso[1], iso[2], iso[3])
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[,\s]+|$)/.exec(text)
  if (american) return dated(text, american, american[3], american[1], american[2])
  const monthFirst = /^([a-z]+)\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[,\s]+|$)/.exec(text)
  if (monthFirst) return dated(text, monthFirst, monthFirst[3], monthOf(monthFirst[1]), monthFirst[2])
  const dayFirst = /^(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]+),?\s+(\d{4})(?:[,\s]+|$)/.exec(text)
  if (dayFirst) return dated(text, dayFirst, dayFirst[3], monthOf(dayFirst[2]), dayFirst[1])
  return { rest: text }
}

const monthOf = (word = ''): string => String(Math.max(months.indexOf(word), fullMonths.indexOf(word)) + 1)

function dated(
  text: string,
  match: RegExpExecArray,
  ...[year, month, day]: (string | undefined)[]
): { date: Moment['date']; rest: string } | string {
  const date = { year: Number(year), month: Number(month), day: Number(day) }
  const real = new Date(date.year, date.month - 1, date.day)
  const exists = real.getMonth() === date.month - 1 && real.getDate() === date.day
  return exists ? { date, rest: text.slice(match[0].length).trim() } : `${match[0].trim()} is no day`
}

/** The first such time after a moment, milliseconds since the epoch; undefined: it is over. */
export function nextMoment({ date, weekday, time }: Moment, after: number): number | undefined {
  if (date) {
    const at = new Date(date.year, date.month - 1, date.day, 0, 0, time).getTime()
    return at > after ? at : undefined
  }
  const start = new Date(after)
  for (let days = 0; days <= 8; days++) {
    const at = new Date(start.getFullYear(), start.getMonth(), start.getDate() + days, 0, 0, time)
    if (at.getTime() > after && (weekday === undefined || at.getDay() === weekday)) return at.getTime()
  }
  return undefined
}
