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
    const place = source.placeOf(error.at)
    return new TsaltError(
      'jinja-syntax',
      { reason: error.message.replace(/\.$/, '') },
      { place, ...hintOf(error.hint) },
    )
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
  const options = { place, related, ...hintOf(error.hint), cause: error }
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
