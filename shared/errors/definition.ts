/** The shape of one entry of an error table; `defineErrors` keeps the literal texts for the parameter types. */
export interface ErrorDefinition {
  /** One sentence, what is wrong. `{name}` takes a parameter. */
  readonly message: string
  /** Exit code of a command that ends with it: 1 refused, 2 nobody answered, 64 usage, 77 not allowed, 70 internal. */
  readonly exit: number
  /** HTTP status at the API. */
  readonly http: number
  /** What to do about it. */
  readonly hint?: string
}

export function defineErrors<const Table extends Readonly<Record<string, ErrorDefinition>>>(
  table: Table,
): Table {
  return table
}
