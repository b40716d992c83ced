/** A tree in folders of this machine, which knows where each of its files lies. */
import { createHash } from 'node:crypto'
import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import type { Tree, TreeFileText } from '../../shared/sls/tree.ts'

/** Environment → folders, in order of precedence. */
export type Roots = Readonly<Record<string, readonly string[]>>

const leftOut = /^(?:\.git|\.svn|\.hg|\.bzr|CVS|__pycache__|node_modules|\.kitchen|\.venv)$/
const litter = /(?:~|\.sw[pox]|\.py[co])$|^\.#|^#.*#$/
const deepest = 40
/** Of one environment, files and folders that are not taken among them: links can make a tree without an end. */
const mostEntries = 200_000
/** A link counts as so many: only links make a small tree large. */
const linkWeight = 20
/** Bytes of one file that is read as a text. */
const longestText = 32 * 1024 * 1024

export class LocalTree implements Tree {
  readonly environments: readonly string[]
  readonly #files: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly #texts = new Map<string, TreeFileText>()

  /** @param without of a tree of states: the roots of its pillars, which may lie inside */
  constructor(roots: Roots, without?: readonly string[]) {
    const names = Object.keys(roots)
    this.environments = [...names.filter((name) => name === 'base'), ...names.filter((n) => n !== 'base')]
    this.#files = new Map(
      names.map((name) => {
        const found = new Map<string, string>()
        const seen = { entries: 0 }
        for (const root of roots[name] ?? []) {
          const besides = besidesOf(root, without !== undefined)
          walk({ root, besides, without: new Set(without?.map(realOf)), seen }, '', new Set(), found)
        }
        return [name, new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))]
      }),
    )
  }

  has(environment: string, path: string): boolean {
    return this.#files.get(environment)?.has(path) ?? false
  }

  list(environment: string): readonly string[] {
    return [...(this.#files.get(environment)?.keys() ?? [])]
  }

  async read(environment: string, path: string): Promise<TreeFileText | undefined> {
    const file = this.where(environment, path)
    if (file === undefined) return undefined
    const kept = this.#texts.get(file)
    if (kept !== undefined) return kept
    const { size } = statSync(file)
    if (size > longestText)
      throw refused(file, `it has ${size} bytes, and of a text at most ${longestText} are read`)
    const bytes = readFileSync(file)
    const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256
    const read = { text: bytes.toString('utf8'), sha256 }
    this.#texts.set(file, read)
    return read
  }

  /** Names of the *.sls of an environment: a *.yaml of a Salt tree is data that templates import. */
  slsNames(environment: string): readonly string[] {
    const names = this.list(environment).flatMap((file) => {
      const path = /^(.*?)(?:(?:^|\/)init)?\.sls$/.exec(file)?.[1]
      return path && !path.includes('.') ? [path.replaceAll('/', '.')] : []
    })
    return [...new Set(names)].sort()
  }

  /** Where a file of the tree lies on this machine. */
  where(environment: string, path: string): string | undefined {
    return this.#files.get(environment)?.get(path)
  }
}

/** Folders that are no part of the tree: what a formula's repository has beside its states, examples of pillars. */
function besidesOf(root: string, ofStates: boolean): RegExp {
  const isFormula = existsSync(join(root, 'FORMULA')) || existsSync(join(root, 'pillar.example'))
  if (isFormula) return /^(?:tests?|docs?|kitchen|bin)$/
  return ofStates ? /(?:^|\/)pillars?$/ : /^$/
}

interface Walk {
  readonly root: string
  readonly besides: RegExp
  /** Real paths. */
  readonly without: ReadonlySet<string>
  /** Of all roots of an environment. */
  readonly seen: { entries: number }
}

const refused = (file: string, reason: string): TsaltError =>
  new TsaltError('migrate-input-invalid', { file, reason })

/** @param above real paths of the folders around, so that a link to one of them ends there */
function walk(place: Walk, folder: string, above: ReadonlySet<string>, found: Map<string, string>): void {
  const { root, besides, without, seen } = place
  const here = join(root, folder)
  const real = realpathSync.native(here)
  if (above.has(real) || above.size > deepest || (folder !== '' && without.has(real))) return
  if (real === '/' && folder !== '') throw refused(here, `${here} leads to the whole machine`)
  const around = new Set([...above, real])
  for (const entry of readdirSync(here, { withFileTypes: true })) {
    seen.entries += entry.isSymbolicLink() ? linkWeight : 1
    if (seen.entries > mostEntries)
      throw refused(root, `there are more than ${mostEntries} files, maybe by links that lead to each other`)
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    const kind = kindOf(entry, join(root, path))
    if (kind === 'folder' && !leftOut.test(entry.name) && !besides.test(path))
      walk(place, path, around, found)
    else if (kind === 'file' && !litter.test(entry.name) && !found.has(path))
      found.set(path, join(root, path))
  }
}

function realOf(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder
}

function kindOf(entry: Dirent, path: string): 'file' | 'folder' | undefined {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  if (!entry.isSymbolicLink()) return undefined
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats?.isFile() ? 'file' : stats?.isDirectory() ? 'folder' : undefined
}
