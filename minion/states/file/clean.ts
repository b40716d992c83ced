/** `clean`: what has to go from a directory, and what stays because a required state manages it. */
import { join } from 'node:path'
import type { Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'
import type { PathPattern } from './path-pattern.ts'

export interface Keep {
  /** Full paths that stay, with the directories above them. */
  readonly paths: ReadonlySet<string>
  /** Directories of which everything stays. */
  readonly trees: readonly string[]
}

/** What the file states that this one requires manage. */
export function keptByRequired(run: StateRun): Keep {
  const paths = new Set<string>()
  const trees: string[] = []
  for (const { state, fun, name } of run.required ?? []) {
    if (state !== 'file' || fun === 'absent') continue
    if (fun === 'recurse' || fun === 'directory') trees.push(name)
    paths.add(name)
  }
  return { paths, trees }
}

/**
 * Full paths to remove below a directory, sorted; a directory of which nothing stays is one path.
 * @param exclude paths relative to the directory that stay
 */
export async function findSuperfluous(
  root: string,
  keep: Keep,
  exclude: PathPattern | undefined,
  look: Reader,
): Promise<string[]> {
  const isKept = (path: string): boolean =>
    keep.paths.has(path) || keep.trees.some((tree) => path === tree || path.startsWith(`${tree}/`))
  const isExcluded = (path: string): boolean => exclude?.matches(path.slice(root.length + 1)) ?? false
  const walk = async (directory: string): Promise<{ superfluous: string[]; stays: boolean }> => {
    const superfluous: string[] = []
    let stays = false
    for (const name of await look.files.list(directory)) {
      const path = join(directory, name)
      if (isExcluded(path) || (isKept(path) && isWholeTree(path, keep))) {
        stays = true
        continue
      }
      const info = await look.files.info(path)
      if (info?.type === 'directory') {
        const below = await walk(path)
        if (below.stays || isKept(path)) {
          stays = true
          superfluous.push(...below.superfluous)
        } else superfluous.push(path)
      } else if (isKept(path)) stays = true
      else superfluous.push(path)
    }
    return { superfluous, stays }
  }
  return (await walk(root)).superfluous
}

const isWholeTree = (path: string, keep: Keep): boolean =>
  keep.trees.some((tree) => path === tree || path.startsWith(`${tree}/`))

/** Salt's `clean` without knowing the other states of the run would remove what they manage. */
export const cleanNeedsRun = 'clean is only possible within a state run, which tells what other states manage'
