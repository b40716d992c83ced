/** How an entry of a folder was when it was looked at last, to tell what became of it. */
import { lstatSync, type Stats, statSync } from 'node:fs'

export interface EntryMark {
  /** The same after a renaming: device and inode, and when it came to be, as inodes are used again. */
  readonly identity: string
  readonly isFolder: boolean
  readonly size: number
  /** Milliseconds. */
  readonly modified: number
  readonly changed: number
  /** When it came to be, where the file system knows; 0. */
  readonly born: number
}

/** undefined: nothing there, or it cannot be looked at. @param follow what a symlink leads to */
export function markOf(path: string, follow = false): EntryMark | undefined {
  let found: Stats | undefined
  try {
    found = (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
  if (!found) return undefined
  return {
    identity: `${found.dev} ${found.ino} ${found.birthtimeMs}`,
    isFolder: found.isDirectory(),
    size: found.size,
    modified: found.mtimeMs,
    changed: found.ctimeMs,
    born: found.birthtimeMs,
  }
}

/** What became of an entry that is still the same one. Folders are modified by what is in them, which is told by itself. */
export function changeOf(before: EntryMark, now: EntryMark): 'modify' | 'attrib' | undefined {
  const written = before.size !== now.size || before.modified !== now.modified
  if (written && !now.isFolder) return 'modify'
  return before.changed === now.changed || (written && now.isFolder) ? undefined : 'attrib'
}
