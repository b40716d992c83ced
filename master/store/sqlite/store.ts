/** The SQLite driver, put together. */
import type { Store } from '../store.ts'
import { consumerMigrations, makeSqliteConsumers } from './consumers.ts'
import { type Database, type MigrationList, openDatabase } from './database.ts'
import { eventMigrations, makeSqliteEvents } from './events.ts'
import { jobMigrations, makeSqliteJobs } from './jobs.ts'
import { makeSqliteMine, mineMigrations } from './mine.ts'
import { makeSqliteMinions, minionMigrations } from './minions.ts'
import { makeSqliteOperators, operatorMigrations } from './operators.ts'
import { makeSqliteReturns, returnMigrations } from './returns.ts'
import { makeSqliteRollouts, rolloutMigrations } from './rollouts.ts'
import { makeSqliteSchedules, scheduleMigrations } from './schedules.ts'
import { makeWriteQueue } from './write-queue.ts'

export interface SqliteStore extends Store {
  /** For the stores that live in the same file and commit by themselves (keys). */
  readonly database: Database
}

/**
 * @param path the file; `:memory:` for a store that forgets
 * @param others tables of further stores in the same file
 * @throws TsaltError as `openDatabase`
 */
export function openStore(path: string, others: readonly MigrationList[] = []): SqliteStore {
  const database = openDatabase(path, [
    minionMigrations,
    jobMigrations,
    returnMigrations,
    eventMigrations,
    mineMigrations,
    rolloutMigrations,
    operatorMigrations,
    consumerMigrations,
    scheduleMigrations,
    ...others,
  ])
  const queue = makeWriteQueue(database)
  return {
    database,
    minions: makeSqliteMinions(database, queue),
    jobs: makeSqliteJobs(database, queue),
    returns: makeSqliteReturns(database, queue),
    events: makeSqliteEvents(database, queue),
    mine: makeSqliteMine(database, queue),
    rollouts: makeSqliteRollouts(database, queue),
    operators: makeSqliteOperators(database, queue),
    consumers: makeSqliteConsumers(database, queue),
    schedules: makeSqliteSchedules(database, queue),
    pressure: queue,
    async close() {
      if (!database.open) return
      queue.close()
      database.close()
    },
  }
}
