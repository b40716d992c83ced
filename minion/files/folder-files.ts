/** Trees in folders of this machine, for `file_client: local` and `tsalt-call --local`: the first root that has a file wins. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { isTreePath } from '../../shared/protocol/fields.ts'
import { comparePaths } from '../../shared/protocol/manifest-hash.ts'
import type { TreeFileText } from '../../shared/sls/tree.ts'
import { runnablePath } from '../../shared/tree-code/code-paths.ts'
import { failingCode, plainCode } from '../../shared/tree-code/plain-code.ts'
import { requireOwnProgram } from '../programs/own-program.ts'
import type { Source, TreeFile } from '../system/reader.ts'
import { hashOf } from './blob-cache.ts'
import { beneath } from './empty-folders.ts'
import { type CodeFile, decodeText, permissions, type TreeFiles } from './tree-files.ts'

const ignoredFolders: ReadonlySet<string> = new Set(['.git', '.svn', '.hg', '.bzr', 'CVS', '__pycache__'])
const litter = /(?:~|\.sw[pox]|\.py[co])$|^\.#|^#.*#$|^\.DS_Store$/
const deepest = 64

/** One run's view: names are read once, contents when they are asked for. */
export class FolderFiles implements TreeFiles {
  readonly environments: readonly string[]
  readonly #roots: Readonly<Record<string, readonly string[]>>
  /** Environment → path → where it is. */
  readonly #found = new Map<string, ReadonlyMap<string, string>>()

  /** @param roots environment → folders in order of precedence; missing ones are empty */
  constructor(roots: Readonly<Record<string, readonly string[]>>) {
    this.#roots = roots
    const names = Object.keys(roots)
    this.environments = [
      ...names.filter((name) => name === 'base'),
      ...names.filter((name) => name !== 'base'),
    ]
  }

  async read(environment: string, path: string): Promise<TreeFileText | undefined> {
    const source = await this.fetch(environment, path)
    return source && { text: decodeText(source.content), sha256: source.sha256 }
  }

  has(environment: string, path: string): boolean {
    return this.#where(environment, path) !== undefined
  }

  list(environment: string): readonly string[] {
    return [...this.#all(environment).keys()]
  }

  async fetch(environment: string, path: string): Promise<Source | undefined> {
    const file = this.#where(environment, path)
    if (file === undefined) return undefined
    try {
      const content = readFileSync(file)
      return { content, sha256: hashOf(content), mode: permissions(statSync(file).mode) }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const reason = code === 'EACCES' ? 'permission denied' : (code ?? String(error))
      throw new TsaltError('source-unreadable', { url: `salt://${path} (${file})`, reason })
    }
  }

  async under(environment: string, folder: string): Promise<readonly TreeFile[]> {
    const prefix = folder === '' ? '' : `${folder}/`
    const files: TreeFile[] = []
    for (const [path, file] of this.#all(environment)) {
      if (!path.startsWith(prefix)) continue
      const relative = path.slice(prefix.length)
      const { mode, size } = lstatSync(file)
      if (lstatSync(file).isSymbolicLink()) {
        const target = readlinkSync(file)
        files.push({
          path: relative,
          sha256: hashOf(Buffer.from(target)),
          mode: permissions(mode),
          size,
          target,
        })
      } else files.push({ path: relative, sha256: hashOf(readFileSync(file)), mode: permissions(mode), size })
    }
    return files
  }

  async emptyUnder(environment: string, folder: string): Promise<readonly string[]> {
    const files = this.list(environment)
    const folders = new Set<string>()
    for (const root of this.#roots[environment] ?? []) foldersOf(root, '', 0, folders)
    const filled = new Set([...files, ...folders].map((path) => dirname(path)))
    const empty = [...folders].filter((path) => !filled.has(path) && isTreePath(path)).sort(comparePaths)
    return beneath(empty, folder)
  }

  async code(): Promise<readonly CodeFile[]> {
    const sources = [...this.#all('base')].filter(([path]) => path.startsWith('_'))
    const made = new Map<string, CodeFile>()
    for (const [path, file] of sources) {
      const runs = runnablePath(path)
      if (runs === undefined) continue
      const content = Buffer.from(await codeOf(path, file))
      made.set(runs, { path: runs, sha256: hashOf(content), content: async () => content })
    }
    return [...made.values()]
  }

  /** A single name is looked up by itself: most runs never need the list. */
  #where(environment: string, path: string): string | undefined {
    const listed = this.#found.get(environment)
    if (listed) return listed.get(path)
    if (!isTreePath(path)) return undefined
    for (const root of this.#roots[environment] ?? []) {
      const file = join(root, path)
      if (isFile(file)) return file
    }
    return undefined
  }

  #all(environment: string): ReadonlyMap<string, string> {
    const listed = this.#found.get(environment)
    if (listed) return listed
    const found = new Map<string, string>()
    for (const root of this.#roots[environment] ?? []) walk(root, '', 0, found)
    const sorted = new Map([...found].sort(([a], [b]) => comparePaths(a, b)))
    this.#found.set(environment, sorted)
    return sorted
  }
}

/** Code of one's own tree runs as oneself: nobody else may be able to change it. */
async function codeOf(path: string, file: string): Promise<string> {
  try {
    requireOwnProgram(file)
    return await plainCode(path, readFileSync(file, 'utf8'))
  } catch (error) {
    return failingCode(`salt://${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** False also where the path leads through something that is no folder. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false
    throw error
  }
}

function walk(root: string, folder: string, depth: number, found: Map<string, string>): void {
  for (const entry of entriesOf(join(root, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    const isLink = entry.isSymbolicLink()
    if (entry.isDirectory() || (isLink && leadsToFolder(root, path))) {
      if (!ignoredFolders.has(entry.name) && depth < deepest) walk(root, path, depth + 1, found)
    } else if (!litter.test(entry.name) && !found.has(path) && (entry.isFile() || isLink))
      found.set(path, join(root, path))
  }
}

function foldersOf(root: string, folder: string, depth: number, found: Set<string>): void {
  for (const entry of entriesOf(join(root, folder))) {
    if (!entry.isDirectory() || ignoredFolders.has(entry.name) || depth >= deepest) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    found.add(path)
    foldersOf(root, path, depth + 1, found)
  }
}

/** As Salt does, what lies behind a link is listed below the link; one to a folder around it would have no end. */
function leadsToFolder(root: string, path: string): boolean {
  const link = join(root, path)
  try {
    if (!statSync(link).isDirectory()) return false
    const target = realpathSync(link)
    return !`${realpathSync(dirname(link))}/`.startsWith(`${target}/`)
  } catch {
    return false
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    // A configured root that does not exist is empty, as in Salt; an unreadable one is not.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new TsaltError('source-unreadable', { url: folder, reason: String((error as Error).message) })
  }
}
