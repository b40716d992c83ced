/** Finds the roots of states and pillars below folders that somebody named, as Salt's own trees are laid out. */
import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Roots } from './local-tree.ts'

export interface Layout {
  readonly states: Roots
  readonly pillars: Roots
  /** Files pillar.example of formulas, where there is no pillar. */
  readonly examples: readonly string[]
}

const pillarName = /^(?:pillars?|pillar[-_]roots?|.*[-_]pillars?)$/i
const statesName = /^(?:salt|states?|file[-_]roots?|saltstack|formulas?)$/i
const leftOut = /^(?:\..*|node_modules|tests?|specs?|docs?|kitchen|examples?|_\w+)$/i
const deepest = 5

interface Seen {
  readonly path: string
  readonly isPillar: boolean
  readonly hasTop: boolean
  readonly isFormula: boolean
  /** Files *.sls in it and below. */
  readonly sls: number
  readonly isNamed: boolean
}

/** @throws TsaltError `migrate-folder-missing` */
export function findLayout(folders: readonly string[]): Layout {
  const seen = folders.flatMap((folder) => {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new TsaltError('migrate-folder-missing', { folder })
    return look(folder, folder, 0)
  })
  const pillars = outermost(seen.filter(({ isPillar, hasTop }) => isPillar && hasTop))
  const pillarRoots =
    pillars.length > 0 ? pillars : outermost(seen.filter((one) => one.isPillar && one.sls > 0))
  const states = stateRoots(seen, folders)
  const examples = seen
    .filter(({ isFormula }) => isFormula)
    .map(({ path }) => join(path, 'pillar.example'))
    .filter((path) => existsSync(path))
  return { states: environments(states), pillars: environments(pillarRoots), examples }
}

function stateRoots(seen: readonly Seen[], folders: readonly string[]): readonly string[] {
  const states = seen.filter(({ isPillar }) => !isPillar)
  const formulas = states.filter(({ isFormula }) => isFormula).map(({ path }) => path)
  const tops = outermost(states.filter(({ hasTop, isFormula }) => hasTop && !isFormula))
  // A folder called salt may also be one role among others: as a root it holds most of the tree.
  const most = Math.max(0, ...states.map(({ sls }) => sls))
  const named = outermost(states.filter((one) => one.isNamed && one.sls * 2 > most))
  const roots = tops.length > 0 ? tops : named
  const found = [...new Set([...roots, ...formulas])]
  return found.length > 0 ? found : folders
}

function look(folder: string, given: string, depth: number): Seen[] {
  const entries = entriesOf(folder)
  const names = new Set(entries.map(({ name }) => name))
  const inside = entries
    .filter((entry) => entry.isDirectory() && !leftOut.test(entry.name) && depth < deepest)
    .flatMap((entry) => look(join(folder, entry.name), given, depth + 1))
  const parts = depth === 0 ? [basename(folder)] : relative(given, folder).split(sep)
  const ownSls = entries.filter(({ name }) => name.endsWith('.sls')).length
  const children = inside.filter(({ path }) => dirname(path) === folder)
  const here: Seen = {
    path: folder,
    isPillar: parts.some((part) => pillarName.test(part)),
    hasTop: names.has('top.sls'),
    isFormula: names.has('FORMULA') || names.has('pillar.example') || /[-_]formula$/.test(basename(folder)),
    sls: children.reduce((sum, child) => sum + child.sls, ownSls),
    isNamed: statesName.test(basename(folder)) && depth > 0,
  }
  return [here, ...inside]
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    // What may not be read belongs to somebody else.
    return []
  }
}

/** Without those that lie in another of the list. */
function outermost(seen: readonly Seen[]): string[] {
  const paths = seen.map(({ path }) => path)
  return paths.filter((path) => !paths.some((other) => other !== path && path.startsWith(`${other}${sep}`)))
}

/** `states/base` and `states/dev` beside each other are environments; else all are roots of base. */
function environments(roots: readonly string[]): Roots {
  const names = roots.map((root) => basename(root))
  const parents = new Set(roots.map((root) => dirname(root)))
  const areEnvironments =
    roots.length > 1 && parents.size === 1 && names.includes('base') && new Set(names).size === names.length
  if (!areEnvironments) return roots.length === 0 ? {} : { base: roots }
  return Object.fromEntries(roots.map((root) => [basename(root), [root]]))
}
