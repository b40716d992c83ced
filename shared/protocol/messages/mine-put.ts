/** Minion → master: what its functions answer, for others to read. Whose it is follows from the connection. */
import * as v from 'valibot'
import { targetKinds } from '../../targeting/target.ts'
import { encodedValue, shortText } from '../fields.ts'

/** Names in one minion's mine, at most. */
export const mostMineNames = 256
/** Levels of lists and mappings in one value: it travels on inside of an answer. */
export const deepestMineValue = 40

/** A function, or what the configuration calls it; commas part several names where they are asked for. */
export const mineName = v.pipe(
  v.string(),
  v.maxLength(128),
  v.regex(/^[^\p{C}\p{Z},]+$/u, 'not a name in the mine'),
)

/** Who may read it: a target over those that ask. */
export const MineReaders = v.strictObject({
  kind: v.picklist(targetKinds),
  expression: v.pipe(v.string(), v.maxLength(4096)),
})
export type MineReaders = v.InferOutput<typeof MineReaders>

const names = v.pipe(v.array(mineName), v.maxLength(mostMineNames))

export const MinePut = v.strictObject({
  /** Of what is there these go first: none, those that the configuration had brought, all. */
  clear: v.picklist(['nothing', 'configured', 'all']),
  /** Not cleared although the configuration brought them: their functions failed this time. */
  keep: names,
  /** Go too. */
  remove: names,
  /** The configuration brings the entries: they go when it names them no more. */
  configured: v.boolean(),
  entries: v.pipe(
    v.array(
      v.strictObject({
        name: mineName,
        value: encodedValue,
        /** Absent: every minion may read it. */
        readers: v.optional(MineReaders),
      }),
    ),
    v.maxLength(mostMineNames),
  ),
})
export type MinePut = v.InferOutput<typeof MinePut>

/** The rest is stored; of what was refused nothing is left under its name. */
export const MineStored = v.strictObject({
  refused: v.array(
    v.strictObject({ name: mineName, code: shortText, message: v.pipe(v.string(), v.maxLength(16_000)) }),
  ),
})
export type MineStored = v.InferOutput<typeof MineStored>
