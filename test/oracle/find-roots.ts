/** Which folders of this machine stand for the file roots of an answers file. */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Answers } from './answers.ts'

export interface FoundRoots {
  /** Environment → folders, in order. */
  readonly roots: Readonly<Record<string, readonly string[]>>
  /** Roots that nothing was given for. */
  readonly missing: readonly string[]
}

interface Wanted {
  readonly environment: string
  readonly root: string
  /** `owner__name` of another repository; undefined: the tree itself. */
  readonly repository: string | undefined
  /** Folder inside the repository. */
  readonly inside: string
}

/**
 * The folders are file roots in their order, or clones: of the tree, and of the others that it needs. A clone is known
 * by its name (`owner__name`, `name`), among those given or beside the first one.
 */
export function findRoots(answers: Answers, given: readonly string[]): FoundRoots {
  const wanted = wantedRoots(answers)
  const inOrder = given.length === wanted.length
  const missing: string[] = []
  const roots: Record<string, string[]> = {}
  for (const [index, one] of wanted.entries()) {
    const folder =
      (inOrder ? asRoot(answers, given[index] ?? '', one) : undefined) ?? asClone(answers, given, one)
    roots[one.environment] ??= []
    if (folder === undefined) missing.push(`${one.root} (${one.repository ?? answers.tree} ${one.inside})`)
    else roots[one.environment]?.push(folder)
  }
  return { roots, missing }
}

function wantedRoots({ roots, mounts }: Answers): Wanted[] {
  return [...roots].flatMap(([environment, folders]) =>
    folders.map((root) => {
      const mount = [...mounts.keys()]
        .filter((place) => root === place || root.startsWith(`${place}/`))
        .sort((a, b) => b.length - a.length)[0]
      const from = mounts.get(mount ?? '') ?? '.'
      const rest = root.slice(mount?.length ?? root.length)
      const [, repository, folder = ''] = /^@\w+\/([^/]+)(.*)$/.exec(from) ?? []
      return {
        environment,
        root,
        repository,
        inside: join('.', repository === undefined ? from : folder, rest),
      }
    }),
  )
}

/** The root itself; or the clone that it lies in, where that holds the files and the folder does not. */
function asRoot(answers: Answers, folder: string, { inside, repository }: Wanted): string | undefined {
  if (!isFolder(folder)) return undefined
  const deeper = join(folder, inside)
  if (inside === '.' || !isFolder(deeper)) return folder
  if (repository !== undefined) return basename(folder) === basename(inside) ? folder : deeper
  return known(answers, deeper) > known(answers, folder) ? deeper : folder
}

function asClone(answers: Answers, given: readonly string[], wanted: Wanted): string | undefined {
  const [first = '.'] = given
  if (wanted.repository === undefined) return asRoot(answers, first, wanted)
  const names = [wanted.repository, wanted.repository.replace(/^.*?__/, '')]
  const beside = names.flatMap((name) =>
    [dirname(first), dirname(dirname(first))].map((parent) => join(parent, name)),
  )
  const clone = [...given.filter((folder) => names.includes(basename(folder))), ...beside].find(isFolder)
  const root = clone === undefined ? undefined : join(clone, wanted.inside)
  return root !== undefined && isFolder(root) ? root : undefined
}

/** How many of the tree's SLS files lie below a folder. */
function known(answers: Answers, folder: string): number {
  let count = 0
  for (const { file } of answers.sls.values()) if (existsSync(join(folder, file))) count++
  return count
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
