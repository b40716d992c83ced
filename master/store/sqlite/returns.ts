/** Returns in SQLite. */
import { createHash } from 'node:crypto'
import type { Json } from '../../../shared/data/codec.ts'
import type { MinionId } from '../../../shared/ids.ts'
import type { Outcome } from '../../../shared/protocol/messages/job-return.ts'
import { type ReturnRow, type ReturnStore, type Stored, straysKept } from '../returns.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

const table = (name: string, key: string) => `CREATE TABLE ${name} (
       jid TEXT NOT NULL,
       id TEXT NOT NULL,
       digest BLOB NOT NULL,
       outcome TEXT NOT NULL,
       retcode INTEGER NOT NULL,
       success INTEGER NOT NULL,
       format TEXT NOT NULL,
       started INTEGER NOT NULL,
       duration INTEGER NOT NULL,
       truncated TEXT,
       received INTEGER NOT NULL,
       ret TEXT NOT NULL,
       ${key},
       FOREIGN KEY (jid, id) REFERENCES targets ON DELETE CASCADE
     ) STRICT;`

export const returnMigrations: MigrationList = {
  area: 'returns',
  steps: [
    `${table('returns', 'PRIMARY KEY (jid, id)')} ${table('stray_returns', 'PRIMARY KEY (jid, id, digest)')}`,
  ],
}

interface StoredReturn {
  readonly id: string
  readonly digest: Buffer
  readonly outcome: string
  readonly retcode: number
  readonly success: number
  readonly format: string
  readonly started: number
  readonly duration: number
  readonly truncated: string | null
  readonly ret: string
}

const columns = 'id, digest, outcome, retcode, success, format, started, duration, truncated, ret'

export function makeSqliteReturns(database: Database, queue: WriteQueue): ReturnStore {
  const add = makeAdd(database)
  const one = database.prepare<[string, string], StoredReturn>(
    `SELECT ${columns} FROM returns WHERE jid = ? AND id = ?`,
  )
  const all = database.prepare<[string], StoredReturn>(`SELECT ${columns} FROM returns WHERE jid = ?`)
  const judged = database.prepare<[string], Pick<StoredReturn, 'id' | 'outcome' | 'retcode' | 'success'>>(
    'SELECT id, outcome, retcode, success FROM returns WHERE jid = ?',
  )
  const strays = database.prepare<[string, string], StoredReturn>(
    `SELECT ${columns} FROM stray_returns WHERE jid = ? AND id = ? ORDER BY received, rowid`,
  )
  return {
    add(jid, id, generation, row, at) {
      const ret = JSON.stringify(row.ret)
      const bound: Bound = {
        ...row,
        jid,
        id,
        ret,
        success: Number(row.success),
        truncated: row.truncated ?? null,
        received: at,
        digest: digestOf(row, ret),
      }
      return queue.write(() => add(bound, generation), ret.length + 200)
    },
    async find(jid, id) {
      const row = one.get(jid, id)
      return row && returnOf(row)
    },
    ofJob: async (jid) => new Map(all.all(jid).map((row) => [row.id as MinionId, returnOf(row)])),
    verdicts: async (jid) =>
      new Map(
        judged
          .all(jid)
          .map(({ id, outcome, retcode, success }) => [
            id as MinionId,
            { outcome: outcome as Outcome, retcode, success: success === 1 },
          ]),
      ),
    strays: async (jid, id) => strays.all(jid, id).map(returnOf),
  }
}

interface Bound {
  readonly jid: string
  readonly id: string
  readonly digest: Buffer
  readonly outcome: string
  readonly retcode: number
  readonly success: number
  readonly format: string
  readonly started: number
  readonly duration: number
  readonly truncated: string | null
  readonly received: number
  readonly ret: string
}

interface Expected {
  readonly generation: number
  readonly state: string
  readonly attempted: number
}

function makeAdd(database: Database): (row: Bound, generation: number) => Stored {
  const expected = database.prepare<[string, string], Expected>(
    'SELECT generation, state, attempted FROM targets WHERE jid = ? AND id = ?',
  )
  const insertInto = (name: string) =>
    database.prepare<[Bound]>(
      `INSERT INTO ${name} (jid, id, digest, outcome, retcode, success, format, started, duration, truncated, received, ret)
       VALUES (@jid, @id, @digest, @outcome, @retcode, @success, @format, @started, @duration, @truncated, @received, @ret)
       ON CONFLICT DO NOTHING`,
    )
  const insert = insertInto('returns')
  const insertStray = insertInto('stray_returns')
  const end = database.prepare("UPDATE targets SET state = 'returned', since = ? WHERE jid = ? AND id = ?")
  const digest = database
    .prepare<[string, string], Buffer>('SELECT digest FROM returns WHERE jid = ? AND id = ?')
    .pluck()
  const kept = database
    .prepare<[string, string], number>('SELECT count(*) FROM stray_returns WHERE jid = ? AND id = ?')
    .pluck()
  const countStray = database.prepare('UPDATE targets SET strays = strays + 1 WHERE jid = ? AND id = ?')

  return (row, generation) => {
    const target = expected.get(row.jid, row.id)
    if (target === undefined || target.generation !== generation) return 'unexpected'
    if (target.state === 'returned') {
      if (digest.get(row.jid, row.id)?.equals(row.digest)) return 'repeated'
      if ((kept.get(row.jid, row.id) ?? 0) < straysKept) insertStray.run(row)
      countStray.run(row.jid, row.id)
      return 'different'
    }
    // Given up, and yet it had been on its way: what the minion says is truer than our guess.
    if (target.state === 'expired' && target.attempted === 0) return 'unexpected'
    insert.run(row)
    end.run(row.received, row.jid, row.id)
    return 'stored'
  }
}

function digestOf(row: ReturnRow, ret: string): Buffer {
  const rest = [row.outcome, row.retcode, row.success, row.format, row.started, row.duration, row.truncated]
  return createHash('sha256').update(JSON.stringify(rest)).update('\n').update(ret).digest()
}

const returnOf = (row: StoredReturn): ReturnRow => ({
  outcome: row.outcome as Outcome,
  retcode: row.retcode,
  success: row.success === 1,
  format: row.format as ReturnRow['format'],
  ret: JSON.parse(row.ret) as Json,
  started: row.started,
  duration: row.duration,
  truncated: row.truncated ?? undefined,
})
