/** Filters over texts. */
import { escapeHtml } from '../escape.ts'
import { checkRepeated } from '../limits.ts'
import { capitalize, splitLines, strip } from '../methods/text-parts.ts'
import { addValues, moduloValues } from '../operators.ts'
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  isInt,
  iterate,
  lengthOf,
  Markup,
  numberOf,
  PyError,
  type RuntimeValue,
  repr,
  sequenceOf,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { pythonJson } from './json-text.ts'
import { wholeOf } from './slicing.ts'
import { escapeValue, fileSize, stripTags, urlEncode, xmlAttributes } from './url-and-markup.ts'
import { urlize } from './urlize.ts'
import { wrapText } from './wrap.ts'

export function soft(value: RuntimeValue): string {
  return textOf(value) ?? str(value)
}

/** Markup stays Markup. */
function like(value: RuntimeValue, text: string): RuntimeValue {
  return value instanceof Markup ? new Markup(text) : text
}

function title(value: RuntimeValue): string {
  return soft(value).replace(
    /[^-\s({[<]+/g,
    (word) => (word[0] ?? '').toUpperCase() + word.slice(1).toLowerCase(),
  )
}

/** What is marked as safe takes them as they stand in HTML. */
function charactersFor(value: RuntimeValue, chars: RuntimeValue): string {
  const text = textOf(chars)
  if (text === undefined) throw new PyError('TypeError', 'strip arg must be None or str')
  return value instanceof Markup && !(chars instanceof Markup) ? escapeHtml(text) : text
}

/** Where Python calls methods of str, everything else is an error. */
function needText(value: RuntimeValue, method: string): string {
  const text = textOf(value)
  if (text !== undefined) return text
  if (value instanceof Undefined) value.fail()
  throw new PyError('AttributeError', `'${typeName(value)}' object has no attribute '${method}'`)
}

function schemeText(scheme: RuntimeValue): string {
  const text = str(scheme)
  if (!/^[\p{L}\p{N}_.+-]{2,}:\/{0,2}$/u.test(text))
    throw new PyError('FilterArgumentError', `${repr(scheme)} is not a valid URI scheme prefix.`)
  return text
}

function indent(
  _: CallContext,
  value: RuntimeValue,
  width: RuntimeValue,
  first: RuntimeValue,
  blank: RuntimeValue,
): RuntimeValue {
  const given = textOf(width)
  const space = given ?? ' '.repeat(Math.max(0, bounded(sizeOf(width))))
  const text = needText(value, 'splitlines')
  const lines = splitLines(`${text}\n`, false)
  checkRepeated(text.length + lines.length * space.length)
  const [start = '', ...rest] = lines
  const indented = rest.map((line) => (truthy(blank) || line !== '' ? space + line : line))
  const head = truthy(first) ? space + start : start
  return like(value, [head, ...indented].join('\n'))
}

function bounded(width: number): number {
  checkRepeated(width)
  return width
}

function replace(
  context: CallContext,
  value: RuntimeValue,
  before: RuntimeValue,
  after: RuntimeValue,
  count: RuntimeValue,
): RuntimeValue {
  const most = count === null ? -1 : wholeOf(count)
  const args: RuntimeValue[] = [soft(before), soft(after), most]
  if (context.autoescape && [value, before, after].some((one) => one instanceof Markup)) {
    const safeText = (one: RuntimeValue): string => (one instanceof Markup ? one.text : escapeHtml(soft(one)))
    return new Markup(
      soft(
        context.call(context.attribute(safeText(value), 'replace'), [
          safeText(before),
          safeText(after),
          most,
        ]),
      ),
    )
  }
  return context.call(context.attribute(soft(value), 'replace'), args)
}

function truncate(
  _: CallContext,
  value: RuntimeValue,
  length: RuntimeValue,
  kill: RuntimeValue,
  end: RuntimeValue,
  leeway: RuntimeValue,
): RuntimeValue {
  const text = soft(value)
  const most = wholeOf(length)
  const tail = str(end)
  const extra = leeway === null ? 5 : wholeOf(leeway)
  if (most < lengthOf(tail))
    throw new PyError('FilterArgumentError', `expected length >= ${lengthOf(tail)}, got ${most}`)
  if (extra < 0) throw new PyError('FilterArgumentError', `expected leeway >= 0, got ${extra}`)
  if (lengthOf(value) <= most + extra) return value
  if (textOf(value) === undefined) needText(value, 'rsplit')
  const cut = [...text].slice(0, most - lengthOf(tail)).join('')
  const space = truthy(kill) ? -1 : cut.lastIndexOf(' ')
  // As Python adds them: beside Markup what is plain is escaped.
  return addValues(like(value, space === -1 ? cut : cut.slice(0, space)), end)
}

/** What Python keeps in a machine word. @throws PyError OverflowError */
function sizeOf(value: RuntimeValue): number {
  const size = wholeOf(value)
  if (size < -(2 ** 63)) throw new PyError('OverflowError', "cannot fit 'int' into an index-sized integer")
  return size
}

function center(_: CallContext, value: RuntimeValue, width: RuntimeValue): RuntimeValue {
  const text = soft(value)
  const missing = Math.max(0, bounded(sizeOf(width)) - lengthOf(text))
  const left = (missing >> 1) + (missing & wholeOf(width) & 1)
  return like(value, ' '.repeat(left) + text + ' '.repeat(missing - left))
}

function format(_: CallContext, value: RuntimeValue, args: RuntimeValue, kwargs: RuntimeValue): RuntimeValue {
  const positional = sequenceOf(args) ?? []
  const hasNames = kwargs instanceof Map && kwargs.size > 0
  if (positional.length > 0 && hasNames)
    throw new PyError('FilterArgumentError', "can't handle positional and keyword arguments at the same time")
  return moduloValues(value instanceof Markup ? value : soft(value), hasNames ? kwargs : args)
}

function toJson(_: CallContext, value: RuntimeValue, width: RuntimeValue): RuntimeValue {
  const text = pythonJson(value, {
    indent: isInt(width) ? (numberOf(width) ?? 0) : undefined,
    sortKeys: true,
  })
  return new Markup(
    text
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e')
      .replaceAll('&', '\\u0026')
      .replaceAll("'", '\\u0027'),
  )
}

export const textFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('upper', ['s'], (_, value) => like(value, soft(value).toUpperCase())),
  defineFilter('lower', ['s'], (_, value) => like(value, soft(value).toLowerCase())),
  defineFilter('capitalize', ['s'], (_, value) => like(value, capitalize(soft(value)))),
  defineFilter('title', ['s'], (_, value) => title(value)),
  defineFilter('trim', ['value', ['chars', null]], (_, value, chars) =>
    like(value, strip(soft(value), chars === null ? undefined : charactersFor(value, chars), true, true)),
  ),
  defineFilter('indent', ['s', ['width', 4], ['first', false], ['blank', false]], indent),
  defineFilter('replace', ['s', 'old', 'new', ['count', null]], replace),
  defineFilter(
    'truncate',
    ['s', ['length', 255], ['killwords', false], ['end', '...'], ['leeway', null]],
    truncate,
  ),
  defineFilter('center', ['value', ['width', 80]], center),
  defineFilter('format', ['value', '*args', '**kwargs'], format),
  defineFilter('wordcount', ['s'], (_, value) => [...soft(value).matchAll(/[\p{L}\p{N}_]+/gu)].length),
  defineFilter(
    'wordwrap',
    ['s', ['width', 79], ['break_long_words', true], ['wrapstring', null], ['break_on_hyphens', true]],
    (context, value, width, long, end, hyphens) => {
      const text = needText(value, 'splitlines')
      if (text === '') return ''
      context.spend(text.length)
      return wrapText(text, {
        width: wholeOf(width),
        breakLong: truthy(long),
        end: end === null ? (context.newline ?? '\n') : str(end),
        onHyphens: truthy(hyphens),
      })
    },
  ),
  defineFilter('filesizeformat', ['value', ['binary', false]], fileSize),
  defineFilter('urlencode', ['value'], urlEncode),
  defineFilter(
    'urlize',
    [
      'value',
      ['trim_url_limit', null],
      ['nofollow', false],
      ['target', null],
      ['rel', null],
      ['extra_schemes', null],
    ],
    (context, value, limit, nofollow, target, rel, schemes) => {
      const text = urlize(value instanceof Markup ? value.text : escapeHtml(soft(value)), {
        limit: limit === null ? undefined : wholeOf(limit),
        rel: [
          ...(truthy(nofollow) ? ['nofollow'] : []),
          'noopener',
          ...(rel === null ? [] : str(rel).split(/\s+/)),
        ],
        target: target === null ? undefined : str(target),
        schemes: schemes === null ? [] : iterate(schemes).map(schemeText),
      })
      return context.autoescape ? new Markup(text) : text
    },
  ),
  defineFilter('xmlattr', ['d', ['autospace', true]], xmlAttributes),
  defineFilter('escape', ['s'], (_, value) => escapeValue(value)),
  defineFilter('e', ['s'], (_, value) => escapeValue(value)),
  defineFilter('forceescape', ['value'], (_, value) => new Markup(escapeHtml(soft(value)))),
  defineFilter('safe', ['value'], (_, value) => (value instanceof Markup ? value : new Markup(str(value)))),
  defineFilter('striptags', ['value'], (_, value) => stripTags(value)),
  defineFilter('tojson', ['value', ['indent', null]], toJson),
]
