/** Beacon `inotify`: what happens to files and in folders. */
import type { BeaconKind, Sight, Surroundings, Watch } from '../contract.ts'
import { changeOf, type EntryMark, markOf } from './entry-mark.ts'
import { type WatchedPath, watchedPath } from './file-mask.ts'
import { GatheredChanges } from './gathered-changes.ts'
import { mostEntries, WatchedTree } from './watched-tree.ts'

/** One configured path: it is looked at itself each time, which is the same for one that comes later. */
class PathWatch {
  readonly #watched: WatchedPath
  readonly #around: Surroundings
  readonly #changes: GatheredChanges
  #mark: EntryMark | undefined
  /** It was written to, and has not come to rest. */
  #writing = false
  #tree: WatchedTree | undefined
  #begun = false
  #warned = false

  constructor(watched: WatchedPath, around: Surroundings) {
    this.#watched = watched
    this.#around = around
    this.#changes = new GatheredChanges(watched, around.isHeld)
  }

  async look(): Promise<Sight[]> {
    const { path, ways } = this.#watched
    if (ways.has('oneshot') && this.#changes.told) return []
    const now = markOf(path, !ways.has('dont_follow'))
    if (this.#begun) this.#tell(now)
    this.#begun = true
    await this.#follow(now)
    this.#mark = now
    await this.#tree?.settle()
    if (this.#tree?.overfull && !this.#warned) {
      this.#warned = true
      this.#around.log.error(
        { path, most: mostEntries },
        'more files are there than a beacon watches: exclude some',
      )
    }
    return this.#changes.take()
  }

  lost = (): number => this.#changes.takeLost()

  forget(): void {
    this.#changes.forget()
    this.#tree?.forget()
    this.#mark = markOf(this.#watched.path, !this.#watched.ways.has('dont_follow'))
    this.#writing = false
  }

  close(): void {
    this.#tree?.close()
  }

  /** A folder has what is in it watched. */
  async #follow(now: EntryMark | undefined): Promise<void> {
    if (now?.isFolder && this.#tree && now.identity === this.#mark?.identity) return
    this.#tree?.close()
    this.#tree = undefined
    if (!now?.isFolder) return
    this.#tree = new WatchedTree(this.#watched, this.#changes, () => this.#around.clock.now())
    await this.#tree.open()
  }

  /** What became of the path itself. */
  #tell(now: EntryMark | undefined): void {
    const before = this.#mark
    const { path, ways } = this.#watched
    if (ways.has('onlydir') && !(now ?? before)?.isFolder) return
    const seen = { folder: path, path, isFolder: (now ?? before)?.isFolder === true }
    if (!before && !now) return
    if (!before) this.#changes.add({ ...seen, kinds: ['create', 'moved_to'] })
    else if (!now) this.#changes.add({ ...seen, kinds: ['delete_self', 'move_self', 'delete'] })
    else if (before.identity !== now.identity)
      this.#changes.add({ ...seen, kinds: ['modify', 'close_write', 'move_self', 'moved_to', 'create'] })
    else {
      const change = changeOf(before, now)
      if (change !== undefined) this.#changes.add({ ...seen, kinds: [change] })
      if (change !== 'modify' && this.#writing) this.#changes.add({ ...seen, kinds: ['close_write'] })
      this.#writing = change === 'modify'
      return
    }
    this.#writing = false
  }
}

function fileWatch(watched: readonly WatchedPath[], around: Surroundings): Watch {
  const paths = watched.map((one) => new PathWatch(one, around))
  return {
    async look() {
      const sights: Sight[] = []
      for (const path of paths) sights.push(...(await path.look()))
      return sights
    },
    lost: () => paths.reduce((sum, path) => sum + path.lost(), 0),
    skip() {
      for (const path of paths) path.forget()
    },
    close() {
      for (const path of paths) path.close()
    },
  }
}

export const inotify: BeaconKind = {
  summary: 'What happens to files and in folders.',
  interval: 1,
  read(fields) {
    fields.only(['files', 'coalesce'])
    const files = fields.inner('files')
    if (files.names().length === 0)
      throw fields.mistake('"files" is missing', undefined, 'As in: files: {/etc/hosts: {mask: [modify]}}')
    // Accepted: what happens several times between two looks is always told once.
    fields.flag('coalesce', true)
    const watched = files.names().map((path) => watchedPath(files, path))
    return (around) => fileWatch(watched, around)
  },
}
