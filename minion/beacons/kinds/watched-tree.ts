/** A folder that is watched, with those below it where that is asked for. */
import { setImmediate } from 'node:timers/promises'
import { changeOf, type EntryMark } from './entry-mark.ts'
import type { WatchedPath } from './file-mask.ts'
import type { GatheredChanges } from './gathered-changes.ts'
import { WatchedFolder } from './watched-folder.ts'

/** Entries of all folders together: each costs memory. */
export const mostEntries = 20_000
/** Entries that are compared in one go; others have their turn between. */
const inOneGo = 400
/** Milliseconds: what belongs together, as the two ends of a renaming, comes together. */
const settling = 25
/** More at once than this, and the kernel may have dropped some: everything is gone through. */
const flood = 4_000

interface Gone {
  readonly folder: string
  readonly path: string
  readonly mark: EntryMark
}

export class WatchedTree {
  readonly #watched: WatchedPath
  readonly #changes: GatheredChanges
  readonly #now: () => number
  readonly #folders = new Map<string, WatchedFolder>()
  /** By identity: what went away and may turn up under another name. */
  readonly #gone = new Map<string, Gone>()
  /** Written to, and told as closed when it comes to rest. */
  readonly #writing = new Map<string, { readonly folder: string; mark: EntryMark }>()
  #count = 0
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #closed = false
  /** Some entries are not watched: there are too many. */
  overfull = false

  /** @param now wall clock, milliseconds, as file systems have it */
  constructor(watched: WatchedPath, changes: GatheredChanges, now: () => number) {
    this.#watched = watched
    this.#changes = changes
    this.#now = now
  }

  /** What is there now is known, and not told. */
  open(): Promise<void> {
    return this.#queue(() => this.#adopt(this.#watched.path, false))
  }

  /** Brings what is told up to now. */
  settle(): Promise<void> {
    return this.#queue(async () => {
      for (const folder of this.#folders.values()) if (folder.polled) folder.goThrough()
      await this.#compareAll()
      for (const gone of this.#gone.values()) this.#tellGone(gone)
      this.#gone.clear()
      this.#tellRested()
    })
  }

  forget(): void {
    this.#gone.clear()
    this.#writing.clear()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const folder of this.#folders.values()) folder.close()
    this.#folders.clear()
  }

  #queue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(() => (this.#closed ? undefined : work()))
    return this.#work
  }

  #stirred = (): void => {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#queue(() => this.#compareAll())
    }, settling).unref()
  }

  /** @param isNew what is in it came just now, and is told */
  async #adopt(path: string, isNew: boolean): Promise<void> {
    if (this.#folders.has(path)) return
    const folder = new WatchedFolder(path, this.#stirred)
    this.#folders.set(path, folder)
    folder.goThrough()
    const names = [...folder.dirty]
    folder.dirty.clear()
    for (const [index, name] of names.entries()) {
      if (index % inOneGo === inOneGo - 1) await setImmediate()
      const mark = folder.markNow(name)
      if (mark === undefined || !this.#keep(folder, name, mark)) continue
      if (isNew) this.#tellNew(folder, name, mark)
      if (mark.isFolder && this.#watched.recurse) await this.#adopt(folder.pathOf(name), isNew)
    }
  }

  /** @returns false where it is not watched */
  #keep(folder: WatchedFolder, name: string, mark: EntryMark): boolean {
    if (this.#watched.isLeftOut(folder.pathOf(name))) return false
    const isKnown = folder.entries.has(name)
    if (!isKnown && this.#count >= mostEntries) {
      this.overfull = true
      return false
    }
    if (!isKnown) this.#count += 1
    folder.entries.set(name, mark)
    return true
  }

  async #compareAll(): Promise<void> {
    const dirty = [...this.#folders.values()].filter((folder) => folder.dirty.size > 0)
    const count = dirty.reduce((sum, folder) => sum + folder.dirty.size, 0)
    if (count > flood) for (const folder of this.#folders.values()) folder.goThrough()
    const names = (count > flood ? [...this.#folders.values()] : dirty).flatMap((folder) => {
      const found = [...folder.dirty].map((name) => ({ folder, name }))
      folder.dirty.clear()
      return found
    })
    const present: { folder: WatchedFolder; name: string; mark: EntryMark }[] = []
    for (const [index, { folder, name }] of names.entries()) {
      if (index % inOneGo === inOneGo - 1) await setImmediate()
      const mark = folder.markNow(name)
      if (mark === undefined) this.#compareGone(folder, name)
      else present.push({ folder, name, mark })
    }
    // After those that went: one of them may be there under another name.
    for (const { folder, name, mark } of present) await this.#compare(folder, name, mark)
  }

  #compareGone(folder: WatchedFolder, name: string): void {
    const path = folder.pathOf(name)
    const mark = folder.entries.get(name)
    if (mark) {
      folder.entries.delete(name)
      this.#count -= 1
      this.#gone.set(mark.identity, { folder: folder.path, path, mark })
      if (mark.isFolder) this.#drop(path)
    } else if (path !== this.#watched.path && !folder.path.endsWith(`/${name}`)) {
      // It came and went between two looks.
      const seen = { folder: folder.path, path, isFolder: false }
      this.#changes.add({ ...seen, kinds: ['create'] })
      this.#changes.add({ ...seen, kinds: ['delete'] })
    }
  }

  async #compare(folder: WatchedFolder, name: string, mark: EntryMark): Promise<void> {
    const before = folder.entries.get(name)
    if (!this.#keep(folder, name, mark)) return
    const seen = { folder: folder.path, path: folder.pathOf(name), isFolder: mark.isFolder }
    if (before?.identity === mark.identity) {
      const change = changeOf(before, mark)
      if (change !== undefined) this.#changes.add({ ...seen, kinds: [change] })
      if (change === 'modify') this.#writing.set(seen.path, { folder: folder.path, mark })
      return
    }
    if (before?.isFolder) this.#drop(seen.path)
    // What takes the place of another is how most programs write files: whoever asks for changes only hears of it.
    if (before) this.#changes.add({ ...seen, kinds: ['moved_to', 'modify', 'close_write'] })
    const isMoved = before ? this.#tellMoved(mark) : this.#tellNew(folder, name, mark)
    const { recurse, autoAdd } = this.#watched
    if (mark.isFolder && recurse && autoAdd) await this.#adopt(seen.path, !isMoved)
  }

  /** @returns true where it came from elsewhere, with all that is in it */
  #tellNew(folder: WatchedFolder, name: string, mark: EntryMark): boolean {
    const seen = { folder: folder.path, path: folder.pathOf(name), isFolder: mark.isFolder }
    const isMoved = this.#tellMoved(mark) || this.#isOlder(mark)
    this.#tellGoneAt(seen.path)
    this.#changes.add({ ...seen, kinds: isMoved ? ['moved_to', 'create'] : ['create'] })
    if (!isMoved && !mark.isFolder) this.#writing.set(seen.path, { folder: folder.path, mark })
    return isMoved
  }

  /** @returns false where nothing of it went away */
  #tellMoved({ identity }: EntryMark): boolean {
    const gone = this.#gone.get(identity)
    if (!gone) return false
    this.#gone.delete(identity)
    const { folder, path, mark } = gone
    this.#changes.add({ kinds: ['moved_from', 'delete'], folder, path, isFolder: mark.isFolder })
    return true
  }

  /** It was made long before it turned up here, so it came from elsewhere. */
  #isOlder({ born, changed }: EntryMark): boolean {
    return born > 0 && born < changed && this.#now() - born > 3_000
  }

  /** What was in the place of something new went before that came. */
  #tellGoneAt(path: string): void {
    for (const [identity, gone] of this.#gone)
      if (gone.path === path) {
        this.#gone.delete(identity)
        this.#tellGone(gone)
      }
  }

  #tellGone({ folder, path, mark }: Gone): void {
    this.#changes.add({ kinds: ['delete', 'moved_from'], folder, path, isFolder: mark.isFolder })
  }

  #tellRested(): void {
    for (const [path, { folder, mark }] of this.#writing) {
      const now = this.#folders.get(folder)?.markNow(path.slice(folder.length).replace(/^\//, ''))
      if (now === undefined || now.identity !== mark.identity) this.#writing.delete(path)
      else if (now.modified !== mark.modified || now.size !== mark.size)
        this.#writing.set(path, { folder, mark: now })
      else {
        this.#writing.delete(path)
        this.#changes.add({ kinds: ['close_write'], folder, path, isFolder: false })
      }
    }
  }

  /** A folder that is gone, with all below it. */
  #drop(path: string): void {
    for (const [name, folder] of this.#folders)
      if (name === path || name.startsWith(`${path}/`)) {
        folder.close()
        this.#count -= folder.entries.size
        this.#folders.delete(name)
      }
  }
}
