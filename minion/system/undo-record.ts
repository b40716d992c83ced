/** Writes into the undo journal what is at a path before it changes. */
import { createHash } from 'node:crypto'
import { type EntryLook, osEntries, type RecordedEntry } from './entry-look.ts'
import type { UndoEntry } from './undo-entry.ts'
import type { UndoJournal } from './undo-journal.ts'

/** Set-user-id and set-group-id. */
export const setIds = 0o6000
const largestHashed = 1024 * 1024 * 1024

export interface RecordOptions {
  /** Hash of the file that will be there, so that an undo can tell whether someone changed it since. */
  readonly after?: string | undefined
  /** Only mode and owner will change, so content need not be kept. */
  readonly attributesOnly?: boolean
  readonly look?: EntryLook
}

export function recordBefore(
  journal: UndoJournal,
  path: string,
  { after, attributesOnly = false, look = osEntries }: RecordOptions = {},
): void {
  const entry = look.entry(path)
  const hash = after === undefined ? {} : { after }
  if (!entry) journal.record({ kind: 'absent', path, ...hash })
  else if (entry.type === 'file' && !attributesOnly) recordFile(journal, path, entry, look, hash)
  else
    journal.record({
      ...recorded(path, entry, attributesOnly, look),
      ...(entry.type === 'symlink' ? hash : {}),
    })
}

/** A directory with all it holds, or any other entry, that is about to go: what it holds first. */
export function recordTree(journal: UndoJournal, path: string, look: EntryLook): void {
  if (look.entry(path)?.type === 'directory')
    for (const name of look.list(path)) recordTree(journal, `${path}/${name}`, look)
  recordBefore(journal, path, { look })
}

/** What a program made where nothing was: the directory first, and the hashes of its files. */
export function recordMade(journal: UndoJournal, path: string, look: EntryLook): void {
  const entry = look.entry(path)
  if (!entry) return
  const after = entry.type === 'file' ? { after: hashOf(look.read(path, largestHashed)) } : {}
  journal.record({ kind: 'absent', path, ...after })
  if (entry.type === 'directory')
    for (const name of look.list(path)) recordMade(journal, `${path}/${name}`, look)
}

const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

const ownedBy = (path: string, { mode, uid, gid }: RecordedEntry) => ({ path, mode, uid, gid })

function recorded(path: string, entry: RecordedEntry, attributesOnly: boolean, look: EntryLook): UndoEntry {
  const { type, uid, gid } = entry
  if (type === 'symlink') return { kind: 'symlink', path, target: look.target(path), uid, gid }
  if (attributesOnly)
    return { kind: 'attributes', ...ownedBy(path, entry), ...knownContent(path, entry, look) }
  if (type === 'directory') return { kind: 'directory', ...ownedBy(path, entry) }
  return { kind: 'lost', what: path, why: 'it was neither file, directory nor link' }
}

/** Set-user-id is given back only to what had it: by then the file may belong to somebody who wrote another. */
function knownContent(path: string, { type, mode }: RecordedEntry, look: EntryLook): { content?: string } {
  if (type !== 'file' || (mode & setIds) === 0) return {}
  return { content: hashOf(look.read(path, largestHashed)) }
}

function recordFile(
  journal: UndoJournal,
  path: string,
  entry: RecordedEntry,
  look: EntryLook,
  hash: { after?: string },
): void {
  const lost = (why: string) => journal.record({ kind: 'lost', what: path, why })
  if (entry.size > journal.imageLimit) {
    lost(`its ${entry.size} bytes are too many to keep`)
    return
  }
  const content = journal.keep(look.read(path, journal.imageLimit))
  if (content === undefined) lost('the job kept too much already')
  else journal.record({ kind: 'file', ...ownedBy(path, entry), content, ...hash })
}
