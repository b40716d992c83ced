/** The schedule of the master in SQLite. */
import type { Json } from '../../../shared/data/codec.ts'
import type { ScheduleStore } from '../schedules.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

export const scheduleMigrations: MigrationList = {
  area: 'schedules',
  steps: [
    `CREATE TABLE schedule_edits (one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), edits TEXT NOT NULL) STRICT;
     CREATE TABLE schedule_due (
       name TEXT NOT NULL PRIMARY KEY,
       timing TEXT NOT NULL,
       anchor INTEGER NOT NULL,
       pending TEXT NOT NULL
     ) STRICT;`,
  ],
}

interface Stored {
  readonly name: string
  readonly timing: string
  readonly anchor: number
  readonly pending: string
}

export function makeSqliteSchedules(database: Database, queue: WriteQueue): ScheduleStore {
  const edits = database.prepare<[], string>('SELECT edits FROM schedule_edits').pluck()
  const putEdits = database.prepare(
    'INSERT INTO schedule_edits (one, edits) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET edits = excluded.edits',
  )
  const due = database.prepare<[], Stored>(
    'SELECT name, timing, anchor, pending FROM schedule_due ORDER BY name',
  )
  const putDue = database.prepare(
    `INSERT INTO schedule_due (name, timing, anchor, pending) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET timing = excluded.timing, anchor = excluded.anchor, pending = excluded.pending`,
  )
  const dropDue = database.prepare('DELETE FROM schedule_due WHERE name = ?')
  return {
    edits: async () => JSON.parse(edits.get() ?? 'null') as Json,
    putEdits(changed) {
      const text = JSON.stringify(changed)
      return queue.write(() => void putEdits.run(text), text.length)
    },
    due: async () => due.all().map((row) => ({ ...row, pending: JSON.parse(row.pending) as Json })),
    putDue({ name, timing, anchor, pending }) {
      const text = JSON.stringify(pending)
      return queue.write(() => void putDue.run(name, timing, anchor, text), text.length)
    },
    dropDue: (name) => queue.write(() => void dropDue.run(name)),
  }
}
