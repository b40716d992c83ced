/** A mistake in a template's syntax, with the offset where it is. */
export class SyntaxFault extends Error {
  /** Offset in the template's text. */
  readonly at: number
  readonly hint: string | undefined
  constructor(message: string, at: number, hint?: string) {
    super(message)
    this.at = at
    this.hint = hint
  }
}
