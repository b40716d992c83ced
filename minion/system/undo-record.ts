/** Writes into the undo journal what is at a path before it changes. */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { readFile } from './file-reader.ts'
import type { UndoEntry } from './undo-entry.ts'
import type { UndoJournal } from './undo-journal.ts'

/** Set-user-id and set-group-id. */
export const setIds = 0o6000
const largestHashed = 1024 * 1024 * 1024

/** The entry itself, a link not followed. */
export function statOf(path: string): fs.Stats | undefined {
  return fs.lstatSync(path, { throwIfNoEntry: false })
}

/**
 * @param after hash of the file that will be there, so that an undo can tell whether someone changed it since
 * @param attributesOnly only mode and owner will change, so content need not be kept
 */
export function recordBefore(
  journal: UndoJournal,
  path: string,
  after?: string,
  attributesOnly = false,
): void {
  const stat = statOf(path)
  const hash = after === undefined ? {} : { after }
  if (!stat) journal.record({ kind: 'absent', path, ...hash })
  else if (stat.isFile() && !attributesOnly) recordFile(journal, path, stat, hash)
  else journal.record({ ...entryOf(path, stat, attributesOnly), ...(stat.isSymbolicLink() ? hash : {}) })
}

function ownedBy(path: string, stat: fs.Stats) {
  return { path, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid }
}

function entryOf(path: string, stat: fs.Stats, attributesOnly: boolean): UndoEntry {
  if (stat.isSymbolicLink()) {
    return { kind: 'symlink', path, target: fs.readlinkSync(path), uid: stat.uid, gid: stat.gid }
  }
  if (attributesOnly) return { kind: 'attributes', ...ownedBy(path, stat), ...knownContent(path, stat) }
  if (stat.isDirectory()) return { kind: 'directory', ...ownedBy(path, stat) }
  return { kind: 'lost', what: path, why: 'it was neither file, directory nor link' }
}

/** Set-user-id is given back only to what had it: by then the file may belong to somebody who wrote another. */
function knownContent(path: string, stat: fs.Stats): { content?: string } {
  if (!stat.isFile() || (stat.mode & setIds) === 0) return {}
  return { content: createHash('sha256').update(readFile(path, largestHashed)).digest('hex') }
}

function recordFile(journal: UndoJournal, path: string, stat: fs.Stats, hash: { after?: string }): void {
  const lost = (why: string) => journal.record({ kind: 'lost', what: path, why })
  if (stat.size > journal.imageLimit) {
    lost(`its ${stat.size} bytes are too many to keep`)
    return
  }
  const content = journal.keep(readFile(path, journal.imageLimit))
  if (content === undefined) lost('the job kept too much already')
  else journal.record({ kind: 'file', ...ownedBy(path, stat), content, ...hash })
}
