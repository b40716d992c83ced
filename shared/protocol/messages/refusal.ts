/** The answer to a request that could not be served. */
import * as v from 'valibot'
import { shortText } from '../fields.ts'

export const Refusal = v.strictObject({ code: shortText, message: v.pipe(v.string(), v.maxLength(16_384)) })
export type Refusal = v.InferOutput<typeof Refusal>
