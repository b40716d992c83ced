/** Minion → master: what other minions left in the mine, as far as this one may read it. */
import * as v from 'valibot'
import { targetKinds } from '../../targeting/target.ts'
import { encodedValue, minionId } from '../fields.ts'
import { mineName } from './mine-put.ts'

/** Names that may be asked for at once. */
const mostAsked = 64

export const MineGet = v.strictObject({
  target: v.strictObject({
    kind: v.picklist(targetKinds),
    expression: v.pipe(v.string(), v.maxLength(65_536)),
    delimiter: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(4))),
  }),
  names: v.pipe(v.array(mineName), v.minLength(1), v.maxLength(mostAsked)),
})
export type MineGet = v.InferOutput<typeof MineGet>

/** In the order asked, minions sorted by id; a name that nobody has is there with none. */
export const MineData = v.strictObject({
  found: v.array(v.strictObject({ name: mineName, of: v.array(v.tuple([minionId, encodedValue])) })),
})
export type MineData = v.InferOutput<typeof MineData>
