/** Which folders of this machine stand for the file roots of an answers file. */
import { basename, dirname, join } from 'node:path'
import type { Answers } from './answers.ts'
import { countFiles, isFolder, type Mount } from './mounted-files.ts'

export interface FoundRoots {
  /** Environment → folders, in order. */
  readonly roots: Readonly<Record<string, readonly Mount[]>>
  /** Roots that nothing was given for. */
  readonly missing: readonly string[]
}

/** One root, or a part of it: a repository's folder that stands at `at`. */
interface Wanted {
  readonly environment: string
  readonly root: string
  /** `owner__name` of another repository; undefined: the tree itself. */
  readonly repository: string | undefined
  /** Folder inside the repository. */
  readonly inside: string
  readonly at: string
}

/**
 * The folders are file roots in their order, or clones: of the tree, and of the others that it needs. A clone is known
 * by its name (`owner__name`, `name`), among those given or beside the first one.
 */
export function findRoots(answers: Answers, given: readonly string[]): FoundRoots {
  const all = [...answers.roots].flatMap(([environment, roots]) =>
    roots.map((root) => ({ environment, root })),
  )
  const inOrder = given.length === all.length
  const missing: string[] = []
  const roots: Record<string, Mount[]> = {}
  for (const [index, { environment, root }] of all.entries()) {
    roots[environment] ??= []
    for (const part of partsOf(answers, environment, root)) {
      const mount = findPart(answers, part, given, inOrder ? given[index] : undefined)
      if (mount === undefined)
        missing.push(`${root} (${part.repository ?? answers.tree}, folder ${part.inside})`)
      else if (!roots[environment]?.some((one) => one.folder === mount.folder && one.at === mount.at))
        roots[environment]?.push(mount)
    }
  }
  return { roots, missing }
}

/** The repository's folder that a root lies in; where none does, those that lie in the root. */
function partsOf({ mounts }: Answers, environment: string, root: string): Wanted[] {
  const [above] = [...mounts.keys()]
    .filter((place) => root === place || root.startsWith(`${place}/`))
    .sort((a, b) => b.length - a.length)
  if (above !== undefined) {
    const from = sourceOf(mounts.get(above) ?? '.')
    return [{ environment, root, ...from, inside: join(from.inside, `.${root.slice(above.length)}`), at: '' }]
  }
  return [...mounts]
    .filter(([place]) => place.startsWith(`${root}/`))
    .map(([place, from]) => ({ environment, root, ...sourceOf(from), at: place.slice(root.length + 1) }))
}

function sourceOf(from: string): Pick<Wanted, 'repository' | 'inside'> {
  const [, repository, folder = ''] = /^@\w+\/([^/]+)(.*)$/.exec(from) ?? []
  return { repository, inside: join('.', repository === undefined ? from : `.${folder}`) }
}

function findPart(
  answers: Answers,
  part: Wanted,
  given: readonly string[],
  root: string | undefined,
): Mount | undefined {
  if (part.repository !== undefined) {
    const folder = (root === undefined ? undefined : asRoot(root, part)) ?? asClone(given, part)
    return folder === undefined ? undefined : { folder, at: part.at }
  }
  return bestOf(answers, part, root ?? given[0] ?? '.')
}

/** Of the tree itself: the root as it was, or the clone, whichever holds more of its SLS files. */
function bestOf({ sls }: Answers, { inside, at }: Wanted, folder: string): Mount | undefined {
  const files = [...sls.values()].map(({ file }) => file)
  const below = files.flatMap((file) => (file.startsWith(`${at}/`) ? [file.slice(at.length + 1)] : []))
  const candidates: readonly (Mount & { readonly files: readonly string[] })[] = [
    { folder, at: '', files },
    { folder: join(folder, inside), at: '', files },
    ...(at === ''
      ? []
      : [
          { folder: join(folder, inside), at, files: below },
          { folder, at, files: below },
        ]),
  ]
  const [best] = candidates
    .filter((one) => isFolder(one.folder))
    .map((one) => ({ mount: { folder: one.folder, at: one.at }, count: countFiles(one.folder, one.files) }))
    .sort((a, b) => b.count - a.count)
  return best?.mount
}

/** The folder of another repository itself, or its clone. */
function asRoot(folder: string, { inside, repository }: Wanted): string | undefined {
  if (!isFolder(folder)) return undefined
  const deeper = join(folder, inside)
  if (inside === '.' || !isFolder(deeper)) return folder
  return namesOf(repository).includes(basename(folder)) || basename(folder) !== basename(inside)
    ? deeper
    : folder
}

function asClone(given: readonly string[], { repository, inside }: Wanted): string | undefined {
  const [first = '.'] = given
  const names = namesOf(repository)
  const beside = names.flatMap((name) =>
    [dirname(first), dirname(dirname(first))].map((parent) => join(parent, name)),
  )
  const clones = [...given.filter((folder) => names.includes(basename(folder))), ...beside]
  return clones.map((clone) => join(clone, inside)).find(isFolder)
}

const namesOf = (repository = ''): string[] => [repository, repository.replace(/^.*?__/, '')]
