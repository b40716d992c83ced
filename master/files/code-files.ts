/**
 * Code of the tree that minions run as root: what the master makes of `_modules/*.ts`, `_states/*.js` … A file is only
 * run where nobody but root can change it, neither the file nor a folder on the way to it.
 */
import { closeSync, lstatSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { comparePaths } from '../../shared/protocol/manifest-hash.ts'
import { codeFolder, ownFolder, runnablePath } from '../../shared/tree-code/code-paths.ts'
import { failingCode, plainCode } from '../../shared/tree-code/plain-code.ts'
import { openBeneath } from './beneath-root.ts'
import type { Listed } from './listing.ts'

const largest = 1024 * 1024
const othersMayWrite = 0o022

export class CodeFiles {
  /** By path of what runs. */
  #made = new Map<string, Listed>()

  /** @returns the files, without what only the master may put into a manifest, and with it */
  async withCode(files: readonly Listed[]): Promise<readonly Listed[]> {
    const own = files.filter(({ path }) => !path.startsWith(ownFolder))
    const sources = own.filter(({ path }) => path.startsWith('_') && runnablePath(path) !== undefined)
    if (sources.length === 0) {
      this.#made = new Map()
      return own.length === files.length ? files : own
    }
    const folders = new Map<string, string | undefined>()
    const made = new Map<string, Listed>()
    // Of `disk.js` and `disk.ts`, the latter, of which the other was made.
    for (const file of sources) {
      const path = `${codeFolder}/${runnablePath(file.path)}`
      made.set(path, await this.#make(path, file, folders))
    }
    this.#made = made
    return [...own, ...made.values()].sort((a, b) => comparePaths(a.path, b.path))
  }

  async #make(path: string, file: Listed, folders: Map<string, string | undefined>): Promise<Listed> {
    const refusal = refusalOf(file, folders)
    const stamp = `code ${file.path} ${file.stamp} ${refusal ?? ''}`
    const before = this.#made.get(path)
    if (before?.stamp === stamp && before.root === file.root) return before
    const made = refusal === undefined ? await runnableCode(file) : failingCode(refusal)
    return { path, root: file.root, stamp, size: Buffer.byteLength(made), mode: 0o644, made }
  }
}

async function runnableCode(file: Listed): Promise<string> {
  if (file.size > largest) return failingCode(`salt://${file.path} has more than ${largest} bytes`)
  try {
    const { fd } = openBeneath(file.root, file.path)
    try {
      return await plainCode(file.path, readFileSync(fd, 'utf8'))
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return failingCode(`salt://${file.path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Why a file is not run; undefined: only root can change it. */
function refusalOf(file: Listed, folders: Map<string, string | undefined>): string | undefined {
  const path = join(file.root, file.path)
  if (file.target !== undefined) return `salt://${file.path} is a link; put the file itself there`
  const found = complaintOf(path, false) ?? folderComplaint(dirname(path), folders)
  return found && `salt://${file.path} is not run, because others than root may change it: ${found}`
}

function folderComplaint(folder: string, known: Map<string, string | undefined>): string | undefined {
  if (known.has(folder)) return known.get(folder)
  const above = dirname(folder)
  const found = complaintOf(folder, true) ?? (above === folder ? undefined : folderComplaint(above, known))
  known.set(folder, found)
  return found
}

const sticky = 0o1000

function complaintOf(path: string, isFolder: boolean): string | undefined {
  try {
    const { uid, mode } = isFolder ? statSync(path) : lstatSync(path)
    if (uid !== 0) return `on the master run: chown root ${path}`
    // In a folder like /tmp nobody can replace what is root's.
    if ((mode & othersMayWrite) === 0 || (isFolder && (mode & sticky) !== 0)) return undefined
    return `on the master run: chmod go-w ${path}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
