/** One environment: scanned on demand, its newest manifest, and older ones that minions may still hold. */
import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import { comparePaths, unreadableContent } from '../../shared/protocol/manifest-hash.ts'
import type { ManifestEntry } from '../../shared/protocol/messages/manifest-request.ts'
import { emptyFoldersPath, ownFolder } from '../../shared/tree-code/code-paths.ts'
import { CodeFiles } from './code-files.ts'
import type { ContentHashes } from './content-hashes.ts'
import { type Listed, listTree } from './listing.ts'
import { type Entry, type Manifest, makeManifest } from './manifest.ts'

export interface EnvironmentSetup {
  readonly name: string
  readonly roots: readonly string[]
  readonly hashes: ContentHashes
  readonly clock: Clock
  readonly logger: Logger
}

const keptManifests = 50
/** Entries over all kept manifests: a bound on memory, whatever the size of the tree. */
const keptEntries = 2_000_000

export class EnvironmentTree {
  readonly #setup: EnvironmentSetup
  /** By hash, the newest last. Unchanged entries are shared between them. */
  readonly #kept = new Map<Sha256, readonly ManifestEntry[]>()
  readonly #reported = new Set<string>()
  readonly #code = new CodeFiles()
  #files = new Map<string, Entry>()
  #newest: Manifest | undefined

  constructor(setup: EnvironmentSetup) {
    this.#setup = setup
  }

  get newest(): Manifest | undefined {
    return this.#newest
  }

  /** Entries of a manifest served before, where it is still known. */
  entriesOf(hash: Sha256): readonly ManifestEntry[] | undefined {
    return this.#kept.get(hash)
  }

  /** Files of the newest manifest, for the cache of hashes. */
  *files(): Iterable<Listed> {
    for (const { file } of this.#files.values()) if (file.made === undefined) yield file
  }

  /** Looks at every file; reads those that are new or changed. */
  async scan(): Promise<Manifest> {
    const { roots, clock, name } = this.#setup
    const { files: listed, empty, skipped } = await listTree(roots, clock)
    // Programs and code for minions come from base alone.
    const own = name === 'base' ? await this.#code.withCode(listed) : listed.filter(isOfTree)
    const files = withEmptyFolders(own, empty)
    for (const { path, reason } of skipped) this.#report(path, reason)
    const found: Entry[] = []
    let changed = files.length !== this.#files.size
    for (const file of files) {
      const before = this.#files.get(file.path)
      if (before !== undefined && isSame(before.file, file) && this.#isSettled(file)) found.push(before)
      else {
        const entry = await this.#look(file)
        if (entry !== undefined) found.push(entry)
        changed = true
      }
    }
    if (!changed && this.#newest !== undefined) return this.#newest
    return this.#settle(found)
  }

  #isSettled(file: Listed): boolean {
    return (
      file.target !== undefined || file.made !== undefined || this.#setup.hashes.recall(file) !== undefined
    )
  }

  async #look(file: Listed): Promise<Entry | undefined> {
    const said = file.target ?? file.made
    if (said !== undefined) {
      const sha256 = createHash('sha256').update(said).digest('hex') as Sha256
      return { file, entry: [file.path, sha256, file.size, file.mode] }
    }
    const known = this.#setup.hashes.recall(file)
    if (known !== undefined) return { file, entry: [file.path, known, file.size, file.mode] }
    try {
      const { sha256, stamp, size } = await this.#setup.hashes.hash(file)
      return { file: { ...file, stamp, size }, entry: [file.path, sha256, size, file.mode] }
    } catch (error) {
      if (isGone(error)) return undefined
      this.#report(`${file.root}/${file.path}`, error instanceof Error ? error.message : String(error))
      return { file, entry: [file.path, unreadableContent, file.size, file.mode] }
    }
  }

  #settle(found: readonly Entry[]): Manifest {
    this.#files = new Map(found.map((item) => [item.file.path, item]))
    const manifest = makeManifest(found)
    this.#newest = manifest
    this.#kept.delete(manifest.hash)
    this.#kept.set(manifest.hash, manifest.entries)
    let total = 0
    for (const entries of this.#kept.values()) total += entries.length
    for (const [hash, entries] of this.#kept) {
      if (this.#kept.size <= keptManifests && total <= keptEntries) break
      if (hash === manifest.hash) break
      this.#kept.delete(hash)
      total -= entries.length
    }
    return manifest
  }

  /** Each flaw once, not at every scan. */
  #report(path: string, reason: string): void {
    const flaw = `${path} ${reason}`
    if (this.#reported.has(flaw) || this.#reported.size > 1000) return
    this.#reported.add(flaw)
    this.#setup.logger.warn({ environment: this.#setup.name, path, reason }, 'cannot be served')
  }
}

/** Folders without a file have no entry of their own: those who want them (`include_empty`) read their list. */
function withEmptyFolders(files: readonly Listed[], folders: readonly string[]): readonly Listed[] {
  const empty = folders.filter((path) => !`${path}/`.startsWith(ownFolder))
  if (empty.length === 0) return files
  const made = JSON.stringify(empty)
  const size = Buffer.byteLength(made)
  const list = { path: emptyFoldersPath, root: '', stamp: `made ${made}`, size, mode: 0o644, made }
  return [...files, list].sort((a, b) => comparePaths(a.path, b.path))
}

/** What lies where only the master may put something is left out. */
const isOfTree = ({ path }: Listed): boolean => !path.startsWith(ownFolder)

/** Between the listing of its folder and now. */
const isGone = (error: unknown): boolean => isTsaltError(error) && error.parameters.reason === 'ENOENT'

function isSame(one: Listed, other: Listed): boolean {
  return one.stamp === other.stamp && one.mode === other.mode && one.root === other.root
}
