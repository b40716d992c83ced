/** The filters strftime and date_format. */
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  isNumber,
  numberOf,
  PyError,
  type RuntimeValue,
  repr,
  textOf,
  Undefined,
} from '../values.ts'
import { textArgument } from './arguments.ts'
import { readDate } from './date-text.ts'
import { formatMoment, localMoment, type Moment } from './moments.ts'
import { floatFromText, intFromText } from './numbers-from-text.ts'

export const dateFilters: readonly (readonly [string, FilterFunction])[] = ['strftime', 'date_format'].map(
  (name) =>
    defineFilter(
      name,
      [
        ['date', null],
        ['format', '%Y-%m-%d'],
      ],
      (context, date, format) =>
        formatMoment(momentOf(context, date), textArgument(format, `${name}(format)`)),
    ),
)

/** The first and the last second of the years that Python knows. */
const earliest = -62_135_596_800
const latest = 253_402_300_799

/** None is now; numbers are seconds since 1970 in the machine's zone; texts are dates in UTC, else such numbers. */
function momentOf(context: CallContext, date: RuntimeValue = null): Moment {
  if (date === null) return localMoment(context.ports.now())
  if (date instanceof Undefined && date.strict) date.fail()
  const text = textOf(date)
  const read = text === undefined ? undefined : readDate(text, context.ports.now())
  if (read !== undefined) return read
  const number = text === undefined ? date : (intFromText(text) ?? floatFromText(text) ?? null)
  const seconds = isNumber(number) ? numberOf(number) : undefined
  if (seconds === undefined || !(seconds >= earliest && seconds <= latest))
    throw new PyError(
      'ValueError',
      `Unable to parse ${repr(date)} as a date`,
      'Write it as 2002-12-25, 2002-12-25 12:30:00, now, tomorrow, "+2 weeks" or as seconds since 1970.',
    )
  return localMoment(seconds)
}
