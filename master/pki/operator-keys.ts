/** What operators do with keys: accept, reject, delete, revoke, hand out join tokens. */
import { TsaltError } from '../../shared/errors/error.ts'
import { formatFingerprint } from '../../shared/ids.ts'
import { parseRequest } from '../../shared/pki/certificate-request.ts'
import { formatJoinToken } from '../../shared/pki/join-token.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { StoredKey } from '../store/keys.ts'
import { makeToken } from './join-tokens.ts'
import { issueFor, type KeyDesk, type KeyWatcher, mainKey } from './key-desk.ts'
import type { KeyAction, KeyRow, KeyService, KeyState, PublicKey } from './key-service.ts'

/** @param where what join tokens carry: host name or address, and port, of this master */
export function openKeyService(desk: KeyDesk, where: () => { host: string; port: number }): KeyService {
  return {
    list: () => desk.store.keys().map((key) => rowOf(desk, key)),
    publicKeys: (match) => publicKeys(desk, match),
    masterFingerprint: () => desk.authority.fingerprint,
    preview: (action) => touched(desk, action).map((key) => rowOf(desk, key)),
    act: (action, operator) => act(desk, action, operator),
    makeToken({ idGlob, seconds, host }, operator) {
      const { secret, expires } = makeToken(desk, { idGlob, seconds }, operator)
      const place = where()
      const token = formatJoinToken({
        host: host ?? place.host,
        port: place.port,
        fingerprint: desk.authority.fingerprint,
        secret,
      })
      return { token, expires }
    },
  }
}

function rowOf(desk: KeyDesk, { id, state, fingerprint, generation, since }: StoredKey): KeyRow {
  const row = { id, state, fingerprint, generation, since }
  if (state !== 'accepted') return row
  const newest = desk.store.newestCertificate(id, fingerprint)
  return newest === undefined ? row : { ...row, expires: newest.notAfter }
}

function publicKeys(desk: KeyDesk, match: string): PublicKey[] {
  const matches = compileGlob(match.toLowerCase())
  return desk.store
    .keys()
    .filter(({ id }) => matches(id))
    .map((key) => {
      const { publicKey } = parseRequest(key.request)
      return { ...rowOf(desk, key), publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })) }
    })
}

/** Which states an action is for. */
function statesFor({
  action,
  includeAccepted,
  includeDenied,
  includeRejected,
}: KeyAction): readonly KeyState[] {
  const extra: KeyState[] = []
  if (includeAccepted === true) extra.push('accepted')
  if (includeDenied === true) extra.push('denied')
  if (includeRejected === true) extra.push('rejected')
  switch (action) {
    case 'accept':
      return ['pending', ...extra.filter((state) => state !== 'accepted')]
    case 'reject':
      return ['pending', ...extra.filter((state) => state !== 'rejected')]
    case 'revoke':
      return ['accepted']
    case 'delete':
      return ['accepted', 'denied', 'pending', 'rejected', 'revoked']
  }
}

/** @throws TsaltError `key-fingerprint-differs`, `key-ambiguous` */
function touched(desk: KeyDesk, action: KeyAction): readonly StoredKey[] {
  const matches = compileGlob(action.match.toLowerCase())
  const states = statesFor(action)
  const named = desk.store.keys().filter(({ id, state }) => states.includes(state) && matches(id))
  const { fingerprint } = action
  const keys = fingerprint === undefined ? named : named.filter((key) => key.fingerprint === fingerprint)
  const [other] = named
  if (keys.length === 0 && other !== undefined)
    throw new TsaltError('key-fingerprint-differs', {
      id: other.id,
      found: formatFingerprint(other.fingerprint),
    })
  if (action.action === 'accept') requireOneForEachId(keys)
  return keys
}

function requireOneForEachId(keys: readonly StoredKey[]): void {
  const seen = new Set<string>()
  for (const { id } of keys) {
    if (seen.has(id)) throw new TsaltError('key-ambiguous', { id })
    seen.add(id)
  }
}

function act(desk: KeyDesk, action: KeyAction, operator: string): readonly KeyRow[] {
  const news: ((watcher: KeyWatcher) => void)[] = []
  const rows = desk.store.transaction(() => {
    const keys = touched(desk, action)
    for (const key of keys) {
      news.push(...applyTo(desk, action, key))
      const entry = { actor: `operator:${operator}`, kind: `key.${action.action}`, subject: key.id }
      // Inside the transaction: what can't be recorded is not done.
      desk.audit.record({ ...entry, verdict: 'allowed', reason: `${key.state} ${key.fingerprint}` })
    }
    return keys.map((key) => rowAfter(desk, key))
  })
  for (const change of news) desk.changes.tell(change)
  return rows
}

function rowAfter(desk: KeyDesk, key: StoredKey): KeyRow {
  const after = desk.store.keysOf(key.id).find((row) => row.fingerprint === key.fingerprint)
  return rowOf(desk, after ?? key)
}

/** @returns what is to be told after the commit */
function applyTo(desk: KeyDesk, { action }: KeyAction, key: StoredKey): ((watcher: KeyWatcher) => void)[] {
  switch (action) {
    case 'accept':
      return accept(desk, key)
    case 'reject':
      return end(desk, key, 'rejected')
    case 'revoke':
      return end(desk, key, 'revoked')
    case 'delete':
      return remove(desk, key)
  }
}

function accept(desk: KeyDesk, key: StoredKey): ((watcher: KeyWatcher) => void)[] {
  const { store, clock } = desk
  const { id, fingerprint } = key
  const other = mainKey(store, id)
  const news: ((watcher: KeyWatcher) => void)[] = []
  if (other !== undefined && other.fingerprint !== fingerprint) {
    // A denied key takes the place of another: a new machine under an old name inherits nothing.
    news.push(...remove(desk, other))
  }
  const accepted: StoredKey = {
    ...key,
    state: 'accepted',
    generation: store.generationOf(id),
    since: clock.now(),
  }
  store.putKey(accepted)
  issueFor(desk, accepted)
  return [...news, (watcher) => watcher.decided?.(id, fingerprint)]
}

function end(
  desk: KeyDesk,
  key: StoredKey,
  state: 'rejected' | 'revoked',
): ((watcher: KeyWatcher) => void)[] {
  const { store, clock } = desk
  const { id, fingerprint } = key
  // A denied key was never the id's own: it goes, the id's own stays as it is.
  if (key.state === 'denied' && mainKey(store, id) !== undefined) {
    store.dropKey(id, fingerprint)
    return [(watcher) => watcher.decided?.(id, fingerprint)]
  }
  store.putKey({ ...key, state, since: clock.now() })
  store.revokeCertificates(id, clock.now())
  return [(watcher) => watcher.decided?.(id, fingerprint), (watcher) => watcher.ended?.(id, `key ${state}`)]
}

function remove(
  { store, clock }: KeyDesk,
  { id, fingerprint, state }: StoredKey,
): ((watcher: KeyWatcher) => void)[] {
  store.dropKey(id, fingerprint)
  if (state === 'denied') return [(watcher) => watcher.decided?.(id, fingerprint)]
  store.revokeCertificates(id, clock.now())
  store.raiseGeneration(id)
  return [
    (watcher) => watcher.decided?.(id, fingerprint),
    (watcher) => watcher.ended?.(id, 'key deleted'),
    (watcher) => watcher.deleted?.(id),
  ]
}
