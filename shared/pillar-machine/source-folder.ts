/** All files below a folder, for file_tree. */
import { type Dirent, readFileSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type FolderFile, SourceTrouble } from '../pillar/machine.ts'
import { longestAnswer } from './run-source.ts'

const mostFiles = 10_000
const deepest = 32

/** @throws SourceTrouble */
export async function folderFiles(folder: string, followLinks: boolean): Promise<FolderFile[]> {
  const walk = new Walk(followLinks)
  await walk.folder(folder, '', 0)
  return walk.files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

class Walk {
  readonly files: FolderFile[] = []
  private readonly followLinks: boolean
  private readonly seen = new Set<string>()
  private size = 0

  constructor(followLinks: boolean) {
    this.followLinks = followLinks
  }

  async folder(folder: string, prefix: string, depth: number): Promise<void> {
    const entries = await list(folder)
    if (entries.length === 0) return
    const real = await realpath(folder)
    // Links that lead in a circle.
    if (depth > deepest || this.seen.has(real)) return
    this.seen.add(real)
    for (const entry of entries) {
      const path = `${prefix}${entry.name}`
      const kind = entry.isSymbolicLink() ? await linked(join(folder, entry.name)) : entry
      const isLink = entry.isSymbolicLink()
      if (kind?.isDirectory() && (!isLink || this.followLinks))
        await this.folder(join(folder, entry.name), `${path}/`, depth + 1)
      else if (kind?.isFile()) this.file(join(folder, entry.name), path)
    }
  }

  private file(file: string, path: string): void {
    const bytes = readOne(file)
    this.size += bytes.length
    if (this.size > longestAnswer || this.files.length >= mostFiles)
      throw new SourceTrouble(`there is more than ${mostFiles} files or ${longestAnswer} bytes`)
    try {
      this.files.push({ path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) })
    } catch {
      throw new SourceTrouble(`${file} is no UTF-8 text, and a pillar holds only text`)
    }
  }
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw new SourceTrouble(`${folder} cannot be read (${code})`)
  }
}

const linked = (path: string) => stat(path).catch(() => undefined)

function readOne(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new SourceTrouble(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
