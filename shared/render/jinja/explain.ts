/** Errors of templates as users see them: message, place with the line, the chain of calls and imports, a hint. */
import type { Place } from '../../data/place.ts'
import { isTsaltError, type RelatedPlace, TsaltError } from '../../errors/error.ts'
import type { TextSource } from '../source-map.ts'
import { SyntaxFault } from './fault.ts'
import { deepestCalls } from './limits.ts'
import { Located } from './located.ts'
import { PyError } from './values.ts'

/** @param source of the template that was being read, or of the main one */
export function explainError(error: unknown, source: TextSource): unknown {
  if (error instanceof SyntaxFault) {
    return explainSyntax(error, source)
  }
  if (!(error instanceof Located))
    return error instanceof PyError ? explainPython(error, source.placeOf(0), []) : error
  const [place = source.placeOf(0), ...outer] = error.places
  const related = outer.map((at) => ({
    note: at.file === place.file ? 'reached from here' : 'used from here',
    place: at,
  }))
  const { cause } = error
  if (cause instanceof PyError) return explainPython(cause, place, related)
  if (cause instanceof RangeError && /call stack/.test(cause.message))
    return explainPython(
      new PyError('LimitError', `${deepestCalls} calls inside one another`),
      place,
      related,
    )
  if (cause instanceof RangeError) return explainPython(new PyError('LimitError', 'memory'), place, related)
  if (isTsaltError(cause)) return placed(cause, place, related)
  return cause
}

function explainSyntax({ message, at, hint, opened, inside }: SyntaxFault, source: TextSource): TsaltError {
  const place = source.placeOf(at)
  const start = opened && source.placeOf(opened.at)
  const related = start === undefined ? [] : [{ note: `"${opened?.tag}" begins here`, place: start }]
  const begun = inside === undefined || opened !== undefined ? undefined : source.placeOf(inside)
  const unclosed =
    begun !== undefined && begun.line < place.line
      ? `The tag that begins in line ${begun.line} is not closed there.`
      : undefined
  const meant = inComment(start ?? begun ?? place) ?? hint ?? unclosed
  const asText = /unexpected char|^unexpected '|tag name expected|got '[%{}#]/.test(message)
  return new TsaltError(
    'jinja-syntax',
    { reason: message.replace(/\.$/, '') },
    { place, related, ...hintOf(meant ?? (asText ? bracesAsText : undefined)) },
  )
}

const bracesAsText = 'Braces that are meant as text stand between the tags raw and endraw.'

/** YAML's comments are text to Jinja. */
function inComment(place: Place): string | undefined {
  return /^\s*#(?!!).*\{[{%]/.test(place.text ?? '')
    ? 'Jinja reads what stands in a comment of YAML as well: write {# … #} around it.'
    : undefined
}

/** An error in a template that another one reaches for. */
export function usedFrom(error: unknown, place: Place): unknown {
  if (!isTsaltError(error)) return error
  const related = [...error.related, { note: 'used from here', place }]
  const options = { place: error.place, related, ...hintOf(error.hint), cause: error }
  return new TsaltError(error.code, error.parameters as never, options)
}

function hintOf(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint }
}

/** Errors of ours that come from inside get the template's place, unless they know a better one. */
function placed(error: TsaltError, place: Place, related: readonly RelatedPlace[]): TsaltError {
  const inner =
    error.place === undefined ? [] : [{ note: 'in the data that was read here', place: error.place }]
  return new TsaltError(error.code, error.parameters as never, {
    place,
    related: [...inner, ...error.related, ...related],
    ...hintOf(error.hint),
    cause: error,
  })
}

function explainPython(error: PyError, place: Place, related: readonly RelatedPlace[]): TsaltError {
  const options = { place, related, ...hintOf(inComment(place) ?? error.hint), cause: error }
  const reason = error.message.replace(/\.$/, '')
  switch (error.kind) {
    case 'UndefinedError':
      return new TsaltError('jinja-undefined', { reason }, options)
    case 'TemplateNotFound':
      return new TsaltError('jinja-template-missing', { name: error.message }, options)
    case 'RaisedError':
      return new TsaltError('jinja-raised', { reason: error.message }, options)
    case 'LimitError':
      return new TsaltError('jinja-limit', { what: error.message }, options)
    default:
      return new TsaltError('jinja-failed', { kind: error.kind, reason }, options)
  }
}
