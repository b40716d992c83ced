/** Minion → master: compile my pillar. Whose it is follows from the connection. */
import * as v from 'valibot'
import { encodedValue, environment, shortText } from '../fields.ts'

export const PillarRequest = v.strictObject({ environment: v.optional(environment) })
export type PillarRequest = v.InferOutput<typeof PillarRequest>

export const CompiledPillar = v.strictObject({
  pillar: encodedValue,
  /** Masked messages for the minion; the operator finds them whole on the master. Not empty: no state run. */
  errors: v.array(shortText),
  /** Values to be kept out of logs, returns and diffs: paths in `pillar`, `:`-separated. */
  secrets: v.array(shortText),
  /** Pillar file, line and column that won, by `:`-separated path of a leaf. */
  places: v.record(v.string(), v.tuple([v.string(), v.number(), v.number()])),
  /** Nodegroups of the master's configuration, and whether this minion is in them; top files name them. */
  groups: v.optional(v.record(v.string(), v.boolean())),
})
export type CompiledPillar = v.InferOutput<typeof CompiledPillar>
