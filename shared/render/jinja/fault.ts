/** A mistake in a template's syntax, with the offset where it is. */
export class SyntaxFault extends Error {
  /** Offset in the template's text. */
  readonly at: number
  readonly hint: string | undefined
  /** A block that has no end. */
  readonly opened: { readonly tag: string; readonly at: number } | undefined
  /** Where the tag begins in which it was found. */
  inside: number | undefined
  constructor(message: string, at: number, hint?: string, opened?: SyntaxFault['opened']) {
    super(message)
    this.at = at
    this.hint = hint
    this.opened = opened
  }
}
