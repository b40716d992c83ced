/** What a template's expression did wrong, in Python's terms; it gets its place on the way out of the template. */

export type PyErrorKind =
  | 'TypeError'
  | 'ValueError'
  | 'KeyError'
  | 'IndexError'
  | 'AttributeError'
  | 'ZeroDivisionError'
  | 'OverflowError'
  | 'RuntimeError'
  | 'UndefinedError'
  | 'SecurityError'
  | 'FilterArgumentError'
  | 'TemplateRuntimeError'
  | 'TemplateNotFound'
  /** `raise('…')` and failed calls: the message is the author's own. */
  | 'RaisedError'
  /** A budget is used up. */
  | 'LimitError'

export class PyError extends Error {
  readonly kind: PyErrorKind
  readonly hint: string | undefined
  constructor(kind: PyErrorKind, message: string, hint?: string) {
    super(message)
    this.kind = kind
    this.hint = hint
  }
}
