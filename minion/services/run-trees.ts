/** Opens the trees of a run: the master's, brought up to date in one round trip, or folders of this machine. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import { BlobCache } from '../files/blob-cache.ts'
import { FolderFiles } from '../files/folder-files.ts'
import type { Manifest } from '../files/manifest.ts'
import { ManifestFiles } from '../files/manifest-files.ts'
import { type FileLink, RemoteTrees } from '../files/remote-trees.ts'
import type { TreeFiles } from '../files/tree-files.ts'
import type { MasterPort } from './master-port.ts'

/** Environment → hash of its manifest, as a job names them. */
export type WantedTrees = Readonly<Record<string, Sha256>>

export interface RunTrees {
  /** @param wanted absent: the newest of every environment that is known here */
  open(wanted?: WantedTrees): Promise<TreeFiles>
  /** Gives memory back. */
  release(): void
}

/** Bytes of contents that the cache may keep. */
const cacheLimit = 1024 * 1024 * 1024

export function localTrees(roots: Readonly<Record<string, readonly string[]>>): RunTrees {
  return { open: async () => new FolderFiles(roots), release: () => {} }
}

/** @param folder the cache directory */
export function masterTrees(trees: RemoteTrees, folder: string): RunTrees {
  return {
    async open(wanted) {
      const manifests = wanted ? await updateAll(trees, wanted) : await updateKnown(trees, folder)
      return new ManifestFiles(trees, manifests)
    },
    release: () => trees.release(cacheLimit),
  }
}

async function updateAll(trees: RemoteTrees, wanted: WantedTrees): Promise<Map<string, Manifest>> {
  const updates = Object.entries(wanted).map(
    async ([environment, hash]) => [environment, await trees.update(environment, hash)] as const,
  )
  return new Map(await Promise.all(updates))
}

/** Without a job that names them: base, and those of earlier jobs as far as the master still has them. */
async function updateKnown(trees: RemoteTrees, folder: string): Promise<Map<string, Manifest>> {
  const manifests = new Map<string, Manifest>()
  for (const environment of knownEnvironments(folder)) {
    try {
      manifests.set(environment, await trees.update(environment))
    } catch (error) {
      if (!isTsaltError(error) || error.parameters.code !== 'environment-unknown') throw error
    }
  }
  return manifests
}

function knownEnvironments(folder: string): string[] {
  try {
    const names = readdirSync(join(folder, 'manifests')).filter((name) => !name.startsWith('.'))
    return [...new Set(['base', ...names.sort()])]
  } catch {
    // Nothing was fetched yet.
    return ['base']
  }
}

interface TreeParts {
  readonly options: MinionOptions
  readonly clock: Clock
  readonly log: Logger
  /** Absent: trees are folders of this machine. */
  readonly master: MasterPort | undefined
}

export function treesOf({ options, clock, log, master }: TreeParts): RunTrees {
  if (!master) return localTrees(options.file_roots)
  const link: FileLink = {
    manifest: (body) => master.request('file.manifest', body),
    blobs: (body) => master.request('file.get', body),
  }
  const cache = new BlobCache(options.cachedir, clock)
  return masterTrees(new RemoteTrees(link, cache, options.cachedir, log), options.cachedir)
}
