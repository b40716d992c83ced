/**
 * What an undo has to see to, in the order in which it does: the last change first. Of a package, and of an account, it
 * is the state before its first change that counts, at the place of that change. Services and holds come by themselves.
 */
import type { UndoStep } from './changer.ts'
import type { UndoEntry } from './undo-entry.ts'

type Kind<Name extends UndoEntry['kind']> = Extract<UndoEntry, { kind: Name }>
export type FileEntry = Kind<'absent' | 'file' | 'directory' | 'symlink' | 'attributes' | 'times' | 'moved'>

export interface CommandItem {
  readonly kind: 'command'
  /** Told apart from another one of the same words. */
  readonly what: string
  readonly did: readonly UndoStep[]
  readonly steps: readonly UndoStep[]
  /** undefined: the minion ended before the command did. */
  readonly code: number | undefined
}

export interface PackagesItem {
  readonly kind: 'packages'
  /** Versions before; null: not installed. Of transactions that followed each other. */
  readonly before: ReadonlyMap<string, string | null>
  /** Those of which only the configuration was there. */
  readonly left: ReadonlySet<string>
}

export type AccountItem = Kind<'account'>

export type UndoItem =
  | { readonly kind: 'entry'; readonly entry: FileEntry }
  | CommandItem
  | PackagesItem
  | AccountItem
  | Kind<'lost'>

export function isFileEntry(entry: UndoEntry): entry is FileEntry {
  return 'path' in entry
}

export function undoItems(entries: readonly UndoEntry[]): UndoItem[] {
  const ended = new Map(
    entries.flatMap((entry) => (entry.kind === 'command-ended' ? [[entry.id, entry.code]] : [])),
  )
  const packages = new Set<string>()
  const accounts = new Set<string>()
  const names = new Map<string, number>()
  const items: UndoItem[] = []
  for (const entry of entries) {
    if (isFileEntry(entry)) items.push({ kind: 'entry', entry })
    else if (entry.kind === 'command') {
      const { what, did, steps } = entry
      const count = (names.get(what) ?? 0) + 1
      names.set(what, count)
      const apart = count === 1 ? what : `${what} (${count})`
      items.push({ kind: 'command', what: apart, did, steps, code: ended.get(entry.id) })
    } else if (entry.kind === 'packages') addPackages(entry, items, packages)
    else if (entry.kind === 'account') {
      const key = `${entry.what} ${entry.name}`
      if (!accounts.has(key)) items.push(entry)
      accounts.add(key)
    } else if (entry.kind === 'lost') items.push(entry)
  }
  return items.reverse()
}

/** A transaction and what it took along are undone at once, and so are transactions that followed each other. */
function addPackages(entry: Kind<'packages'>, items: UndoItem[], known: Set<string>): void {
  const fresh = Object.entries(entry.before).filter(([name]) => !known.has(name))
  for (const [name] of fresh) known.add(name)
  if (fresh.length === 0) return
  const last = items.at(-1)
  const others = last?.kind === 'packages' ? last : undefined
  if (others) items.pop()
  items.push({
    kind: 'packages',
    before: new Map([...(others?.before ?? []), ...fresh]),
    left: new Set([...(others?.left ?? []), ...(entry.left ?? [])]),
  })
}
