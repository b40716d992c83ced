/** Keys of minions and join tokens, as the API has them. Schema and type share one name. */
import * as v from 'valibot'
import { count, minionId, wallTime } from '../../shared/protocol/fields.ts'
import { keyStates } from '../pki/key-service.ts'

export const KeyRequest = v.strictObject({
  action: v.picklist(['accept', 'reject', 'delete', 'revoke']),
  match: v.pipe(v.string(), v.maxLength(512)),
  fingerprint: v.optional(v.string()),
  includeRejected: v.optional(v.boolean()),
  includeDenied: v.optional(v.boolean()),
  includeAccepted: v.optional(v.boolean()),
})

export const TokenRequest = v.strictObject({
  idGlob: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  seconds: v.pipe(count, v.minValue(1), v.maxValue(3600)),
  host: v.optional(v.string()),
})

export const KeyRow = v.strictObject({
  id: minionId,
  state: v.picklist(keyStates),
  /** SHA-256 of the public key's SPKI. */
  fingerprint: v.string(),
  generation: count,
  since: wallTime,
  /** Of an accepted key: when its newest certificate expires. */
  expires: v.optional(wallTime),
})

export const PublicKey = v.strictObject({ ...KeyRow.entries, publicKey: v.string() })
