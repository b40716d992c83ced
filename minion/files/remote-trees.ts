/**
 * The master's trees as this minion has them: manifests brought up to date in one round trip, contents fetched in
 * batches where they are missing. Everything that comes is checked against its hash before it is kept.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import { sha256 } from '../../shared/protocol/fields.ts'
import { type ManifestDelta, ManifestEntry } from '../../shared/protocol/messages/manifest-request.ts'
import type { Body, Message } from '../../shared/protocol/registry.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'
import { type BlobCache, hashOf } from './blob-cache.ts'
import { applyDelta, type Manifest, makeManifest } from './manifest.ts'

/** The two questions that are asked. @throws TsaltError where there is no connection, or of the master's refusal */
export interface FileLink {
  manifest(body: Body<'file.manifest'>): Promise<Pick<Message<'file.delta'>, 'body' | 'attachment'>>
  blobs(body: Body<'file.get'>): Promise<Pick<Message<'file.blobs'>, 'body' | 'attachment'>>
}

export interface WantedBlob {
  readonly sha256: Sha256
  readonly size: number
  /** For messages: `salt://redis/redis.conf`. */
  readonly url: string
}

/** Bytes asked for in one request, and the most contents in it. */
const batchBytes = 8 * 1024 * 1024
const batchCount = 2_000

const SavedManifest = v.strictObject({ hash: sha256, entries: v.array(ManifestEntry) })

export class RemoteTrees {
  readonly #link: FileLink
  readonly #cache: BlobCache
  readonly #folder: string
  readonly #log: Logger
  readonly #manifests = new Map<string, Manifest>()
  readonly #updating = new Map<string, Promise<Manifest>>()

  /** @param folder the cache directory */
  constructor(link: FileLink, cache: BlobCache, folder: string, log: Logger) {
    this.#link = link
    this.#cache = cache
    this.#folder = join(folder, 'manifests')
    this.#log = log
  }

  /** An environment's manifest, asked for unless the one at hand is the one that is `want`ed. */
  async update(environment: string, want?: Sha256): Promise<Manifest> {
    const have = this.#manifests.get(environment) ?? this.#load(environment)
    if (have && have.hash === want) {
      this.#manifests.set(environment, have)
      return have
    }
    const key = `${environment} ${want ?? ''}`
    const updating = this.#updating.get(key) ?? this.#ask(environment, have, want)
    this.#updating.set(key, updating)
    return updating.finally(() => this.#updating.delete(key))
  }

  /** undefined: neither in memory nor in the cache. */
  content(hash: Sha256): Uint8Array | undefined {
    return this.#cache.read(hash)
  }

  /** True where a content is probably at hand; only `content` knows. */
  has(hash: Sha256): boolean {
    return this.#cache.has(hash)
  }

  /** Fetches contents, whatever is in the cache. @throws TsaltError `source-unavailable`, `tree-content-wrong` */
  async fetch(environment: string, blobs: readonly WantedBlob[]): Promise<void> {
    let batch: WantedBlob[] = []
    let bytes = 0
    for (const blob of blobs) {
      if (batch.length > 0 && (bytes + blob.size > batchBytes || batch.length >= batchCount)) {
        await this.#fetchBatch(environment, batch)
        batch = []
        bytes = 0
      }
      if (blob.size > batchBytes) await this.#fetchLarge(environment, blob)
      else {
        batch.push(blob)
        bytes += blob.size
      }
    }
    if (batch.length > 0) await this.#fetchBatch(environment, batch)
  }

  /** One content, which may be too large to be kept in memory: fetched and returned. */
  async fetchOne(environment: string, blob: WantedBlob): Promise<Uint8Array> {
    if (blob.size > batchBytes) return this.#fetchLarge(environment, blob)
    await this.#fetchBatch(environment, [blob])
    return this.#cache.read(blob.sha256) ?? unavailable(blob)
  }

  /** Gives the memory back, and cuts the cache to `limit` bytes. What the newest manifests name stays longest. */
  release(limit: number): void {
    const keep = new Set<Sha256>()
    for (const { entries } of this.#manifests.values()) for (const [, [, hash]] of entries) keep.add(hash)
    this.#manifests.clear()
    this.#cache.trim(limit, keep)
    this.#cache.release()
  }

  async #ask(environment: string, have: Manifest | undefined, want: Sha256 | undefined): Promise<Manifest> {
    const { body, attachment } = await this.#link.manifest({
      environment,
      ...(have ? { have: have.hash } : {}),
      ...(want ? { want } : {}),
    })
    this.#keepBlobs(body, attachment ?? new Uint8Array())
    const manifest = applyDelta(have, body)
    this.#manifests.set(environment, manifest)
    if (manifest !== have) this.#save(environment, manifest)
    return manifest
  }

  #keepBlobs({ blobs }: ManifestDelta, attachment: Uint8Array): void {
    let offset = 0
    for (const [hash, size] of blobs) {
      const content = attachment.subarray(offset, offset + size)
      offset += size
      if (hashOf(content) !== hash) throw new TsaltError('tree-content-wrong', { what: `content ${hash}` })
      // A copy: a view would keep the whole attachment in memory.
      this.#cache.store(hash, content.slice())
    }
  }

  async #fetchBatch(environment: string, blobs: readonly WantedBlob[]): Promise<void> {
    const slices = blobs.map(({ sha256: hash, size }) => ({ sha256: hash, offset: 0, length: size }))
    const { body, attachment = new Uint8Array() } = await this.#link.blobs({ environment, slices })
    let offset = 0
    for (const [index, answer] of body.slices.entries()) {
      const blob = blobs[index]
      if (!blob || blob.sha256 !== answer.sha256)
        throw new TsaltError('tree-content-wrong', { what: 'the order' })
      if (answer.size === -1) unavailable(blob)
      const content = attachment.slice(offset, offset + answer.length)
      offset += answer.length
      if (hashOf(content) !== blob.sha256) throw new TsaltError('tree-content-wrong', { what: blob.url })
      this.#cache.store(blob.sha256, content)
    }
    if (body.slices.length !== blobs.length)
      throw new TsaltError('tree-content-wrong', { what: 'the number' })
  }

  async #fetchLarge(environment: string, blob: WantedBlob): Promise<Uint8Array> {
    const whole = Buffer.alloc(blob.size)
    let offset = 0
    while (offset < blob.size) {
      const length = Math.min(batchBytes, blob.size - offset)
      const slices = [{ sha256: blob.sha256, offset, length }]
      const { body, attachment = new Uint8Array() } = await this.#link.blobs({ environment, slices })
      if (body.slices[0]?.size === -1 || attachment.length === 0) return unavailable(blob)
      whole.set(attachment.subarray(0, length), offset)
      offset += attachment.length
    }
    if (hashOf(whole) !== blob.sha256) throw new TsaltError('tree-content-wrong', { what: blob.url })
    this.#cache.store(blob.sha256, whole)
    return whole
  }

  #load(environment: string): Manifest | undefined {
    try {
      const saved = v.parse(SavedManifest, JSON.parse(readFileSync(join(this.#folder, environment), 'utf8')))
      return makeManifest(saved.hash, saved.entries)
    } catch {
      // Missing or damaged: the whole manifest is asked for.
      return undefined
    }
  }

  #save(environment: string, { hash, entries }: Manifest): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const text = JSON.stringify({ hash, entries: [...entries.values()] })
      writeFileAtomicSync(join(this.#folder, environment), text, { durable: false, walk: false })
    } catch (error) {
      this.#log.warn({ err: error, environment }, 'the manifest could not be kept and is fetched again')
    }
  }
}

function unavailable(blob: WantedBlob): never {
  throw new TsaltError('source-unavailable', { url: blob.url })
}
