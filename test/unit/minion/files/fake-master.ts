/** The master's side of files as plain data: environment → path → content; counts what is asked. */
import { hashOf } from '../../../../minion/files/blob-cache.ts'
import type { FileLink } from '../../../../minion/files/remote-trees.ts'
import type { Sha256 } from '../../../../shared/ids.ts'
import { comparePaths, manifestHash } from '../../../../shared/protocol/manifest-hash.ts'
import type { ManifestEntry } from '../../../../shared/protocol/messages/manifest-request.ts'

export class FakeMaster {
  readonly trees = new Map<string, Map<string, { content: Buffer; mode: number }>>()
  readonly asked: string[] = []
  /** Contents up to this size come with the manifest. */
  attachUpTo = 0
  /** Changes bytes on their way. */
  tamper: ((attachment: Buffer) => void) | undefined
  readonly #old = new Map<Sha256, ManifestEntry[]>()

  put(environment: string, path: string, content: string | Buffer, mode = 0o644): void {
    const tree = this.trees.get(environment) ?? new Map()
    this.trees.set(environment, tree.set(path, { content: Buffer.from(content), mode }))
  }

  entries(environment: string): ManifestEntry[] {
    return [...(this.trees.get(environment) ?? [])]
      .map(([path, { content, mode }]): ManifestEntry => [path, hashOf(content), content.length, mode])
      .sort(([a], [b]) => comparePaths(a, b))
  }

  hash(environment: string): Sha256 {
    return manifestHash(this.entries(environment))
  }

  readonly link: FileLink = {
    manifest: async ({ environment, have }) => {
      this.asked.push(`manifest ${environment}`)
      const entries = this.entries(environment)
      const hash = manifestHash(entries)
      this.#old.set(hash, entries)
      const base = have && this.#old.get(have)
      const before = new Map(base?.map((entry) => [entry[0], entry[1]]))
      const put = entries.filter(([path, sha256]) => before.get(path) !== sha256)
      const now = new Set(entries.map(([path]) => path))
      const drop = [...before.keys()].filter((path) => !now.has(path))
      const attached = put.filter(([, , size]) => size <= this.attachUpTo)
      const contents = attached.map(
        ([path]) => this.trees.get(environment)?.get(path)?.content ?? Buffer.alloc(0),
      )
      const attachment = Buffer.concat(contents)
      this.tamper?.(attachment)
      const blobs = attached.map(([, sha256, size]): [Sha256, number] => [sha256, size])
      return { body: { hash, ...(base && have ? { base: have } : {}), put, drop, blobs }, attachment }
    },
    blobs: async ({ environment, slices }) => {
      this.asked.push(`blobs ${slices.length}`)
      const contents = new Map(
        [...(this.trees.get(environment)?.values() ?? [])].map(({ content }) => [hashOf(content), content]),
      )
      const parts = slices.map(({ sha256, offset, length }) => {
        const whole = contents.get(sha256)
        return {
          sha256,
          part: whole?.subarray(offset, offset + length) ?? Buffer.alloc(0),
          size: whole?.length ?? -1,
        }
      })
      const attachment = Buffer.concat(parts.map(({ part }) => part))
      this.tamper?.(attachment)
      return {
        body: { slices: parts.map(({ sha256, part, size }) => ({ sha256, length: part.length, size })) },
        attachment,
      }
    },
  }
}
