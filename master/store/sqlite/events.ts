/** Events in SQLite. */
import type { Json } from '../../../shared/data/codec.ts'
import type { MinionId } from '../../../shared/ids.ts'
import type { EventRow, EventStore, NewEvent } from '../events.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

export const eventMigrations: MigrationList = {
  area: 'events',
  steps: [
    `CREATE TABLE events (
       sequence INTEGER PRIMARY KEY AUTOINCREMENT,
       tag TEXT NOT NULL,
       at INTEGER NOT NULL,
       origin TEXT,
       key TEXT,
       data TEXT NOT NULL
     ) STRICT;
     CREATE UNIQUE INDEX events_told_once ON events (origin, key) WHERE key IS NOT NULL;
     CREATE INDEX events_by_time ON events (at);`,
  ],
}

interface Stored {
  readonly sequence: number
  readonly tag: string
  readonly at: number
  readonly origin: string | null
  readonly key: string | null
  readonly data: string
}

export function makeSqliteEvents(database: Database, queue: WriteQueue): EventStore {
  const insert = database.prepare(
    `INSERT INTO events (tag, at, origin, key, data) VALUES (@tag, @at, @origin, @key, @data) ON CONFLICT DO NOTHING`,
  )
  const after = database.prepare<[number, number], Stored>(
    'SELECT sequence, tag, at, origin, key, data FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?',
  )
  // Of AUTOINCREMENT: it outlives the events themselves.
  const newest = database.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'events'").pluck()
  const earlier = database
    .prepare<[number], number | null>('SELECT max(sequence) FROM events WHERE at < ?')
    .pluck()
  // Each by an index: one statement with OR reads the whole table where there is nothing to forget.
  const tooMany = database.prepare(
    `DELETE FROM events WHERE sequence IN (
       SELECT sequence FROM events WHERE sequence <= @last ORDER BY sequence LIMIT @limit)`,
  )
  const tooOld = database.prepare(
    `DELETE FROM events WHERE sequence IN (SELECT sequence FROM events WHERE at < @before ORDER BY at LIMIT @limit)`,
  )
  const prune = (before: number, most: number, limit: number) => {
    const { changes } = tooMany.run({ last: (newest.get() ?? 0) - most, limit })
    return changes + (changes < limit ? tooOld.run({ before, limit: limit - changes }).changes : 0)
  }
  return {
    add({ tag, at, origin, key, data }: NewEvent) {
      const row = { tag, at, origin: origin ?? null, key: key ?? null, data: JSON.stringify(data) }
      return queue.write(() => {
        const { changes, lastInsertRowid } = insert.run(row)
        return changes === 0 ? undefined : Number(lastInsertRowid)
      }, row.data.length + tag.length)
    },
    since: async (sequence, limit) => after.all(sequence, limit).map(eventOf),
    last: async () => newest.get() ?? 0,
    before: async (at) => earlier.get(at) ?? 0,
    prune: (before, most, limit) => queue.write(() => prune(before, most, limit)),
  }
}

/** Whoever follows events looks at all their tags, and at the data of few: it is parsed when it is asked for. */
function eventOf({ sequence, tag, at, origin, key, data: text }: Stored): EventRow {
  let data: Json | undefined
  return {
    sequence,
    tag,
    at,
    origin: (origin ?? undefined) as MinionId | undefined,
    key: key ?? undefined,
    get data(): Json {
      data ??= JSON.parse(text) as Json
      return data
    },
  }
}
