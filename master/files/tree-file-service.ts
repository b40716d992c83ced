/** The file service over folders: content-addressed, read beneath the roots only, scanned when somebody asks. */
import { closeSync, readSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import type { ManifestEntry } from '../../shared/protocol/messages/manifest-request.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import { ownFolder } from '../../shared/tree-code/code-paths.ts'
import { openBeneath } from './beneath-root.ts'
import { Coalesced } from './coalesced.ts'
import { ContentHashes } from './content-hashes.ts'
import { EnvironmentTree } from './environment-tree.ts'
import type { Answer, FileService } from './file-service.ts'
import { stampOf } from './listing.ts'
import { difference, type Manifest } from './manifest.ts'

export interface FileServiceSetup {
  /** Environment → folders, the first that has a file wins. */
  readonly roots: Readonly<Record<string, readonly string[]>>
  readonly clock: Clock
  readonly logger: Logger
  /** Where hashes are kept across restarts. */
  readonly cacheFile?: string
}

/** Contents that come with a delta: small ones, so that one round trip brings what a run needs. */
const smallBlob = 64 * 1024
const deltaBytes = 8 * 1024 * 1024
const blobsBytes = 32 * 1024 * 1024
/** Deltas kept ready: a fleet asks for the same one at once. */
const readyDeltas = 4
const readyMilliseconds = 10_000

export function openFileService(setup: FileServiceSetup): FileService {
  return new TreeFileService(setup)
}

class TreeFileService implements FileService {
  readonly #environments: ReadonlyMap<string, EnvironmentTree>
  readonly #hashes: ContentHashes
  readonly #logger: Logger
  readonly #scan: Coalesced<void>
  readonly #ready = new Map<string, Answer<Body<'file.delta'>>>()

  constructor({ roots, clock, logger, cacheFile }: FileServiceSetup) {
    const hashes = new ContentHashes(clock, cacheFile)
    this.#hashes = hashes
    this.#logger = logger
    this.#environments = new Map(
      Object.entries(roots).map(([name, folders]) => [
        name,
        new EnvironmentTree({ name, roots: folders, hashes, clock, logger }),
      ]),
    )
    this.#scan = new Coalesced(() => this.#scanAll())
  }

  async environments(): Promise<readonly string[]> {
    return [...this.#environments.keys()]
  }

  async list(environment: string): Promise<readonly string[]> {
    const tree = this.#environment(environment)
    await this.#scan.run()
    return tree.newest?.entries.map(([path]) => path).filter((path) => !path.startsWith(ownFolder)) ?? []
  }

  async treeHashes(): Promise<Readonly<Record<string, Sha256>>> {
    await this.#scan.run()
    const hashes: Record<string, Sha256> = {}
    for (const [name, { newest }] of this.#environments) if (newest !== undefined) hashes[name] = newest.hash
    return hashes
  }

  async delta({ environment, have, want }: Body<'file.manifest'>): Promise<Answer<Body<'file.delta'>>> {
    const tree = this.#environment(environment)
    // A job carries the hash of the scan at its submission: where that is still the newest, nothing is looked at again.
    if (want === undefined || tree.newest?.hash !== want) await this.#scan.run()
    const manifest = tree.newest ?? (await tree.scan())
    const base = have === undefined ? undefined : tree.entriesOf(have)
    const key = `${environment} ${base === undefined ? '' : have} ${manifest.hash}`
    const ready = this.#ready.get(key)
    if (ready !== undefined) return ready
    const answer = makeDelta(manifest, base === undefined ? undefined : have, base ?? [])
    this.#ready.set(key, answer)
    setTimeout(() => this.#ready.delete(key), readyMilliseconds).unref()
    for (const old of this.#ready.keys()) if (this.#ready.size > readyDeltas) this.#ready.delete(old)
    return answer
  }

  async blobs({ environment, slices }: Body<'file.get'>): Promise<Answer<Body<'file.blobs'>>> {
    const tree = this.#environment(environment)
    if (tree.newest === undefined) await this.#scan.run()
    const manifest = tree.newest
    const found: Body<'file.blobs'>['slices'] = []
    const parts: Uint8Array[] = []
    let total = 0
    for (const { sha256, offset, length } of slices) {
      const source = manifest?.sources.get(sha256)
      const wanted = source === undefined ? 0 : Math.max(0, Math.min(length, source.size - offset))
      total += wanted
      if (total > blobsBytes) throw new TsaltError('blobs-too-large', { limit: blobsBytes })
      const part = manifest && readSource(manifest, sha256, offset, wanted)
      if (part !== undefined) parts.push(part)
      found.push({ sha256, length: part?.length ?? 0, size: part === undefined ? -1 : (source?.size ?? -1) })
    }
    return { body: { slices: found }, attachment: Buffer.concat(parts) }
  }

  async #scanAll(): Promise<void> {
    for (const tree of this.#environments.values()) await tree.scan()
    try {
      await this.#hashes.keepOnly(this.#allFiles())
    } catch (error) {
      // The cache saves time at the next start; a full disk must not stop jobs for it.
      this.#logger.warn({ err: error }, 'could not write the cache of file hashes')
    }
  }

  *#allFiles() {
    for (const tree of this.#environments.values()) yield* tree.files()
  }

  #environment(name: string): EnvironmentTree {
    const tree = this.#environments.get(name)
    if (tree !== undefined) return tree
    const near = nearest(name, [...this.#environments.keys()])
    const hint = near === undefined ? undefined : `Did you mean "${near}"?`
    throw new TsaltError('environment-unknown', { environment: name }, { hint })
  }
}

function makeDelta(
  manifest: Manifest,
  have: Sha256 | undefined,
  base: readonly ManifestEntry[],
): Answer<Body<'file.delta'>> {
  const { put, drop } = difference(base, manifest.entries)
  const blobs: [Sha256, number][] = []
  const parts: Uint8Array[] = []
  const seen = new Set<Sha256>(base.map(([, sha256]) => sha256))
  let total = 0
  for (const [, sha256, size] of put) {
    if (size > smallBlob || total + size > deltaBytes || seen.has(sha256)) continue
    seen.add(sha256)
    const content = readSource(manifest, sha256, 0, size)
    if (content?.length !== size) continue
    blobs.push([sha256, size])
    parts.push(content)
    total += size
  }
  const body = { hash: manifest.hash, put: [...put], drop: [...drop], blobs }
  return { body: have === undefined ? body : { ...body, base: have }, attachment: Buffer.concat(parts) }
}

/** @returns undefined where the content of that hash is no longer there. */
function readSource(manifest: Manifest, sha256: Sha256, offset: number, length: number): Buffer | undefined {
  const source = manifest.sources.get(sha256)
  if (source === undefined) return undefined
  const { file } = source
  const said = file.target ?? file.made
  if (said !== undefined) return Buffer.from(said).subarray(offset, offset + length)
  let opened: ReturnType<typeof openBeneath>
  try {
    opened = openBeneath(file.root, file.path)
  } catch {
    // Gone or made unreadable since the scan: as if it had never been there.
    return undefined
  }
  try {
    // Changed since it was hashed: whatever is in it now has another name.
    if (stampOf(opened.stats) !== file.stamp) return undefined
    const buffer = Buffer.alloc(length)
    return buffer.subarray(0, readSync(opened.fd, buffer, 0, length, offset))
  } finally {
    closeSync(opened.fd)
  }
}
