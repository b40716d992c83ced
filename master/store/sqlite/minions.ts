/** Minions in SQLite. */
import type { Json } from '../../../shared/data/codec.ts'
import type { MinionId } from '../../../shared/ids.ts'
import type { MinionRow, MinionStore } from '../minions.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

export const minionMigrations: MigrationList = {
  area: 'minions',
  steps: [
    `CREATE TABLE minions (
       id TEXT NOT NULL,
       generation INTEGER NOT NULL,
       version TEXT NOT NULL,
       address TEXT NOT NULL,
       first_seen INTEGER NOT NULL,
       last_seen INTEGER NOT NULL,
       connected_since INTEGER,
       PRIMARY KEY (id, generation)
     ) STRICT;
     CREATE TABLE minion_grains (
       id TEXT NOT NULL,
       generation INTEGER NOT NULL,
       grains TEXT NOT NULL,
       PRIMARY KEY (id, generation),
       FOREIGN KEY (id, generation) REFERENCES minions ON DELETE CASCADE
     ) STRICT;`,
    `ALTER TABLE minion_grains ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
     UPDATE minion_grains SET revision = rowid;
     CREATE INDEX minion_grains_by_revision ON minion_grains (revision);
     CREATE TABLE grains_revision (last INTEGER NOT NULL) STRICT;
     INSERT INTO grains_revision SELECT coalesce(max(rowid), 0) FROM minion_grains;`,
  ],
}

interface Stored {
  readonly id: string
  readonly generation: number
  readonly version: string
  readonly address: string
  readonly first_seen: number
  readonly last_seen: number
  readonly connected_since: number | null
}

interface StoredGrains {
  readonly id: string
  readonly generation: number
  readonly revision: number
  readonly grains: string
}

const columns = 'id, generation, version, address, first_seen, last_seen, connected_since'

export function makeSqliteMinions(database: Database, queue: WriteQueue): MinionStore {
  const put = database.prepare(
    `INSERT INTO minions (${columns}) VALUES (@id, @generation, @version, @address, @at, @at, @at)
     ON CONFLICT (id, generation) DO UPDATE SET version = @version, address = @address, last_seen = @at, connected_since = @at`,
  )
  const dropEarlier = database.prepare('DELETE FROM minions WHERE id = ? AND generation < ?')
  const putGrains = database.prepare(
    `INSERT INTO minion_grains (id, generation, grains, revision) VALUES (?, ?, ?, ?)
     ON CONFLICT (id, generation) DO UPDATE SET grains = excluded.grains, revision = excluded.revision
     WHERE grains <> excluded.grains`,
  )
  const setGrains = database.prepare(
    'UPDATE minion_grains SET grains = ?, revision = ? WHERE id = ? AND generation = ?',
  )
  const nextRevision = database
    .prepare<[], number>('UPDATE grains_revision SET last = last + 1 RETURNING last')
    .pluck()
  const grainsAfter = database.prepare<[number, number], StoredGrains>(
    'SELECT id, generation, revision, grains FROM minion_grains WHERE revision > ? ORDER BY revision LIMIT ?',
  )
  const end = database.prepare(
    'UPDATE minions SET last_seen = ?, connected_since = NULL WHERE id = ? AND generation = ? AND connected_since = ?',
  )
  const one = database.prepare<[string, number], Stored>(
    `SELECT ${columns} FROM minions WHERE id = ? AND generation = ?`,
  )
  const grainsOf = database
    .prepare<[string, number], string>('SELECT grains FROM minion_grains WHERE id = ? AND generation = ?')
    .pluck()
  const all = database.prepare<[], Stored>(`SELECT ${columns} FROM minions ORDER BY id, generation`)
  const drop = database.prepare('DELETE FROM minions WHERE id = ?')

  return {
    connected({ id, generation, version, address, grains, at }) {
      const text = JSON.stringify(grains)
      return queue.write(() => {
        dropEarlier.run(id, generation)
        put.run({ id, generation, version, address, at })
        putGrains.run(id, generation, text, nextRevision.get())
      }, text.length)
    },
    disconnected: (id, generation, since, at) => queue.write(() => void end.run(at, id, generation, since)),
    grainsChanged(id, generation, grains) {
      const text = JSON.stringify(grains)
      return queue.write(() => void setGrains.run(text, nextRevision.get(), id, generation), text.length)
    },
    async find(id, generation) {
      const row = one.get(id, generation)
      return row && minionOf(row)
    },
    async grains(id, generation) {
      const text = grainsOf.get(id, generation)
      return text === undefined ? undefined : (JSON.parse(text) as Json)
    },
    grainsSince: async (revision, limit) =>
      grainsAfter.all(revision, limit).map(({ id, grains, ...row }) => ({
        ...row,
        id: id as MinionId,
        grains: JSON.parse(grains) as Json,
      })),
    list: async () => all.all().map(minionOf),
    forget: (id) => queue.write(() => void drop.run(id)),
  }
}

const minionOf = (row: Stored): MinionRow => ({
  id: row.id as MinionId,
  generation: row.generation,
  version: row.version,
  address: row.address,
  firstSeen: row.first_seen,
  lastSeen: row.last_seen,
  connectedSince: row.connected_since ?? undefined,
})
