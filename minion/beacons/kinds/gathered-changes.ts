/** Changes since the last look, each once, as events have them. */
import type { Dict, Value } from '../../../shared/data/value.ts'
import type { Sight } from '../contract.ts'
import type { ChangeKind, WatchedPath } from './file-mask.ts'

/** Changes that are kept between two looks. */
const most = 2_000

export interface Seen {
  /** Of the mask; the first that is asked for is told. */
  readonly kinds: readonly ChangeKind[]
  /** Its folder, or the path itself where that is what is watched. */
  readonly folder: string
  readonly path: string
  readonly isFolder: boolean
}

export class GatheredChanges {
  readonly #watched: WatchedPath
  readonly #isHeld: () => boolean
  #sights = new Map<string, Sight>()
  #lost = 0
  /** Something was told. */
  told = false

  /** @param isHeld true while nothing is to be told */
  constructor(watched: WatchedPath, isHeld: () => boolean) {
    this.#watched = watched
    this.#isHeld = isHeld
  }

  add({ kinds, folder, path, isFolder }: Seen): void {
    const { mask, isLeftOut, ways } = this.#watched
    const kind = kinds.find((one) => mask.has(one))
    if (kind === undefined || this.#isHeld() || isLeftOut(path)) return
    if (ways.has('oneshot') && this.told) return
    const change = `IN_${kind.toUpperCase()}${isFolder ? '|IN_ISDIR' : ''}`
    const key = `${change} ${path}`
    if (this.#sights.has(key)) return
    if (this.#sights.size >= most) {
      this.#lost += 1
      return
    }
    this.told = true
    const data: Dict = new Map<string, Value>([
      ['path', path],
      ['change', change],
    ])
    this.#sights.set(key, { tag: folder, data })
  }

  take(): Sight[] {
    const sights = [...this.#sights.values()]
    this.#sights.clear()
    return sights
  }

  takeLost(): number {
    const lost = this.#lost
    this.#lost = 0
    return lost
  }

  forget(): void {
    this.#sights.clear()
    this.#lost = 0
  }
}
