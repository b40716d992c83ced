/** One argument of a state or execution function: its schema, its description and its default in one line. */
import * as v from 'valibot'

/** An argument that has to be given. */
export function needed<Output>(
  schema: v.GenericSchema<unknown, Output>,
  description: string,
): v.GenericSchema<unknown, Output> {
  return v.pipe(schema, v.description(description))
}

/** An argument that may be left out; absent in the output then. */
export function optional<Output>(
  schema: v.GenericSchema<unknown, Output>,
  description: string,
): v.ExactOptionalSchema<v.GenericSchema<unknown, Output>, undefined> {
  return v.exactOptional(v.pipe(schema, v.description(description)))
}

/** An argument with a default, given as it would be written. */
export function defaulted<Output, const Default>(
  schema: v.GenericSchema<unknown, Output>,
  fallback: Default,
  description: string,
): v.OptionalSchema<v.GenericSchema<unknown, Output>, Default> {
  return v.optional(v.pipe(schema, v.description(description)), fallback) as v.OptionalSchema<
    v.GenericSchema<unknown, Output>,
    Default
  >
}
