/** Keys, certificates and join tokens in SQLite. */
import type { Fingerprint, MinionId, Sha256 } from '../../../shared/ids.ts'
import type { KeyState } from '../../pki/key-service.ts'
import type { KeyStore, StoredCertificate, StoredKey, StoredToken } from '../keys.ts'
import type { Database, MigrationList } from './database.ts'

export const keyMigrations: MigrationList = {
  area: 'keys',
  steps: [
    `CREATE TABLE keys (
       id TEXT NOT NULL,
       fingerprint TEXT NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('accepted', 'denied', 'pending', 'rejected', 'revoked')),
       generation INTEGER NOT NULL,
       since INTEGER NOT NULL,
       request TEXT NOT NULL,
       PRIMARY KEY (id, fingerprint)
     ) STRICT;
     CREATE UNIQUE INDEX keys_one_for_each_id ON keys (id) WHERE state <> 'denied';
     CREATE INDEX keys_by_state ON keys (state);
     CREATE TABLE generations (id TEXT PRIMARY KEY, generation INTEGER NOT NULL) STRICT;
     CREATE TABLE certificates (
       serial TEXT PRIMARY KEY,
       id TEXT NOT NULL,
       generation INTEGER NOT NULL,
       fingerprint TEXT NOT NULL,
       hash TEXT NOT NULL,
       pem TEXT NOT NULL,
       not_before INTEGER NOT NULL,
       not_after INTEGER NOT NULL,
       revoked INTEGER
     ) STRICT;
     CREATE INDEX certificates_by_id ON certificates (id, not_after);
     CREATE INDEX certificates_by_end ON certificates (not_after);
     CREATE TABLE tokens (
       hash TEXT PRIMARY KEY,
       id_glob TEXT NOT NULL,
       expires INTEGER NOT NULL,
       maker TEXT NOT NULL,
       used_by TEXT
     ) STRICT;`,
  ],
}

interface KeyRecord {
  id: MinionId
  fingerprint: Fingerprint
  state: KeyState
  generation: number
  since: number
  request: string
}

interface CertificateRecord {
  serial: string
  id: MinionId
  generation: number
  fingerprint: Fingerprint
  hash: Sha256
  pem: string
  not_before: number
  not_after: number
  revoked: number | null
}

interface TokenRecord {
  hash: Sha256
  id_glob: string
  expires: number
  maker: string
  used_by: MinionId | null
}

export function openKeyStore(database: Database): KeyStore {
  return { ...transactions(database), ...keys(database), ...certificates(database), ...tokens(database) }
}

function transactions(database: Database): Pick<KeyStore, 'transaction' | 'forget'> {
  const forgetCertificates = database.prepare('DELETE FROM certificates WHERE not_after < ?')
  const forgetTokens = database.prepare('DELETE FROM tokens WHERE expires < ?')
  return {
    // IMMEDIATE: what is read at its start still holds at its end.
    transaction: (work) => database.transaction(work).immediate(),
    forget(ended) {
      forgetCertificates.run(ended.certificates)
      forgetTokens.run(ended.tokens)
    },
  }
}

type KeyPart =
  | 'keys'
  | 'keysOf'
  | 'accepted'
  | 'putKey'
  | 'dropKey'
  | 'countInState'
  | 'generationOf'
  | 'raiseGeneration'

function keys(database: Database): Pick<KeyStore, KeyPart> {
  const all = database.prepare<[], KeyRecord>('SELECT * FROM keys ORDER BY id, state')
  const ofId = database.prepare<[string], KeyRecord>('SELECT * FROM keys WHERE id = ? ORDER BY state')
  const accepted = database.prepare<[], { id: MinionId; generation: number }>(
    "SELECT id, generation FROM keys WHERE state = 'accepted' ORDER BY id",
  )
  const put = database.prepare<[KeyRecord]>(
    `INSERT INTO keys (id, fingerprint, state, generation, since, request)
     VALUES (@id, @fingerprint, @state, @generation, @since, @request)
     ON CONFLICT (id, fingerprint) DO UPDATE SET
       state = excluded.state, generation = excluded.generation, since = excluded.since, request = excluded.request`,
  )
  const drop = database.prepare('DELETE FROM keys WHERE id = ? AND fingerprint = ?')
  const counted = database.prepare<[string], { number: number }>(
    'SELECT count(*) AS number FROM keys WHERE state = ?',
  )
  const generation = database.prepare<[string], { generation: number }>(
    'SELECT generation FROM generations WHERE id = ?',
  )
  const raise = database.prepare(
    'INSERT INTO generations (id, generation) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET generation = generation + 1',
  )
  return {
    keys: (): readonly StoredKey[] => all.all(),
    keysOf: (id) => ofId.all(id),
    accepted: () => accepted.all(),
    putKey({ id, fingerprint, state, generation, since, request }) {
      put.run({ id, fingerprint, state, generation, since, request })
    },
    dropKey(id, fingerprint) {
      drop.run(id, fingerprint)
    },
    countInState: (state) => counted.get(state)?.number ?? 0,
    generationOf: (id) => generation.get(id)?.generation ?? 0,
    raiseGeneration(id) {
      raise.run(id)
    },
  }
}

type CertificatePart =
  | 'certificate'
  | 'newestCertificate'
  | 'addCertificate'
  | 'countLive'
  | 'revokeCertificates'

function certificates(database: Database): Pick<KeyStore, CertificatePart> {
  const bySerial = database.prepare<[string], CertificateRecord>(
    'SELECT * FROM certificates WHERE serial = ?',
  )
  const newest = database.prepare<[string, string], CertificateRecord>(
    `SELECT * FROM certificates WHERE id = ? AND fingerprint = ? AND revoked IS NULL
     ORDER BY not_after DESC LIMIT 1`,
  )
  const add = database.prepare<[CertificateRecord]>(
    `INSERT INTO certificates (serial, id, generation, fingerprint, hash, pem, not_before, not_after, revoked)
     VALUES (@serial, @id, @generation, @fingerprint, @hash, @pem, @not_before, @not_after, @revoked)`,
  )
  const live = database.prepare<[string, number], { number: number }>(
    'SELECT count(*) AS number FROM certificates WHERE id = ? AND not_after > ? AND revoked IS NULL',
  )
  const revoke = database.prepare<[number, string], { serial: string }>(
    'UPDATE certificates SET revoked = ? WHERE id = ? AND revoked IS NULL RETURNING serial',
  )
  return {
    certificate: (serial) => toCertificate(bySerial.get(serial)),
    newestCertificate: (id, fingerprint) => toCertificate(newest.get(id, fingerprint)),
    addCertificate({ notBefore, notAfter, revoked, ...same }) {
      add.run({ ...same, not_before: notBefore, not_after: notAfter, revoked: revoked ?? null })
    },
    countLive: (id, now) => live.get(id, now)?.number ?? 0,
    revokeCertificates: (id, at) => revoke.all(at, id).map(({ serial }) => serial),
  }
}

function toCertificate(record: CertificateRecord | undefined): StoredCertificate | undefined {
  if (record === undefined) return undefined
  const { not_before: notBefore, not_after: notAfter, revoked, ...same } = record
  return { ...same, notBefore, notAfter, revoked: revoked ?? undefined }
}

function tokens(database: Database): Pick<KeyStore, 'tokens' | 'addToken' | 'useToken'> {
  const all = database.prepare<[], TokenRecord>('SELECT * FROM tokens')
  const add = database.prepare<[TokenRecord]>(
    `INSERT INTO tokens (hash, id_glob, expires, maker, used_by)
     VALUES (@hash, @id_glob, @expires, @maker, @used_by)`,
  )
  const use = database.prepare('UPDATE tokens SET used_by = ? WHERE hash = ? AND used_by IS NULL')
  return {
    tokens: (): readonly StoredToken[] =>
      all.all().map(({ id_glob: idGlob, used_by: usedBy, ...same }) => ({
        ...same,
        idGlob,
        usedBy: usedBy ?? undefined,
      })),
    addToken({ hash, idGlob, expires, maker, usedBy }) {
      add.run({ hash, id_glob: idGlob, expires, maker, used_by: usedBy ?? null })
    },
    useToken(hash, id) {
      use.run(id, hash)
    },
  }
}
