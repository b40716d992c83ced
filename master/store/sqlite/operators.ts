/** Operators in SQLite. */
import type { Sha256 } from '../../../shared/ids.ts'
import type { OperatorStore, StoredOperatorCertificate, StoredPass, StoredUser } from '../operators.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

export const operatorMigrations: MigrationList = {
  area: 'operators',
  steps: [
    `CREATE TABLE operators (
       name TEXT NOT NULL PRIMARY KEY,
       password TEXT NOT NULL,
       groups TEXT NOT NULL,
       disabled INTEGER NOT NULL,
       made INTEGER NOT NULL,
       changed INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE operator_passes (
       hash TEXT NOT NULL PRIMARY KEY,
       user TEXT NOT NULL,
       eauth TEXT NOT NULL,
       made INTEGER NOT NULL,
       expires INTEGER NOT NULL,
       note TEXT NOT NULL
     ) STRICT;
     CREATE INDEX operator_passes_by_user ON operator_passes (eauth, user, made);
     CREATE TABLE operator_certificates (
       serial TEXT NOT NULL PRIMARY KEY,
       name TEXT NOT NULL,
       hash TEXT NOT NULL,
       made INTEGER NOT NULL,
       expires INTEGER NOT NULL,
       revoked INTEGER
     ) STRICT;`,
  ],
}

interface UserRow {
  readonly name: string
  readonly password: string
  readonly groups: string
  readonly disabled: number
  readonly made: number
  readonly changed: number
}

interface CertificateRow {
  readonly serial: string
  readonly name: string
  readonly hash: string
  readonly made: number
  readonly expires: number
  readonly revoked: number | null
}

type Users = Pick<OperatorStore, 'users' | 'addUser' | 'changeUser' | 'dropUser'>
type Passes = Pick<OperatorStore, 'pass' | 'passes' | 'addPass' | 'dropPass'>
type Certificates = Pick<
  OperatorStore,
  'certificate' | 'certificates' | 'addCertificate' | 'revokeCertificate'
>

export function makeSqliteOperators(database: Database, queue: WriteQueue): OperatorStore {
  const oldPasses = database.prepare('DELETE FROM operator_passes WHERE expires < ?')
  const oldCertificates = database.prepare('DELETE FROM operator_certificates WHERE expires < ?')
  return {
    ...users(database, queue),
    ...passes(database, queue),
    ...certificates(database, queue),
    forget: (before) =>
      queue.write(() => {
        oldPasses.run(before)
        oldCertificates.run(before)
      }),
  }
}

function users(database: Database, queue: WriteQueue): Users {
  const all = database.prepare<[], UserRow>('SELECT * FROM operators ORDER BY name')
  const add = database.prepare(
    `INSERT INTO operators (name, password, groups, disabled, made, changed)
     VALUES (@name, @password, @groups, @disabled, @made, @changed) ON CONFLICT DO NOTHING`,
  )
  const change = database.prepare(
    `UPDATE operators SET password = @password, groups = @groups, disabled = @disabled, made = @made,
       changed = @changed WHERE name = @name`,
  )
  const drop = database.prepare('DELETE FROM operators WHERE name = ?')
  const dropPasses = database.prepare("DELETE FROM operator_passes WHERE eauth = 'local' AND user = ?")
  const revoke = database.prepare(
    'UPDATE operator_certificates SET revoked = ? WHERE name = ? AND revoked IS NULL',
  )
  return {
    users: async () => all.all().map(userOf),
    addUser: (user) => queue.write(() => add.run(rowOf(user)).changes === 1),
    changeUser: (user, andTokens) =>
      queue.write(() => {
        if (andTokens) dropPasses.run(user.name)
        return change.run(rowOf(user)).changes === 1
      }),
    dropUser: (name, at) =>
      queue.write(() => {
        dropPasses.run(name)
        revoke.run(at, name)
        return drop.run(name).changes === 1
      }),
  }
}

function passes(database: Database, queue: WriteQueue): Passes {
  const one = database.prepare<[string], StoredPass>('SELECT * FROM operator_passes WHERE hash = ?')
  const all = database.prepare<[], StoredPass>('SELECT * FROM operator_passes ORDER BY made, hash')
  const add = database.prepare(
    `INSERT INTO operator_passes (hash, user, eauth, made, expires, note)
     VALUES (@hash, @user, @eauth, @made, @expires, @note)`,
  )
  const thin = database.prepare(
    `DELETE FROM operator_passes WHERE hash IN (
       SELECT hash FROM operator_passes WHERE eauth = @eauth AND user = @user
       ORDER BY made DESC, rowid DESC LIMIT -1 OFFSET @most)`,
  )
  const drop = database.prepare('DELETE FROM operator_passes WHERE hash = ?')
  return {
    pass: async (hash) => one.get(hash),
    passes: async () => all.all(),
    addPass: (pass, most) =>
      queue.write(() => {
        add.run(pass)
        thin.run({ eauth: pass.eauth, user: pass.user, most })
      }),
    dropPass: (hash) => queue.write(() => drop.run(hash).changes === 1),
  }
}

function certificates(database: Database, queue: WriteQueue): Certificates {
  const one = database.prepare<[string], CertificateRow>(
    'SELECT * FROM operator_certificates WHERE serial = ?',
  )
  const all = database.prepare<[], CertificateRow>(
    'SELECT * FROM operator_certificates ORDER BY made, serial',
  )
  const add = database.prepare(
    `INSERT INTO operator_certificates (serial, name, hash, made, expires, revoked)
     VALUES (@serial, @name, @hash, @made, @expires, @revoked)`,
  )
  const revoke = database.prepare(
    'UPDATE operator_certificates SET revoked = ? WHERE serial = ? AND revoked IS NULL',
  )
  return {
    async certificate(serial) {
      const row = one.get(serial)
      return row && certificateOf(row)
    },
    certificates: async () => all.all().map(certificateOf),
    addCertificate: (certificate) =>
      queue.write(() => void add.run({ ...certificate, revoked: certificate.revoked ?? null })),
    revokeCertificate: (serial, at) => queue.write(() => revoke.run(at, serial).changes === 1),
  }
}

const rowOf = (user: StoredUser): UserRow => ({
  ...user,
  groups: JSON.stringify(user.groups),
  disabled: Number(user.disabled),
})

const userOf = (row: UserRow): StoredUser => ({
  ...row,
  groups: JSON.parse(row.groups) as string[],
  disabled: row.disabled === 1,
})

const certificateOf = ({ hash, revoked, ...row }: CertificateRow): StoredOperatorCertificate => ({
  ...row,
  hash: hash as Sha256,
  revoked: revoked ?? undefined,
})
