/**
 * What lies in the folders of one environment: every file and link of every root, the first root wins. Only looks at
 * names and inodes, in slices of a few milliseconds, so that a large tree does not hold up the master.
 */
import { type Dirent, lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { isTreePath } from '../../shared/protocol/fields.ts'
import { comparePaths } from '../../shared/protocol/manifest-hash.ts'
import { isBeneath } from './beneath-root.ts'
import { isIgnoredFile, isIgnoredFolder } from './ignored.ts'

export interface Listed {
  /** Under the root, `/`-separated. */
  readonly path: string
  /** The root that it was found in, a real path. */
  readonly root: string
  /** What it is now, in one comparable text: changes whenever the content may have changed. */
  readonly stamp: string
  readonly size: number
  /** Permission bits; `0o120000` set for a link. */
  readonly mode: number
  /** Of a link: what it says. */
  readonly target?: string
  /** Of what no file has: the content, which the master made of another file. */
  readonly made?: string
}

export interface Listing {
  /** Sorted by path. */
  readonly files: readonly Listed[]
  /** Folders in which nothing is listed, no folder either; sorted. */
  readonly empty: readonly string[]
  /** What was left out and why, for the log. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
}

export const linkBit = 0o120_000
/** Longest time, in milliseconds, that listing keeps the event loop to itself. */
const slice = 10
const maxDepth = 64

export function stampOf(stats: Stats): string {
  return `${stats.mtimeMs} ${stats.ctimeMs} ${stats.size} ${stats.ino}`
}

/** @param roots folders in order of precedence; missing ones are empty */
export async function listTree(roots: readonly string[], clock: Clock): Promise<Listing> {
  const overlay = new Overlay(clock)
  for (const root of roots) await overlay.add(root)
  return overlay.finish()
}

class Overlay {
  readonly #clock: Clock
  readonly #files = new Map<string, Listed>()
  /** Folders of the roots before this one: a file of a later root cannot take the place of one. */
  readonly #folders = new Set<string>()
  readonly #skipped: { path: string; reason: string }[] = []
  #sliceStart: number
  #first = true

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sliceStart = clock.monotonic()
  }

  async add(folder: string): Promise<void> {
    let root: string
    try {
      root = realpathSync(folder)
    } catch (error) {
      this.#skip(folder, error)
      return
    }
    const folders: string[] = []
    await this.#walk(root, folders)
    for (const path of folders) this.#folders.add(path)
    this.#first = false
  }

  finish(): Listing {
    const files = [...this.#files.values()].sort((a, b) => comparePaths(a.path, b.path))
    return { files, empty: this.#emptyFolders(), skipped: this.#skipped }
  }

  #emptyFolders(): string[] {
    const filled = new Set<string>()
    for (const path of [...this.#files.keys(), ...this.#folders]) filled.add(dirname(path))
    return [...this.#folders]
      .filter((path) => !filled.has(path) && !this.#files.has(path))
      .filter((path) => isUsable(path))
      .sort(comparePaths)
  }

  async #walk(root: string, folders: string[]): Promise<void> {
    const stack: { path: string; depth: number }[] = [{ path: '', depth: 0 }]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      for (const entry of this.#entries(root, next.path)) {
        const path = next.path === '' ? entry.name : `${next.path}/${entry.name}`
        if (entry.isDirectory()) {
          if (isIgnoredFolder(entry.name) || next.depth >= maxDepth || this.#isTaken(path, true)) continue
          folders.push(path)
          stack.push({ path, depth: next.depth + 1 })
        } else if (!isIgnoredFile(entry.name) && !this.#isTaken(path, false)) this.#take(root, path, entry)
      }
      if (this.#clock.monotonic() - this.#sliceStart > slice) {
        await new Promise((resolve) => setImmediate(resolve))
        this.#sliceStart = this.#clock.monotonic()
      }
    }
  }

  #entries(root: string, path: string): Dirent[] {
    try {
      return readdirSync(join(root, path), { withFileTypes: true })
    } catch (error) {
      this.#skip(join(root, path), error)
      // Stands for all that may be in it; there is no reading it either.
      if (path !== '' && (error as NodeJS.ErrnoException).code !== 'ENOENT' && !this.#files.has(path))
        this.#files.set(path, { path, root, stamp: 'unreadable', size: 0, mode: 0 })
      return []
    }
  }

  #isTaken(path: string, isFolder: boolean): boolean {
    if (this.#first) return false
    return this.#files.has(path) || (!isFolder && this.#folders.has(path))
  }

  #take(root: string, path: string, entry: Dirent): void {
    const file = `${root}/${path}`
    if (!isUsable(path)) {
      this.#skipped.push({ path: file, reason: 'its name cannot be used in a tree' })
      return
    }
    try {
      if (entry.isFile()) this.#takeFile(root, path, lstatSync(file))
      else if (entry.isSymbolicLink()) this.#takeLink(root, path, file)
      else this.#skipped.push({ path: file, reason: 'it is neither a file nor a link' })
    } catch (error) {
      this.#skip(file, error)
    }
  }

  #takeFile(root: string, path: string, stats: Stats): void {
    // It may have become something else since its folder was read.
    if (!stats.isFile()) return
    this.#files.set(path, { path, root, stamp: stampOf(stats), size: stats.size, mode: stats.mode & 0o7777 })
  }

  #takeLink(root: string, path: string, file: string): void {
    const target = readlinkSync(file)
    if (!this.#staysBeneath(root, file)) {
      this.#skipped.push({ path: file, reason: `it is a link that leads out of its root (to ${target})` })
      return
    }
    const size = Buffer.byteLength(target)
    this.#files.set(path, { path, root, stamp: `link ${target}`, size, mode: linkBit | 0o777, target })
  }

  #staysBeneath(root: string, file: string): boolean {
    try {
      return isBeneath(root, realpathSync(file))
    } catch {
      // A dangling link leads nowhere; where its folder would be decides.
      return isBeneath(root, `${join(dirname(file), readlinkSync(file))}/`)
    }
  }

  #skip(path: string, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException
    // A root that is not there is an empty one; a file that has gone since is gone.
    if (code !== 'ENOENT') this.#skipped.push({ path, reason: code ?? String(error) })
  }
}

/** A name that is no UTF-8 was read with replacement characters and cannot be opened under that name. */
function isUsable(path: string): boolean {
  return isTreePath(path) && !path.includes('\uFFFD') && path.length <= 4096
}
