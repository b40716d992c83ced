/** The master's trees as one run sees them: fixed manifests, contents from the cache or fetched when first read. */
import { posix } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { isTreePath } from '../../shared/protocol/fields.ts'
import { unreadableContent } from '../../shared/protocol/manifest-hash.ts'
import type { ManifestEntry } from '../../shared/protocol/messages/manifest-request.ts'
import type { TreeFileText } from '../../shared/sls/tree.ts'
import { codeFolder, emptyFoldersPath, ownFolder } from '../../shared/tree-code/code-paths.ts'
import type { Source, TreeFile } from '../system/reader.ts'
import { beneath, readEmptyFolders } from './empty-folders.ts'
import type { Manifest } from './manifest.ts'
import type { RemoteTrees, WantedBlob } from './remote-trees.ts'
import { type CodeFile, decodeText, isLink, permissions, type TreeFiles } from './tree-files.ts'

const longestLinkChain = 8
/** When a text is missing, what else is fetched with it: small files, up to so many bytes in all. */
const smallFile = 64 * 1024
const companions = 8 * 1024 * 1024

type Found = { readonly path: string; readonly entry: ManifestEntry }

export class ManifestFiles implements TreeFiles {
  readonly environments: readonly string[]
  readonly #trees: RemoteTrees
  readonly #manifests: ReadonlyMap<string, Manifest>
  readonly #texts = new Map<string, TreeFileText>()
  readonly #lists = new Map<string, readonly string[]>()

  /** @param manifests in the order of environments */
  constructor(trees: RemoteTrees, manifests: ReadonlyMap<string, Manifest>) {
    this.#trees = trees
    this.#manifests = manifests
    this.environments = [...manifests.keys()]
  }

  async read(environment: string, path: string): Promise<TreeFileText | undefined> {
    const key = `${environment}\0${path}`
    const held = this.#texts.get(key)
    if (held) return held
    const source = await this.fetch(environment, path)
    if (!source) return undefined
    const file = { text: decodeText(source.content), sha256: source.sha256 }
    this.#texts.set(key, file)
    return file
  }

  has(environment: string, path: string): boolean {
    return this.#manifests.get(environment)?.entries.has(path) === true
  }

  list(environment: string): readonly string[] {
    const held = this.#lists.get(environment)
    if (held) return held
    const all = [...(this.#manifests.get(environment)?.entries.keys() ?? [])]
    const paths = all.filter((path) => !path.startsWith(ownFolder))
    this.#lists.set(environment, paths)
    return paths
  }

  async fetch(environment: string, path: string): Promise<Source | undefined> {
    const found = await this.#resolve(environment, path)
    if (!found) return undefined
    const [, sha256, , mode] = found.entry
    return { content: await this.#content(environment, found), sha256, mode: permissions(mode) }
  }

  async under(environment: string, folder: string): Promise<readonly TreeFile[]> {
    const prefix = folder === '' ? '' : `${folder}/`
    const found: Found[] = []
    for (const path of this.list(environment)) {
      const entry = path.startsWith(prefix) ? this.#entry(environment, path) : undefined
      if (entry) found.push({ path, entry })
    }
    await this.#fetchTogether(environment, found)
    const files: TreeFile[] = []
    for (const { path, entry } of found) {
      const [, sha256, size, mode] = entry
      const file = { path: path.slice(prefix.length), sha256, mode: permissions(mode), size }
      if (isLink(mode))
        files.push({ ...file, target: decodeText(await this.#content(environment, { path, entry })) })
      else files.push(file)
    }
    return files
  }

  async emptyUnder(environment: string, folder: string): Promise<readonly string[]> {
    const entry = this.#entry(environment, emptyFoldersPath)
    if (!entry) return []
    const content = await this.#content(environment, { path: emptyFoldersPath, entry })
    return beneath(readEmptyFolders(decodeText(content)), folder)
  }

  async code(): Promise<readonly CodeFile[]> {
    const prefix = `${codeFolder}/`
    const found = [...(this.#manifests.get('base')?.entries.values() ?? [])].filter(([path]) =>
      path.startsWith(prefix),
    )
    return found.map((entry) => {
      const [path, sha256] = entry
      return {
        path: path.slice(prefix.length),
        sha256,
        content: () => this.#content('base', { path, entry }),
      }
    })
  }

  #entry(environment: string, path: string): ManifestEntry | undefined {
    return this.#manifests.get(environment)?.entries.get(path)
  }

  /** Follows links, which must stay in the tree. */
  async #resolve(environment: string, path: string): Promise<Found | undefined> {
    let current = path
    for (let step = 0; step < longestLinkChain; step++) {
      const entry = this.#entry(environment, current)
      if (!entry) return undefined
      if (!isLink(entry[3])) return { path: current, entry }
      const target = decodeText(await this.#content(environment, { path: current, entry }))
      current = posix.join(posix.dirname(current), target)
      if (target.startsWith('/') || !isTreePath(current)) return undefined
    }
    const reason = `more than ${longestLinkChain} links lead to each other`
    throw new TsaltError('source-unreadable', { url: `salt://${path}`, reason })
  }

  async #content(environment: string, { path, entry }: Found): Promise<Uint8Array> {
    if (entry[1] === unreadableContent) throw unreadable(path)
    const held = this.#trees.content(entry[1])
    if (held) return held
    await this.#fetchTogether(environment, this.#companionsOf(environment, entry[1]))
    return this.#trees.content(entry[1]) ?? this.#trees.fetchOne(environment, wanted({ path, entry }))
  }

  /** Where one content is missing, others will be: a first run must not ask for each file by itself. */
  #companionsOf(environment: string, first: string): Found[] {
    const found: Found[] = []
    let bytes = 0
    for (const [path, entry] of this.#manifests.get(environment)?.entries ?? []) {
      const [, sha256, size] = entry
      if (size > smallFile || sha256 === unreadableContent || this.#trees.has(sha256)) continue
      if (sha256 !== first && bytes + size > companions) continue
      found.push({ path, entry })
      bytes += size
    }
    return found
  }

  async #fetchTogether(environment: string, found: readonly Found[]): Promise<void> {
    const blobs = new Map<string, WantedBlob>()
    for (const one of found)
      if (one.entry[2] <= companions && one.entry[1] !== unreadableContent)
        blobs.set(one.entry[1], wanted(one))
    const missing = [...blobs.values()].filter(({ sha256 }) => !this.#trees.has(sha256))
    if (missing.length > 0) await this.#trees.fetch(environment, missing)
  }
}

function wanted({ path, entry }: Found): WantedBlob {
  return { sha256: entry[1], size: entry[2], url: `salt://${path}` }
}

function unreadable(path: string): TsaltError {
  const hint =
    'On the master, make it readable for the user that tsalt-master runs as; its log names the reason.'
  return new TsaltError(
    'source-unreadable',
    { url: `salt://${path}`, reason: 'the master may not read it' },
    { hint },
  )
}
