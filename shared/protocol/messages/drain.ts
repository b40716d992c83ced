/** Master → minion: I am going away or shedding load; come back after this many milliseconds. */
import * as v from 'valibot'
import { count } from '../fields.ts'

export const Drain = v.strictObject({ comeBackAfter: count })
export type Drain = v.InferOutput<typeof Drain>
