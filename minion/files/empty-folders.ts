/** The folders of a tree that hold nothing, as the master lists them beside its files. */
import { TsaltError } from '../../shared/errors/error.ts'
import { isTreePath } from '../../shared/protocol/fields.ts'
import { emptyFoldersPath } from '../../shared/tree-code/code-paths.ts'

/** @throws TsaltError `tree-content-wrong` where it is no list of paths in a tree */
export function readEmptyFolders(text: string): readonly string[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    list = undefined
  }
  if (!Array.isArray(list) || !list.every((path) => typeof path === 'string' && isTreePath(path)))
    throw new TsaltError('tree-content-wrong', { what: emptyFoldersPath })
  return list
}

/** @param folder `''` is the whole tree @returns paths relative to it; `''` where it holds nothing itself */
export function beneath(paths: readonly string[], folder: string): string[] {
  if (paths.includes(folder)) return ['']
  const prefix = folder === '' ? '' : `${folder}/`
  return paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length))
}
