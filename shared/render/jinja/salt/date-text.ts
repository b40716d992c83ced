/** Reads dates as people write them (`2002-12-25 12:30`, `tomorrow`, `+2 weeks`), in UTC, as Salt's packages do. */
import { type Moment, months, utcMoment, utcSeconds } from './moments.ts'

interface Draft {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  /** A date without a time means its midnight. */
  hasTime: boolean
  hasDate: boolean
  /** Added at the end, in the order months, seconds. */
  months: number
  seconds: number
}

type Reader = readonly [RegExp, (draft: Draft, match: readonly string[]) => void]

const secondsOf: Readonly<Record<string, number>> = {
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  fortnight: 1_209_600,
}
const unit = '(sec|second|min|minute|hour|day|week|fortnight|month|year)s?\\b'

const monthWord = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?'

const readers: readonly Reader[] = [
  [/^now\b/, () => {}],
  [/^(?:today|midnight)\b/, (draft) => setTime(draft, '0', '0', '0')],
  [/^noon\b/, (draft) => setTime(draft, '12', '0', '0')],
  [/^tomorrow\b/, (draft) => shiftDay(draft, 1)],
  [/^yesterday\b/, (draft) => shiftDay(draft, -1)],
  [
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:t(?=\d))?/,
    (draft, [, year, month, day]) => setDate(draft, year, month, day),
  ],
  [/^(\d{4})(\d{2})(\d{2})(?:t(?=\d)|\b)/, (draft, [, year, month, day]) => setDate(draft, year, month, day)],
  [/^(\d{1,2})\/(\d{1,2})\/(\d{4})\b/, (draft, [, month, day, year]) => setDate(draft, year, month, day)],
  [/^(\d{1,2})[-.](\d{1,2})[-.](\d{4})\b/, (draft, [, day, month, year]) => setDate(draft, year, month, day)],
  [
    new RegExp(`^(\\d{1,2})(?:st|nd|rd|th)?[ -]+${monthWord}[ -]+(\\d{4})\\b`),
    (draft, [, day, month, year]) => setDate(draft, year, monthNumber(month), day),
  ],
  [
    new RegExp(`^${monthWord} +(\\d{1,2})(?:st|nd|rd|th)?,? +(\\d{4})\\b`),
    (draft, [, month, day, year]) => setDate(draft, year, monthNumber(month), day),
  ],
  [
    /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)? *([ap])\.?m\b\.?/,
    (draft, [, hour, minute, second, half]) =>
      setTime(draft, String((Number(hour) % 12) + (half === 'p' ? 12 : 0)), minute, second),
  ],
  [
    /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?/,
    (draft, [, hour, minute, second]) => setTime(draft, hour, minute, second),
  ],
  [/^(?:z|utc|gmt)\b/, () => {}],
  [
    new RegExp(`^([+-]?) *(\\d+) *${unit}(?: +(ago)\\b)?`),
    (draft, [, sign, count, name, ago]) =>
      shift(draft, Number(count) * (sign === '-' ? -1 : 1) * (ago === undefined ? 1 : -1), name),
  ],
  [
    new RegExp(`^(next|last|previous) +${unit}`),
    (draft, [, word, name]) => shift(draft, word === 'next' ? 1 : -1, name),
  ],
  [
    /^([+-])(\d{2}):?(\d{2})\b/,
    (draft, [, sign, hours, minutes]) => {
      draft.seconds -= (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
    },
  ],
]

/** @param now seconds since 1970; undefined: the text is no date that is known here */
export function readDate(text: string, now: number): Moment | undefined {
  const stamp = /^@(-?\d+)$/.exec(text.trim())
  if (stamp !== null) return utcMoment(Number(stamp[1]))
  const draft: Draft = { ...utcMoment(now), hasTime: false, hasDate: false, months: 0, seconds: 0 }
  let rest = text.trim().toLowerCase()
  if (rest === '') return undefined
  while (rest !== '') {
    const taken = readPart(draft, rest)
    if (taken === 0) return undefined
    rest = rest.slice(taken).replace(/^[\s,]+/, '')
  }
  return finished(draft)
}

function readPart(draft: Draft, rest: string): number {
  for (const [pattern, apply] of readers) {
    const match = pattern.exec(rest)
    if (match === null) continue
    apply(draft, match)
    return match[0].length
  }
  return 0
}

function finished(draft: Draft): Moment | undefined {
  if (draft.hasDate && !draft.hasTime) Object.assign(draft, { hour: 0, minute: 0, second: 0 })
  if (draft.month > 12 || draft.day > 31 || draft.hour > 24 || draft.minute > 59 || draft.second > 60)
    return undefined
  return utcMoment(utcSeconds({ ...draft, month: draft.month + draft.months }) + draft.seconds)
}

const monthNumber = (word = ''): string =>
  String(months.findIndex((month) => month.toLowerCase().startsWith(word)) + 1)

function setDate(draft: Draft, year = '', month = '', day = ''): void {
  Object.assign(draft, { year: Number(year), month: Number(month), day: Number(day), hasDate: true })
}

function setTime(draft: Draft, hour = '0', minute = '0', second = '0'): void {
  Object.assign(draft, { hour: Number(hour), minute: Number(minute), second: Number(second), hasTime: true })
}

function shiftDay(draft: Draft, by: number): void {
  setTime(draft)
  draft.seconds += by * 86_400
}

function shift(draft: Draft, count: number, name = ''): void {
  if (name === 'month') draft.months += count
  else if (name === 'year') draft.months += 12 * count
  else draft.seconds += count * (secondsOf[name] ?? 0)
}
