/** A position in a text that a user wrote. */
export interface Place {
  /** As the user knows it: a path under a root (`salt://nginx/init.sls` is `nginx/init.sls`) or an absolute path. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** The whole source line, for errors that show it with a caret. */
  readonly text?: string
}
