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
