/**
 * One master for each database: a lock that the kernel gives back when the process dies, however it dies. It is held
 * on a file of its own, since SQLite's locks on the database itself come and go.
 */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { TsaltError } from '../../../shared/errors/error.ts'

export interface OwnerLock {
  release(): void
}

/**
 * @param store path of the database, in a folder that exists
 * @param owner how to name this process to the next one: `pid 4711 on jump, since …`
 * @throws TsaltError `master-already-running`
 */
export function takeOwnerLock(store: string, owner: string): OwnerLock {
  const notes = `${store}.owner`
  // Made by us before SQLite does, so that it is 0600 like everything beside it.
  closeSync(openSync(`${store}.lock`, 'a', 0o600))
  const lock = new Sqlite(`${store}.lock`, { timeout: 0 })
  try {
    // Nothing is ever written to it, not even a journal: the lock can be had on a full disk too.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error
    throw new TsaltError('master-already-running', { store, owner: readNotes(notes) })
  }
  try {
    writeFileSync(notes, `${owner}\n`, { mode: 0o600 })
  } catch {
    // A full disk: the lock is what counts, the note is for people.
  }
  return {
    release() {
      if (lock.open) lock.close()
    },
  }
}

function readNotes(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return 'it did not leave its name'
  }
}
