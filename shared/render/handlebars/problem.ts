/** What goes wrong inside a running template, before its place is known in the template's own text. */
import type { ErrorCode, ErrorParameters } from '../../errors/registry.ts'

/** As Handlebars writes it: line from 1, column from 0, of the text that it compiled. */
export interface Location {
  readonly start: { readonly line: number; readonly column: number }
}

export class TemplateProblem<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  readonly parameters: ErrorParameters<Code>
  readonly at: Location | undefined
  readonly hint: string | undefined

  constructor(code: Code, parameters: ErrorParameters<Code>, at: Location | undefined, hint?: string) {
    super(code)
    this.code = code
    this.parameters = parameters
    this.at = at
    this.hint = hint
  }
}

/** An error of a function of the machine, where the template called it. */
export class CallFailed extends Error {
  override readonly cause: unknown
  readonly at: Location | undefined

  constructor(cause: unknown, at: Location | undefined) {
    super('a called function failed')
    this.cause = cause
    this.at = at
  }
}
