/** Dates and times without a zone, as Python's naive `datetime`, and their texts by `strftime`. */

export interface Moment {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly microsecond: number
}

/** In the zone of this machine. */
export function localMoment(seconds: number): Moment {
  const date = new Date(Math.floor(seconds) * 1000)
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
    microsecond: fractionOf(seconds),
  }
}

export function utcMoment(seconds: number): Moment {
  const date = new Date(Math.floor(seconds) * 1000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: fractionOf(seconds),
  }
}

const fractionOf = (seconds: number): number =>
  Math.min(999_999, Math.round((seconds - Math.floor(seconds)) * 1e6))

/** Seconds since 1970 of the moment taken as UTC; parts beyond their range carry over. */
export function utcSeconds(moment: Omit<Moment, 'microsecond'>): number {
  const date = new Date(0)
  date.setUTCFullYear(moment.year, moment.month - 1, moment.day)
  date.setUTCHours(moment.hour, moment.minute, moment.second)
  return date.getTime() / 1000
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
export const months: readonly string[] = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'],
  ...['November', 'December'],
]

const padded = (value: number, width: number, fill = '0'): string => String(value).padStart(width, fill)

/** In the C locale; flags of glibc between `%` and the letter (`-`, `_`, `0`, `^`, `#`) hold. */
export function formatMoment(moment: Moment, format: string): string {
  return format.replace(/%([-_0^#]?)([a-zA-Z%])/g, (whole, flag: string, letter: string) => {
    const text = fieldOf(moment, letter)
    if (text === undefined) return whole
    if (flag === '^') return text.toUpperCase()
    if (flag === '-') return text.replace(/^[0 ]+(?=\d)/, '')
    if (flag === '_') return text.replace(/^0+(?=\d)/, (zeros) => ' '.repeat(zeros.length))
    if (flag === '0') return text.replace(/^ +/, (spaces) => '0'.repeat(spaces.length))
    return text
  })
}

/** undefined: no such field. */
function fieldOf(moment: Moment, letter: string): string | undefined {
  const simple = numberField(moment, letter)
  if (simple !== undefined) return simple
  const weekday = weekdayOf(moment)
  const nested = nestedFormats[letter]
  if (nested !== undefined) return formatMoment(moment, nested)
  switch (letter) {
    case 'a':
      return days[weekday]?.slice(0, 3)
    case 'A':
      return days[weekday]
    case 'b':
    case 'h':
      return months[moment.month - 1]?.slice(0, 3)
    case 'B':
      return months[moment.month - 1]
    case 'p':
      return moment.hour < 12 ? 'AM' : 'PM'
    case 'P':
      return moment.hour < 12 ? 'am' : 'pm'
    case 's':
      return String(localSeconds(moment))
    case 'n':
      return '\n'
    case 't':
      return '\t'
    case 'z':
    case 'Z':
      return ''
    case '%':
      return '%'
    default:
      return undefined
  }
}

const nestedFormats: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
}

function numberField(moment: Moment, letter: string): string | undefined {
  const weekday = weekdayOf(moment)
  const hour = moment.hour % 12 === 0 ? 12 : moment.hour % 12
  switch (letter) {
    case 'Y':
      return String(moment.year)
    case 'y':
      return padded(moment.year % 100, 2)
    case 'C':
      return padded(Math.floor(moment.year / 100), 2)
    case 'm':
      return padded(moment.month, 2)
    case 'd':
      return padded(moment.day, 2)
    case 'e':
      return padded(moment.day, 2, ' ')
    case 'H':
      return padded(moment.hour, 2)
    case 'k':
      return padded(moment.hour, 2, ' ')
    case 'I':
      return padded(hour, 2)
    case 'l':
      return padded(hour, 2, ' ')
    case 'M':
      return padded(moment.minute, 2)
    case 'S':
      return padded(moment.second, 2)
    case 'f':
      return padded(moment.microsecond, 6)
    case 'j':
      return padded(dayOfYear(moment) + 1, 3)
    case 'u':
      return String(weekday === 0 ? 7 : weekday)
    case 'w':
      return String(weekday)
    default:
      return weekField(moment, letter, weekday)
  }
}

function weekField(moment: Moment, letter: string, weekday: number): string | undefined {
  switch (letter) {
    case 'U':
      return padded(Math.floor((dayOfYear(moment) + 7 - weekday) / 7), 2)
    case 'W':
      return padded(Math.floor((dayOfYear(moment) + 7 - ((weekday + 6) % 7)) / 7), 2)
    case 'V':
      return padded(isoWeek(moment).week, 2)
    case 'G':
      return String(isoWeek(moment).year)
    case 'g':
      return padded(isoWeek(moment).year % 100, 2)
    default:
      return undefined
  }
}

const dayNumber = ({ year, month, day }: Pick<Moment, 'year' | 'month' | 'day'>): number =>
  utcSeconds({ year, month, day, hour: 0, minute: 0, second: 0 }) / 86_400

/** Sunday is 0. */
const weekdayOf = (moment: Moment): number => (((dayNumber(moment) + 4) % 7) + 7) % 7

/** The first of January is 0. */
const dayOfYear = (moment: Moment): number =>
  dayNumber(moment) - dayNumber({ year: moment.year, month: 1, day: 1 })

/** A week belongs to the year that has its Thursday. */
function isoWeek(moment: Moment): { readonly year: number; readonly week: number } {
  const thursday = utcMoment((dayNumber(moment) - ((weekdayOf(moment) + 6) % 7) + 3) * 86_400)
  return { year: thursday.year, week: Math.floor(dayOfYear(thursday) / 7) + 1 }
}

function localSeconds(moment: Moment): number {
  const { year, month, day, hour, minute, second } = moment
  return Math.floor(new Date(year, month - 1, day, hour, minute, second).getTime() / 1000)
}
