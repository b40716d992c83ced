/** `recurse` of file.directory: owner and mode of everything below a directory. */
import { join } from 'node:path'
import { isList } from '../../../shared/data/value.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type AttributeChanges, type Attributes, attributeChanges } from './attributes.ts'

const words = ['user', 'group', 'mode', 'ignore_files', 'ignore_dirs', 'silent'] as const
export type RecurseTargets = Readonly<Partial<Record<(typeof words)[number], true>>>

export const recurseTargets = shaped<RecurseTargets>({
  words: 'list of `user`, `group`, `mode`, `ignore_files`, `ignore_dirs`',
  json: { type: 'array', items: { enum: words } },
  read(value) {
    if (!isList(value))
      return new Mismatch(`a list such as [user, group, mode] is expected, not ${describeValue(value)}`)
    const targets: Partial<Record<(typeof words)[number], true>> = {}
    for (const item of value) {
      const word = words.find((known) => known === item)
      if (!word) return new Mismatch(`${describeValue(item)} is not one of ${words.join(', ')}`)
      targets[word] = true
    }
    return targets
  },
})

export interface BelowWish extends Attributes {
  readonly recurse: RecurseTargets
  readonly dir_mode?: number | undefined
  readonly file_mode?: number | undefined
  readonly max_depth?: number | undefined
}

export interface Fix {
  readonly path: string
  readonly attributes: Attributes
  readonly changes: AttributeChanges
}

/** Everything below that differs, top down. Links get an owner, but have no mode; nothing is followed. */
export async function findBelow(
  root: string,
  wish: BelowWish,
  removed: ReadonlySet<string>,
  look: Reader,
): Promise<Fix[]> {
  const fixes: Fix[] = []
  const pending = [{ directory: root, depth: 1 }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (wish.max_depth !== undefined && next.depth > wish.max_depth) continue
    for (const name of await look.files.list(next.directory)) {
      const path = join(next.directory, name)
      const info = removed.has(path) ? undefined : await look.files.info(path)
      if (!info) continue
      if (info.type === 'directory') pending.push({ directory: path, depth: next.depth + 1 })
      const attributes = attributesFor(info, wish)
      const changes = attributes ? attributeChanges(info, attributes) : {}
      if (attributes && Object.keys(changes).length > 0) fixes.push({ path, attributes, changes })
    }
  }
  return fixes.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function attributesFor(info: FileInfo, wish: BelowWish): Attributes | undefined {
  const isDirectory = info.type === 'directory'
  const { recurse } = wish
  if (isDirectory ? recurse.ignore_dirs : recurse.ignore_files) return undefined
  const mode = isDirectory ? (wish.dir_mode ?? wish.mode) : info.type === 'file' ? wish.file_mode : undefined
  return {
    user: recurse.user ? wish.user : undefined,
    group: recurse.group ? wish.group : undefined,
    mode: recurse.mode && info.type !== 'symlink' ? mode : undefined,
  }
}
