/** /api/v1/keys and /api/v1/tokens: who may be a minion. */
import * as v from 'valibot'
import { parseFingerprint } from '../../../shared/ids.ts'
import { wallTime } from '../../../shared/protocol/fields.ts'
import type { KeyAction } from '../../pki/key-service.ts'
import { actOnKeys } from '../key-acts.ts'
import { KeyRequest, KeyRow, PublicKey, TokenRequest } from '../key-schemas.ts'
import { route } from '../route.ts'
import { requireSight, seen } from '../sight.ts'

export const keyRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/keys',
    summary: 'Keys of minions, in all states, and the fingerprint that minions pin.',
    answer: v.strictObject({ keys: v.array(KeyRow), masterFingerprint: v.string() }),
    sees: 'keys',
    async handle({ actor }, { keys, access }) {
      const rows = await seen({ access, actor, what: 'keys' }, keys.list(), ({ id }) => [id])
      return { keys: rows, masterFingerprint: keys.masterFingerprint() }
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/keys/public',
    summary: 'Keys of minions with the public keys themselves, by a glob over ids.',
    query: v.strictObject({ match: v.pipe(v.string(), v.maxLength(256)) }),
    answer: v.array(PublicKey),
    sees: 'keys',
    handle: ({ query, actor }, { keys, access }) =>
      seen({ access, actor, what: 'keys' }, keys.publicKeys(query.match), ({ id }) => [id]),
  }),
  route({
    method: 'POST',
    path: '/api/v1/keys/preview',
    summary: 'Which keys an act would touch.',
    body: KeyRequest,
    answer: v.array(KeyRow),
    sees: 'keys',
    errors: ['key-fingerprint-differs', 'key-ambiguous', 'access-denied'],
    async handle({ body, actor }, { keys, access }) {
      const rows = keys.preview(actionOf(body))
      await requireSight(
        access,
        actor,
        'keys',
        rows.map(({ id }) => id),
      )
      return rows
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/keys',
    summary: 'Accepts, rejects, deletes or revokes keys.',
    body: KeyRequest,
    answer: v.array(KeyRow),
    errors: ['key-fingerprint-differs', 'key-ambiguous', 'access-denied'],
    handle: ({ body, actor }, context) => actOnKeys(context, actionOf(body), actor),
  }),
  route({
    method: 'POST',
    path: '/api/v1/tokens',
    summary: 'Makes a join token for one minion.',
    body: TokenRequest,
    answer: v.strictObject({ token: v.string(), expires: wallTime }),
    errors: ['access-denied'],
    async handle({ body: { idGlob, seconds, host }, actor }, { keys, access }) {
      const kwargs = { match: idGlob, seconds }
      await access.require(actor, { kind: 'wheel', fun: 'key.make_token', args: [], kwargs })
      return keys.makeToken({ idGlob, seconds, ...(host === undefined ? {} : { host }) }, actor.name)
    },
  }),
]

function actionOf({ action, match, fingerprint, ...more }: v.InferOutput<typeof KeyRequest>): KeyAction {
  return {
    action,
    match,
    ...(fingerprint === undefined ? {} : { fingerprint: parseFingerprint(fingerprint) }),
    ...(more.includeRejected === undefined ? {} : { includeRejected: more.includeRejected }),
    ...(more.includeDenied === undefined ? {} : { includeDenied: more.includeDenied }),
    ...(more.includeAccepted === undefined ? {} : { includeAccepted: more.includeAccepted }),
  }
}
