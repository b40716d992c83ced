/** Removes an entry with all it holds, from descriptor to descriptor, so that no link or swap leads out of the tree. */
import * as fs from 'node:fs'
import { basename, dirname } from 'node:path'
import { errno } from './file-errors.ts'
import { openSafeDirectory } from './safe-directory.ts'
import type { UndoJournal } from './undo-journal.ts'
import { recordBefore } from './undo-record.ts'

const openFlags = fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW | fs.constants.O_RDONLY

/** The entry itself, a link not followed. */
export function statOf(path: string): fs.Stats | undefined {
  return fs.lstatSync(path, { throwIfNoEntry: false })
}

/** Each entry is journalled just before it goes; nothing there is nothing to do. */
export function removeTree(path: string, journal: UndoJournal): void {
  if (!statOf(path)) return
  const directory = openSafeDirectory(dirname(path))
  try {
    removeEntry(directory.at, basename(path), path, journal)
    directory.sync()
  } finally {
    directory.close()
  }
}

function removeEntry(at: string, name: string, path: string, journal: UndoJournal): void {
  const entry = `${at}/${name}`
  const stat = fs.lstatSync(entry, { throwIfNoEntry: false })
  if (!stat) return
  if (stat.isDirectory()) {
    empty(entry, path, journal)
    recordBefore(journal, path)
    fs.rmdirSync(entry)
    return
  }
  recordBefore(journal, path)
  fs.unlinkSync(entry)
}

function empty(entry: string, path: string, journal: UndoJournal): void {
  let fd: number
  try {
    fd = fs.openSync(entry, openFlags)
  } catch (error) {
    // Someone put a link or a file in its place: the removal that follows deals with what is there, or refuses.
    if (errno(error) === 'ENOTDIR' || errno(error) === 'ELOOP') return
    throw error
  }
  try {
    const at = `/proc/self/fd/${fd}`
    for (const name of fs.readdirSync(at)) removeEntry(at, name, `${path}/${name}`, journal)
  } finally {
    fs.closeSync(fd)
  }
}
