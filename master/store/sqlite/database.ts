/** Opens the SQLite file (0600, in a folder of its own) and brings its tables up to date by numbered migrations. */
import { createHash } from 'node:crypto'
import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { TsaltError } from '../../../shared/errors/error.ts'

export type Database = Sqlite.Database

/**
 * The tables of one area of the store, in steps. A step that has been released is never edited: add another one.
 * Each store file declares its own and `openStore` lists them all.
 */
export interface MigrationList {
  /** `jobs` */
  readonly area: string
  /** SQL of step 1, 2, 3, … */
  readonly steps: readonly string[]
}

/**
 * @param path the file; missing folders are made with mode 0700
 * @throws TsaltError `store-loose-mode`, `store-unreadable`, `store-newer`, `store-changed-migration`
 */
export function openDatabase(path: string, migrations: readonly MigrationList[]): Database {
  if (path !== ':memory:') prepareFile(path)
  let database: Database
  try {
    database = new Sqlite(path)
    database.pragma('busy_timeout = 5000')
    database.pragma('journal_mode = WAL')
    // FULL: a commit that was acknowledged survives the power cord. Group commit (write-queue.ts) shares its cost.
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma('temp_store = MEMORY')
    database.pragma('trusted_schema = OFF')
    database.pragma('wal_autocheckpoint = 2000')
    database.pragma('journal_size_limit = 67108864')
  } catch (error) {
    throw new TsaltError('store-unreadable', { path, reason: reasonOf(error) }, { cause: error })
  }
  try {
    migrate(database, path, migrations)
  } catch (error) {
    database.close()
    if (error instanceof TsaltError) throw error
    throw new TsaltError('store-unreadable', { path, reason: reasonOf(error) }, { cause: error })
  }
  return database
}

function prepareFile(path: string): void {
  const folder = dirname(path)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // Made by us before SQLite does, so that it is 0600 from its first moment; -wal and -shm take over its mode.
    closeSync(openSync(path, 'wx', 0o600))
    chmodSync(path, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new TsaltError('store-unreadable', { path, reason: reasonOf(error) }, { cause: error })
  }
  const file = lstatSync(path)
  if (!file.isFile()) throw new TsaltError('store-unreadable', { path, reason: 'it is not a regular file' })
  if ((file.mode & 0o077) !== 0) throw looseMode(path, file.mode, '600')
  const mode = statSync(folder).mode
  if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) throw looseMode(folder, mode, '700')
}

function looseMode(path: string, mode: number, wanted: string): TsaltError {
  return new TsaltError('store-loose-mode', { path, mode: (mode & 0o7777).toString(8), wanted })
}

function migrate(database: Database, path: string, migrations: readonly MigrationList[]): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migrations (area TEXT NOT NULL, step INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (area, step)) STRICT',
  )
  const applied = database.prepare<[string], { step: number; hash: string }>(
    'SELECT step, hash FROM migrations WHERE area = ? ORDER BY step',
  )
  const record = database.prepare('INSERT INTO migrations (area, step, hash) VALUES (?, ?, ?)')
  const run = database.transaction(() => {
    for (const { area, steps } of migrations) {
      const done = applied.all(area)
      if (done.length > steps.length) throw new TsaltError('store-newer', { path, area })
      for (const { step, hash } of done) {
        if (hashOf(steps[step - 1] ?? '') !== hash)
          throw new TsaltError('store-changed-migration', { path, area, step })
      }
      for (const [index, sql] of steps.entries()) {
        if (index < done.length) continue
        database.exec(sql)
        record.run(area, index + 1, hashOf(sql))
      }
    }
  })
  // IMMEDIATE: of two processes that open a fresh file at once, the second waits and finds the work done.
  run.immediate()
}

/** White space does not count, so that a formatter may touch a released step. */
const hashOf = (sql: string): string =>
  createHash('sha256').update(sql.replace(/\s+/g, ' ').trim()).digest('hex').slice(0, 32)

function reasonOf(error: unknown): string {
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException
    // What SQLite says where it has no room for its index of the log in shared memory.
    if (code === 'SQLITE_IOERR_SHMSIZE') return `the disk is full (${code})`
    return code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`
  }
  return String(error)
}
