/** Either way: are you there? Answered by `Pong` with the same number. */
import * as v from 'valibot'
import { count } from '../fields.ts'

export const Ping = v.strictObject({ number: count })
export type Ping = v.InferOutput<typeof Ping>

export const Pong = v.strictObject({ number: count })
export type Pong = v.InferOutput<typeof Pong>
