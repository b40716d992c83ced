/** What operators do with keys, whichever route asks for it: by the rules of wheel functions, and told as an event. */
import type { Actor } from '../auth/actor.ts'
import type { KeyAction, KeyRow } from '../pki/key-service.ts'
import type { ApiServices } from './services.ts'

/** @throws TsaltError `access-denied`, `key-fingerprint-differs`, `key-ambiguous` */
export async function actOnKeys(
  { access, keys, events }: Pick<ApiServices, 'access' | 'keys' | 'events'>,
  action: KeyAction,
  actor: Actor,
): Promise<readonly KeyRow[]> {
  const kwargs = { match: action.match }
  await access.require(actor, { kind: 'wheel', fun: `key.${action.action}`, args: [], kwargs })
  const rows = keys.act(action, actor.name)
  for (const { id, fingerprint } of rows)
    events.fire('salt/key', { id, act: action.action, finger: fingerprint, result: true })
  return rows
}
