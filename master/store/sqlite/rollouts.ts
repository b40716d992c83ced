/** Rollouts in SQLite. */
import type { Json } from '../../../shared/data/codec.ts'
import type { JobId } from '../../../shared/ids.ts'
import type { RolloutRow, RolloutStore } from '../rollouts.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

export const rolloutMigrations: MigrationList = {
  area: 'rollouts',
  steps: [
    `CREATE TABLE rollouts (jid TEXT NOT NULL PRIMARY KEY, open INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
     CREATE INDEX open_rollouts ON rollouts (jid) WHERE open = 1;`,
  ],
}

interface Stored {
  readonly jid: string
  readonly open: number
  readonly data: string
}

export function makeSqliteRollouts(database: Database, queue: WriteQueue): RolloutStore {
  const put = database.prepare(
    `INSERT INTO rollouts (jid, open, data) VALUES (?, ?, ?)
     ON CONFLICT (jid) DO UPDATE SET open = excluded.open, data = excluded.data`,
  )
  const one = database.prepare<[string], Stored>('SELECT jid, open, data FROM rollouts WHERE jid = ?')
  const open = database.prepare<[], Stored>(
    'SELECT jid, open, data FROM rollouts WHERE open = 1 ORDER BY jid',
  )
  const newest = database.prepare<[number], Stored>(
    'SELECT jid, open, data FROM rollouts ORDER BY jid DESC LIMIT ?',
  )
  const prune = database.prepare('DELETE FROM rollouts WHERE jid NOT IN (SELECT jid FROM jobs)')
  return {
    put({ jid, open: isOpen, data }) {
      const text = JSON.stringify(data)
      return queue.write(() => void put.run(jid, Number(isOpen), text), text.length)
    },
    async find(jid) {
      const row = one.get(jid)
      return row && rowOf(row)
    },
    open: async () => open.all().map(rowOf),
    list: async (limit) => newest.all(limit).map(rowOf),
    prune: () => queue.write(() => prune.run().changes),
  }
}

const rowOf = ({ jid, open, data }: Stored): RolloutRow => ({
  jid: jid as JobId,
  open: open === 1,
  data: JSON.parse(data) as Json,
})
