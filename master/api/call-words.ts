/** What a call is given in the API; who has nothing to give says nothing. */
import * as v from 'valibot'
import type { Json } from '../../shared/data/codec.ts'
import { encodedValue } from '../../shared/protocol/fields.ts'

// Their input as unknown: a default of a recursive type is more than TypeScript can follow.
const list = v.array(encodedValue) as v.GenericSchema<unknown, Json[]>
const keywords = v.record(v.string(), encodedValue) as v.GenericSchema<unknown, Record<string, Json>>

export const callArgs = v.optional(list, () => [])
export const callKwargs = v.optional(keywords, () => ({}))
