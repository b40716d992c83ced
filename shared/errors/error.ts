/** The one error class. A code from the registry, its parameters, and the place in the user's text if there is one. */
import type { Place } from '../data/place.ts'
import { type ErrorCode, type ErrorParameters, errorCodes } from './registry.ts'

export interface ErrorOptionsAt {
  /** Where in the user's text the mistake is. */
  place?: Place | undefined
  /** Other places worth showing: the first of two duplicates, the chain of includes. */
  related?: readonly RelatedPlace[] | undefined
  /** Replaces the registry's hint, e.g. with a "did you mean". */
  hint?: string | undefined
  cause?: unknown
}

export interface RelatedPlace {
  readonly note: string
  readonly place: Place
}

export class TsaltError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  readonly parameters: Readonly<Record<string, string | number>>
  readonly place: Place | undefined
  readonly related: readonly RelatedPlace[]
  readonly hint: string | undefined

  constructor(code: Code, parameters: ErrorParameters<Code>, options: ErrorOptionsAt = {}) {
    super(
      fill(errorCodes[code].message, parameters),
      options.cause === undefined ? {} : { cause: options.cause },
    )
    this.name = 'TsaltError'
    this.code = code
    this.parameters = parameters
    this.place = options.place
    this.related = options.related ?? []
    const hint = options.hint ?? ('hint' in errorCodes[code] ? errorCodes[code].hint : undefined)
    this.hint = hint === undefined ? undefined : fill(hint, parameters)
  }

  /** The process exit code that this error ends a command with. */
  get exitCode(): number {
    return errorCodes[this.code].exit
  }

  /** The HTTP status that this error becomes at the API. */
  get httpStatus(): number {
    return errorCodes[this.code].http
  }
}

function fill(template: string, parameters: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
}

export function isTsaltError(error: unknown): error is TsaltError {
  return error instanceof TsaltError
}

/** A whole error as people read it, without colour: message [code], place with the source line and a caret, hint. */
export function describeError(error: unknown): string {
  if (!isTsaltError(error)) return error instanceof Error ? error.message : String(error)
  const lines = [`${error.message} [${error.code}]`]
  if (error.place) lines.push(...describePlace(error.place))
  for (const { note, place } of error.related) lines.push(`  ${note}`, ...describePlace(place))
  if (error.hint) lines.push(`  hint: ${error.hint}`)
  return lines.join('\n')
}

export function describePlace(place: Place): string[] {
  const at = `  at ${place.file}:${place.line}:${place.column}`
  if (place.text === undefined) return [at]
  const number = String(place.line)
  const caret = `${' '.repeat(number.length)} | ${place.text.slice(0, place.column - 1).replace(/[^\t]/g, ' ')}^`
  return [at, `    ${number} | ${place.text}`, `    ${caret}`]
}
