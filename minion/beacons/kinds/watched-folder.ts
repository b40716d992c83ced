/**
 * One folder whose entries are watched: the kernel says which of them something happened to, and comparing with how
 * it was tells what. Where the kernel cannot say (network file systems, no watches left), it is gone through whole.
 */
import { type FSWatcher, readdirSync, statfsSync, watch } from 'node:fs'
import { join } from 'node:path'
import { type EntryMark, markOf } from './entry-mark.ts'

/** File systems that others change too, or that change without saying so: nfs, cifs, smb2, fuse, 9p, proc, sysfs. */
const silent: ReadonlySet<number> = new Set([
  0x6969, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x9fa0, 0x62656572,
])

export class WatchedFolder {
  readonly path: string
  readonly entries = new Map<string, EntryMark>()
  /** Names that something happened to. */
  readonly dirty = new Set<string>()
  /** The kernel says nothing of it. */
  polled = false
  #watcher: FSWatcher | undefined

  /** @param stirred called when something happened to an entry */
  constructor(path: string, stirred: () => void) {
    this.path = path
    try {
      if (silent.has(statfsSync(path).type)) {
        this.polled = true
        return
      }
      this.#watcher = watch(path, { persistent: false }, (_, name) => {
        if (name === null) this.polled = true
        else this.dirty.add(name)
        stirred()
      })
      this.#watcher.on('error', () => {
        this.polled = true
      })
    } catch {
      // No watches left, or it is gone already.
      this.polled = true
    }
  }

  /** Names that are there or were known: all are to be compared. */
  goThrough(): void {
    for (const name of this.entries.keys()) this.dirty.add(name)
    try {
      for (const name of readdirSync(this.path)) this.dirty.add(name)
    } catch {
      // It is gone: so are its entries.
    }
  }

  pathOf(name: string): string {
    return join(this.path, name)
  }

  markNow(name: string): EntryMark | undefined {
    return markOf(this.pathOf(name))
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
