/** Returns in SQLite. */
import { createHash } from 'node:crypto'
import type { Json } from '../../../shared/data/codec.ts'
import type { EndedProcess } from '../../../shared/end-order.ts'
import type { JobId, MinionId } from '../../../shared/ids.ts'
import type { CallVerdict, Outcome } from '../../../shared/protocol/messages/job-return.ts'
import { type ReturnRow, type ReturnStore, type Stored, straysKept } from '../returns.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

/** What a return takes beside its body, about. */
const rowBytes = 300

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
    `ALTER TABLE returns ADD COLUMN ended TEXT;
     ALTER TABLE returns ADD COLUMN ran_as TEXT;
     ALTER TABLE stray_returns ADD COLUMN ended TEXT;
     ALTER TABLE stray_returns ADD COLUMN ran_as TEXT;
     UPDATE jobs SET bytes = bytes + coalesce(
       (SELECT sum(length(ret) + ${rowBytes}) FROM returns WHERE returns.jid = jobs.jid), 0);`,
    `ALTER TABLE returns ADD COLUMN calls TEXT;
     ALTER TABLE stray_returns ADD COLUMN calls TEXT;`,
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
  readonly ended: string | null
  readonly ran_as: string | null
  readonly calls: string | null
}

const columns =
  'id, digest, outcome, retcode, success, format, started, duration, truncated, ret, ended, ran_as, calls'

export function makeSqliteReturns(database: Database, queue: WriteQueue): ReturnStore {
  const add = makeAdd(database)
  const one = database.prepare<[string, string], StoredReturn>(
    `SELECT ${columns} FROM returns WHERE jid = ? AND id = ?`,
  )
  const all = database.prepare<[string], StoredReturn>(`SELECT ${columns} FROM returns WHERE jid = ?`)
  const judged = database.prepare<[string], Pick<StoredReturn, 'id' | 'outcome' | 'retcode' | 'success'>>(
    'SELECT id, outcome, retcode, success FROM returns WHERE jid = ?',
  )
  const times = database.prepare<[string], Pick<StoredReturn, 'id' | 'duration'>>(
    "SELECT id, duration FROM returns WHERE jid = ? AND outcome = 'done'",
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
        ended: row.ended === undefined ? null : JSON.stringify(row.ended),
        ranAs: row.ranAs ?? null,
        calls: row.calls === undefined ? null : JSON.stringify(row.calls),
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
    durations: async (jid) => new Map(times.all(jid).map(({ id, duration }) => [id as MinionId, duration])),
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
  readonly ended: string | null
  readonly ranAs: string | null
  readonly calls: string | null
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
      `INSERT INTO ${name} (jid, id, digest, outcome, retcode, success, format, started, duration, truncated, received, ret, ended, ran_as, calls)
       VALUES (@jid, @id, @digest, @outcome, @retcode, @success, @format, @started, @duration, @truncated, @received, @ret, @ended, @ranAs, @calls)
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
  const grow = database.prepare('UPDATE jobs SET bytes = bytes + ? WHERE jid = ?')
  const countStray = database.prepare('UPDATE targets SET strays = strays + 1 WHERE jid = ? AND id = ?')

  return (row, generation) => {
    const target = expected.get(row.jid, row.id)
    if (target === undefined || target.generation !== generation) return 'unexpected'
    if (target.state === 'returned') {
      if (digest.get(row.jid, row.id)?.equals(row.digest)) return 'repeated'
      if ((kept.get(row.jid, row.id) ?? 0) < straysKept) {
        insertStray.run(row)
        grow.run(row.ret.length + rowBytes, row.jid)
      }
      countStray.run(row.jid, row.id)
      return 'different'
    }
    // Given up, and yet it had been on its way: what the minion says is truer than our guess.
    if (target.state === 'expired' && target.attempted === 0) return 'unexpected'
    insert.run(row)
    end.run(row.received, row.jid, row.id)
    grow.run(row.ret.length + rowBytes, row.jid)
    return 'stored'
  }
}

function digestOf(row: ReturnRow, ret: string): Buffer {
  const rest: unknown[] = [
    row.outcome,
    row.retcode,
    row.success,
    row.format,
    row.started,
    row.duration,
    row.truncated,
  ]
  // Only where there are some, so that a return that was stored before they were known is still the same.
  if (row.ended !== undefined || row.ranAs !== undefined) rest.push(row.ended, row.ranAs)
  if (row.calls !== undefined) rest.push(row.calls)
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
  ...(row.ended === null ? {} : { ended: JSON.parse(row.ended) as EndedProcess[] }),
  ...(row.ran_as === null ? {} : { ranAs: row.ran_as as JobId }),
  ...(row.calls === null ? {} : { calls: JSON.parse(row.calls) as CallVerdict[] }),
})
