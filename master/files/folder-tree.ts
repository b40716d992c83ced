/**
 * The language's port onto folders of this machine, for what the master compiles itself: pillars. `refresh` looks at
 * the folders once for all who wait; what was read stays in memory until it changes.
 */
import { createHash } from 'node:crypto'
import { closeSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { Sha256 } from '../../shared/ids.ts'
import { comparePaths } from '../../shared/protocol/manifest-hash.ts'
import type { Tree, TreeFileText } from '../../shared/sls/tree.ts'
import { isBeneath, openBeneath } from './beneath-root.ts'
import { Coalesced } from './coalesced.ts'
import { type Listed, type Listing, listTree, stampOf } from './listing.ts'

export interface FolderTree extends Tree {
  /** Looks at the folders anew. Every change made before the call is seen after it. */
  refresh(): Promise<void>
}

export interface FolderTreeSetup {
  readonly roots: Readonly<Record<string, readonly string[]>>
  /** Order of environments; empty: base first, then as in `roots`. */
  readonly order: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
}

/** A text larger than this is read again each time. */
const keptBytes = 1024 * 1024

interface Read extends TreeFileText {
  readonly stamp: string
}

interface Environment {
  readonly files: ReadonlyMap<string, Listed>
  readonly paths: readonly string[]
}

const nothing: Environment = { files: new Map(), paths: [] }

export function openFolderTree(setup: FolderTreeSetup): FolderTree {
  return new CachedFolderTree(setup)
}

class CachedFolderTree implements FolderTree {
  readonly environments: readonly string[]
  readonly #setup: FolderTreeSetup
  readonly #found = new Map<string, Environment>()
  readonly #reported = new Set<string>()
  readonly #scan: Coalesced<void>
  #texts = new Map<string, Read>()

  constructor(setup: FolderTreeSetup) {
    this.#setup = setup
    this.environments = orderEnvironments(Object.keys(setup.roots), setup.order)
    this.#scan = new Coalesced(() => this.#look())
  }

  refresh(): Promise<void> {
    return this.#scan.run()
  }

  has(environment: string, path: string): boolean {
    return this.#of(environment).files.has(path)
  }

  list(environment: string): readonly string[] {
    return this.#of(environment).paths
  }

  async read(environment: string, path: string): Promise<TreeFileText | undefined> {
    const file = this.#of(environment).files.get(path)
    if (file === undefined) return undefined
    const key = `${file.root}/${path}`
    const kept = this.#texts.get(key)
    if (kept?.stamp === file.stamp) return kept
    const { fd, stats } = openBeneath(file.root, path)
    try {
      const bytes = readFileSync(fd)
      const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256
      const read = { text: bytes.toString('utf8'), sha256, stamp: stampOf(stats) }
      if (bytes.length <= keptBytes && !this.#isFresh(stats.mtimeMs)) this.#texts.set(key, read)
      return read
    } finally {
      closeSync(fd)
    }
  }

  /** A file this young may change again without a change of its times. */
  #isFresh(modified: number): boolean {
    return this.#setup.clock.now() - modified < 100
  }

  #of(environment: string): Environment {
    return this.#found.get(environment) ?? nothing
  }

  async #look(): Promise<void> {
    const used = new Set<string>()
    for (const [name, roots] of Object.entries(this.#setup.roots)) {
      const listing = await listTree(roots, this.#setup.clock)
      this.#report(name, listing)
      const files = followLinks(listing.files)
      for (const [path, { root }] of files) used.add(`${root}/${path}`)
      this.#found.set(name, { files, paths: [...files.keys()].sort(comparePaths) })
    }
    for (const key of this.#texts.keys()) if (!used.has(key)) this.#texts.delete(key)
  }

  #report(environment: string, { skipped }: Listing): void {
    for (const { path, reason } of skipped) {
      if (this.#reported.has(path) || this.#reported.size > 1000) continue
      this.#reported.add(path)
      this.#setup.logger.warn({ environment, path, reason }, 'left out of the tree')
    }
  }
}

export function orderEnvironments(names: readonly string[], order: readonly string[]): string[] {
  const wanted = [
    ...order.filter((name) => names.includes(name)),
    ...['base'].filter((n) => names.includes(n)),
  ]
  return [...new Set([...wanted, ...names])]
}

/** Links to files stand for the file, links to folders for what is in them, one link deep. */
function followLinks(files: readonly Listed[]): Map<string, Listed> {
  const followed = new Map<string, Listed>()
  const plain = files.filter((file) => file.target === undefined)
  for (const file of plain) followed.set(file.path, file)
  for (const link of files) if (link.target !== undefined) followLink(link, plain, followed)
  return followed
}

function followLink(link: Listed, plain: readonly Listed[], followed: Map<string, Listed>): void {
  let real: string
  let isFolder: boolean
  try {
    real = realpathSync(join(link.root, link.path))
    if (!isBeneath(link.root, real)) return
    const stats = statSync(real)
    isFolder = stats.isDirectory()
    if (stats.isFile()) followed.set(link.path, { ...link, stamp: stampOf(stats), size: stats.size })
  } catch {
    // It leads nowhere (any more): then there is no file of this name.
    return
  }
  if (!isFolder) return
  const inside = `${real.slice(link.root.length + 1)}/`
  for (const file of plain) {
    if (file.root !== link.root || !file.path.startsWith(inside)) continue
    const path = `${link.path}/${file.path.slice(inside.length)}`
    if (!followed.has(path)) followed.set(path, { ...file, path })
  }
}
