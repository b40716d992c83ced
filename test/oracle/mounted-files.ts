/** A tree out of folders that each stand at a place of it: `states/` of Salt's root may be the top of a clone. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FolderFiles } from '../../minion/files/folder-files.ts'
import type { TreeFiles } from '../../minion/files/tree-files.ts'
import type { Source, TreeFile } from '../../minion/system/reader.ts'
import type { TreeFileText } from '../../shared/sls/tree.ts'

export interface Mount {
  readonly folder: string
  /** Path in the tree; empty: the folder is the root. */
  readonly at: string
}

export class MountedFiles implements TreeFiles {
  readonly environments: readonly string[]
  readonly #folders: ReadonlyMap<string, readonly { at: string; files: FolderFiles }[]>
  readonly #lists = new Map<string, readonly string[]>()
  readonly #texts = new Map<string, Promise<TreeFileText | undefined>>()

  constructor(roots: Readonly<Record<string, readonly Mount[]>>) {
    this.environments = Object.keys(roots)
    this.#folders = new Map(
      Object.entries(roots).map(([environment, mounts]) => [
        environment,
        mounts.map(({ at, folder }) => ({ at, files: new FolderFiles({ base: [folder] }) })),
      ]),
    )
  }

  /** Each file once: hundreds of SLS import the same few. */
  read(environment: string, path: string): Promise<TreeFileText | undefined> {
    const key = `${environment}\0${path}`
    let text = this.#texts.get(key)
    if (text === undefined) {
      const found = this.#find(environment, path)
      text = found === undefined ? Promise.resolve(undefined) : found.files.read('base', found.path)
      this.#texts.set(key, text)
    }
    return text
  }

  has(environment: string, path: string): boolean {
    return this.#find(environment, path) !== undefined
  }

  list(environment: string): readonly string[] {
    let list = this.#lists.get(environment)
    if (list === undefined) {
      const all = (this.#folders.get(environment) ?? []).flatMap(({ at, files }) =>
        files.list('base').map((path) => (at === '' ? path : `${at}/${path}`)),
      )
      list = [...new Set(all)].sort()
      this.#lists.set(environment, list)
    }
    return list
  }

  /** Code of foreign trees is never run here. */
  async code(): Promise<readonly []> {
    return []
  }

  async fetch(environment: string, path: string): Promise<Source | undefined> {
    const found = this.#find(environment, path)
    return found?.files.fetch('base', found.path)
  }

  async under(environment: string, folder: string): Promise<readonly TreeFile[]> {
    const prefix = folder === '' ? '' : `${folder}/`
    const paths = this.list(environment).filter((path) => path.startsWith(prefix))
    const found = await Promise.all(paths.map((path) => this.fetch(environment, path)))
    return paths.flatMap((path, index) => {
      const source = found[index]
      if (source === undefined) return []
      const { sha256, mode, content } = source
      return [{ path: path.slice(prefix.length), sha256, mode, size: content.length }]
    })
  }

  async emptyUnder(): Promise<readonly []> {
    return []
  }

  #find(environment: string, path: string): { files: FolderFiles; path: string } | undefined {
    for (const { at, files } of this.#folders.get(environment) ?? []) {
      const inside = at === '' ? path : path.startsWith(`${at}/`) ? path.slice(at.length + 1) : undefined
      if (inside !== undefined && files.has('base', inside)) return { files, path: inside }
    }
    return undefined
  }
}

/** How many of these files lie there. */
export function countFiles(folder: string, files: Iterable<string>): number {
  let count = 0
  for (const file of files) if (isFile(join(folder, file))) count++
  return count
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    return false
  }
}

export function isFolder(path: string): boolean {
  try {
    return readdirSync(path) !== undefined
  } catch {
    return false
  }
}
