/** From the name of an SLS to its file, and from files to names. */
import { nearest } from '../data/nearest.ts'
import type { Place } from '../data/place.ts'
import { TsaltError } from '../errors/error.ts'
import { compileGlob, isGlob } from '../targeting/glob.ts'
import type { Tree } from './tree.ts'

const slsShape = /^[^/\\\0]+$/

/** The files that could answer to a name, in Salt's order. */
function candidates(sls: string): string[] {
  const path = sls.replaceAll('.', '/')
  return [`${path}.sls`, `${path}/init.sls`, `${path}.yaml`, `${path}/init.yaml`]
}

/**
 * A `.yaml` beside an `.sls` of the same name is data that the SLS imports, as in trees of Salt.
 * @returns undefined: there is none
 * @throws TsaltError `sls-ambiguous`
 */
export function findSls(tree: Tree, environment: string, sls: string, place?: Place): string | undefined {
  if (!slsShape.test(sls) || sls.startsWith('.') || sls.endsWith('.') || sls.includes('..')) return undefined
  const found = candidates(sls).filter((file) => tree.has(environment, file))
  // Public trees have NAME.sls beside NAME/init.sls: the first one counts, as in Salt.
  const salt = found.find(isSaltFile)
  if (salt !== undefined) return salt
  if (found.length > 1) throw new TsaltError('sls-ambiguous', { sls, files: found.join(' or ') }, { place })
  return found[0]
}

const isSaltFile = (file: string): boolean => file.endsWith('.sls')

interface Names {
  readonly all: readonly string[]
  /** Those of *.sls. */
  readonly salt: readonly string[]
}

const namesByTree = new WeakMap<Tree, Map<string, Names>>()

/** All names of an environment, sorted. Listed once for each tree, and only for globs and suggestions. */
export function slsNames(tree: Tree, environment: string): readonly string[] {
  return namesOf(tree, environment).all
}

function namesOf(tree: Tree, environment: string): Names {
  const byEnvironment = namesByTree.get(tree) ?? new Map<string, Names>()
  namesByTree.set(tree, byEnvironment)
  const known = byEnvironment.get(environment)
  if (known !== undefined) return known
  const all = new Set<string>()
  const salt = new Set<string>()
  for (const file of tree.list(environment)) {
    const path = /^(.*?)(?:(?:^|\/)init)?\.(?:sls|yaml)$/.exec(file)?.[1]
    if (!path || path.includes('.')) continue
    const name = path.replaceAll('/', '.')
    all.add(name)
    if (isSaltFile(file)) salt.add(name)
  }
  const names = { all: [...all].sort(), salt: [...salt].sort() }
  byEnvironment.set(environment, names)
  return names
}

/**
 * The names that a pattern stands for; a plain name is itself, there or not. Only in a *.yaml does it mean other *.yaml
 * as well: in a tree of Salt those are data. On a command line it means *.sls, where there are any.
 * @param file that has the pattern; undefined: a command line
 */
export function expandSls(
  tree: Tree,
  environment: string,
  pattern: string,
  file: string | undefined,
): readonly string[] {
  if (!isGlob(pattern)) return [pattern]
  const names = namesOf(tree, environment)
  const matches = compileGlob(pattern)
  if (file?.endsWith('.yaml')) return names.all.filter(matches)
  const salt = names.salt.filter(matches)
  return file === undefined && salt.length === 0 ? names.all.filter(matches) : salt
}

/** @param suggest false: do not look through all names for a similar one */
export function missingSls(
  tree: Tree,
  environment: string,
  sls: string,
  place?: Place,
  suggest = true,
): TsaltError {
  const hint = suggest ? whereInstead(tree, environment, sls) : undefined
  return new TsaltError('sls-missing', { sls, environment }, { place, ...(hint ? { hint } : {}) })
}

function whereInstead(tree: Tree, environment: string, sls: string): string | undefined {
  if (/\s-\s/.test(sls))
    return 'It reads as one name: a line of the list is indented further than the one above it.'
  if (/\s/.test(sls)) return 'Names of SLS have no blanks: commas are between several of them.'
  const others = tree.environments.filter((name) => name !== environment)
  const having = others.find((name) => candidates(sls).some((file) => tree.has(name, file)))
  if (having !== undefined) return `Environment "${having}" has it: write "- ${having}: ${sls}".`
  const near = nearest(sls, slsNames(tree, environment))
  if (near !== undefined) return `Did you mean "${near}"?`
  if (tree.environments.includes(environment)) return undefined
  return `There is no environment "${environment}"; there are: ${tree.environments.join(', ') || 'none'}.`
}

/**
 * `.name` beside the SLS that includes it, `..name` one folder up; from an init file one level more.
 * @returns undefined: it leads above the root
 */
export function absoluteSls(written: string, sls: string, file: string): string | undefined {
  const dots = /^\.+/.exec(written)?.[0].length ?? 0
  if (dots === 0) return written
  const parts = sls.split('.')
  if (/(?:^|\/)init\.(?:sls|yaml)$/.test(file)) parts.push('init')
  if (dots > parts.length) return undefined
  return [...parts.slice(0, parts.length - dots), written.slice(dots)].filter((part) => part !== '').join('.')
}

/** `web.` → `web`, `web..db` → `web.db`: the file that saltName is about. */
export function plainSls(sls: string): string {
  return sls.includes('..') || sls.endsWith('.')
    ? sls
        .split('.')
        .filter((part) => part !== '')
        .join('.')
    : sls
}

/**
 * Salt calls what `.` includes by the folder with a dot behind it, and keeps the dot in what that includes in turn.
 * @param written in the list of includes of `includer`; `sls` is what it stands for
 */
export function saltName(sls: string, written: string, includer: string): string {
  if (/^\.+$/.test(written)) return `${sls}.`
  const dotted = includer.endsWith('.') && /^\.[^.*?[]+$/.test(written) ? includer + written : undefined
  return dotted !== undefined && plainSls(dotted) === sls ? dotted : sls
}
