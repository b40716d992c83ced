/** The mine in SQLite. */
import type { Json } from '../../../shared/data/codec.ts'
import type { MinionId } from '../../../shared/ids.ts'
import type { MineReaders } from '../../../shared/protocol/messages/mine-put.ts'
import type { MineChange, MineExcess, MineLimits, MineRow, MineStore } from '../mine.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

export const mineMigrations: MigrationList = {
  area: 'mine',
  steps: [
    // AUTOINCREMENT: no number comes twice, so a number stands for one value for ever.
    `CREATE TABLE mine (
       key INTEGER PRIMARY KEY AUTOINCREMENT,
       id TEXT NOT NULL,
       generation INTEGER NOT NULL,
       name TEXT NOT NULL,
       readers TEXT,
       configured INTEGER NOT NULL,
       bytes INTEGER NOT NULL,
       at INTEGER NOT NULL,
       value TEXT NOT NULL,
       UNIQUE (name, id, generation)
     ) STRICT;
     CREATE INDEX mine_by_minion ON mine (id, generation, name);`,
  ],
}

interface Stored {
  readonly key: number
  readonly id: string
  readonly generation: number
  readonly name: string
  readonly readers: string | null
  readonly configured: number
  readonly bytes: number
  readonly at: number
}

const columns = 'key, id, generation, name, readers, configured, bytes, at'

export function makeSqliteMine(database: Database, queue: WriteQueue): MineStore {
  const byName = database.prepare<[string], Stored>(
    `SELECT ${columns} FROM mine WHERE name = ? ORDER BY id, generation`,
  )
  const byMinion = database.prepare<[string, number], Stored>(
    `SELECT ${columns} FROM mine WHERE id = ? AND generation = ? ORDER BY name`,
  )
  // Keys only grow: with the same greatest key, nothing can have happened but that rows went, and then they are fewer.
  const stamp = database.prepare<[string], { newest: number | null; count: number }>(
    'SELECT max(key) AS newest, count(*) AS count FROM mine WHERE name = ?',
  )
  const readValue = database.prepare<[number], string>('SELECT value FROM mine WHERE key = ?').pluck()
  const forget = database.prepare('DELETE FROM mine WHERE id = ?')
  const put = makePut(database)
  return {
    put: (change, limits) => {
      const entries = change.entries.map(({ value, ...entry }) => ({ ...entry, text: JSON.stringify(value) }))
      const weight = entries.reduce((sum, { text }) => sum + text.length, 0)
      return queue.write(() => put({ ...change, entries }, limits), weight)
    },
    find: async (names) => names.flatMap((name) => byName.all(name).map(rowOf)),
    async version(name) {
      const { newest = 0, count = 0 } = stamp.get(name) ?? {}
      return `${newest} ${count}`
    },
    of: async (id, generation) => byMinion.all(id, generation).map(rowOf),
    async values(keys) {
      const found = new Map<number, Json>()
      for (const key of keys) {
        const text = readValue.get(key)
        if (text !== undefined) found.set(key, JSON.parse(text) as Json)
      }
      return found
    },
    forget: (id) => queue.write(() => void forget.run(id)),
  }
}

interface Change extends Omit<MineChange, 'entries'> {
  readonly entries: readonly { name: string; readers?: MineReaders | undefined; text: string }[]
}

function makePut(database: Database): (change: Change, limits: MineLimits) => MineExcess[] {
  const known = database.prepare<[string, number], { name: string; configured: number }>(
    'SELECT name, configured FROM mine WHERE id = ? AND generation = ?',
  )
  const drop = database.prepare('DELETE FROM mine WHERE name = ? AND id = ? AND generation = ?')
  const dropEarlier = database.prepare('DELETE FROM mine WHERE id = ? AND generation < ?')
  const size = database.prepare<[string, number], { names: number; bytes: number }>(
    'SELECT count(*) AS names, coalesce(sum(bytes), 0) AS bytes FROM mine WHERE id = ? AND generation = ?',
  )
  const same = database
    .prepare<[string, string, number, string, string | null], number>(
      'SELECT key FROM mine WHERE name = ? AND id = ? AND generation = ? AND value = ? AND readers IS ?',
    )
    .pluck()
  const mark = database.prepare('UPDATE mine SET configured = ? WHERE key = ? AND configured <> ?')
  const insert = database.prepare(
    `INSERT INTO mine (id, generation, name, readers, configured, bytes, at, value)
     VALUES (@id, @generation, @name, @readers, @configured, @bytes, @at, @value)`,
  )
  return ({ id, generation, at, clear, keep, remove, configured, entries }, limits) => {
    dropEarlier.run(id, generation)
    const staying = new Set([...keep, ...entries.map(({ name }) => name)])
    for (const row of clear === 'nothing' ? [] : known.all(id, generation)) {
      const isMeant = clear === 'all' || row.configured === 1
      if (isMeant && !staying.has(row.name)) drop.run(row.name, id, generation)
    }
    for (const name of remove) drop.run(name, id, generation)
    const isConfigured = configured ? 1 : 0
    const fresh = entries.flatMap(({ name, readers, text }) => {
      const readersText = readers === undefined ? null : JSON.stringify([readers.kind, readers.expression])
      const unchanged = same.get(name, id, generation, text, readersText)
      if (unchanged !== undefined) mark.run(isConfigured, unchanged, isConfigured)
      else drop.run(name, id, generation)
      return unchanged === undefined ? [{ name, readers: readersText, value: text }] : []
    })
    const excess: MineExcess[] = []
    for (const entry of fresh) {
      const has = size.get(id, generation) ?? { names: 0, bytes: 0 }
      const bytes = Buffer.byteLength(entry.value)
      const over = (exceeds: keyof MineLimits, reached: number): boolean => {
        if (reached <= limits[exceeds]) return false
        excess.push({ name: entry.name, exceeds, size: reached })
        return true
      }
      if (over('names', has.names + 1) || over('bytes', has.bytes + bytes)) continue
      insert.run({ ...entry, id, generation, configured: isConfigured, bytes, at })
    }
    return excess
  }
}

const rowOf = ({ readers, configured, id, ...row }: Stored): MineRow => {
  const [kind, expression] = readers === null ? [] : (JSON.parse(readers) as [MineReaders['kind'], string])
  return {
    ...row,
    id: id as MinionId,
    readers: kind === undefined || expression === undefined ? undefined : { kind, expression },
    configured: configured === 1,
  }
}
