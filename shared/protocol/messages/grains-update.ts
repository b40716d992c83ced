/** Minion → master: my grains are now these. */
import * as v from 'valibot'
import { encodedValue } from '../fields.ts'

export const GrainsUpdate = v.strictObject({ grains: encodedValue })
export type GrainsUpdate = v.InferOutput<typeof GrainsUpdate>
