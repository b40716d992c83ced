/** What the undo journal sees of entries, a link not followed and without waiting. The fake machine has its own. */
import * as fs from 'node:fs'
import { readFile } from './file-reader.ts'
import type { FileType } from './reader.ts'

export interface RecordedEntry {
  readonly type: FileType
  /** Permission bits, 0o7777 at most. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
}

export interface EntryLook {
  entry(path: string): RecordedEntry | undefined
  /** Where a link points. */
  target(path: string): string
  /** @throws TsaltError `file-too-large`, `file-unreadable` */
  read(path: string, limit: number): Uint8Array
  /** Names in a directory. */
  list(path: string): string[]
}

export const osEntries: EntryLook = {
  entry: (path) => {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false })
    return (
      stat && { type: typeOf(stat), mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, size: stat.size }
    )
  },
  target: (path) => fs.readlinkSync(path),
  read: readFile,
  list: (path) => fs.readdirSync(path),
}

function typeOf(stat: fs.Stats): FileType {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isFIFO()) return 'fifo'
  if (stat.isSocket()) return 'socket'
  return stat.isBlockDevice() ? 'block-device' : 'character-device'
}
