/** Consumers of events in SQLite. */
import type { Json } from '../../../shared/data/codec.ts'
import type { Claim, ConsumerStore } from '../consumers.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

export const consumerMigrations: MigrationList = {
  area: 'consumers',
  steps: [
    `CREATE TABLE consumers (name TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
     CREATE TABLE claims (
       consumer TEXT NOT NULL,
       sequence INTEGER NOT NULL,
       part TEXT NOT NULL,
       token TEXT NOT NULL,
       ended INTEGER NOT NULL,
       PRIMARY KEY (consumer, sequence, part)
     ) STRICT, WITHOUT ROWID;`,
  ],
}

interface Stored {
  readonly sequence: number
  readonly part: string
  readonly token: string
  readonly ended: number
}

export function makeSqliteConsumers(database: Database, queue: WriteQueue): ConsumerStore {
  const one = database.prepare<[string], { name: string; sequence: number; data: string }>(
    'SELECT name, sequence, data FROM consumers WHERE name = ?',
  )
  const put = database.prepare(
    `INSERT INTO consumers (name, sequence, data) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET sequence = excluded.sequence, data = excluded.data`,
  )
  const forget = database.prepare('DELETE FROM claims WHERE consumer = ? AND sequence <= ?')
  const claimed = database.prepare<[string, number, string], Stored>(
    'SELECT sequence, part, token, ended FROM claims WHERE consumer = ? AND sequence = ? AND part = ?',
  )
  const claim = database.prepare(
    `INSERT INTO claims (consumer, sequence, part, token, ended) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (consumer, sequence, part) DO UPDATE SET token = excluded.token, ended = excluded.ended`,
  )
  const write = (name: string, { sequence, part, token, ended }: Claim): void =>
    void claim.run(name, sequence, part, token, Number(ended))
  return {
    async find(name) {
      const row = one.get(name)
      return row && { ...row, data: JSON.parse(row.data) as Json }
    },
    put({ name, sequence, data }) {
      const text = JSON.stringify(data)
      return queue.write(() => {
        put.run(name, sequence, text)
        forget.run(name, sequence)
      }, text.length)
    },
    claim: (name, wanted) =>
      queue.write(() => {
        const before = claimed.get(name, wanted.sequence, wanted.part)
        if (before !== undefined) return { ...before, ended: before.ended === 1 }
        write(name, wanted)
        return undefined
      }),
    settle: (name, settled) => queue.write(() => write(name, settled)),
  }
}
