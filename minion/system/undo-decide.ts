/** One decision for whatever is no file; the dry run shows it, the real one makes it. */
import type { Reader } from './reader.ts'
import { undoingAccount } from './undo-accounts.ts'
import { undoingCommand } from './undo-commands.ts'
import { type Undoing, undoingOne } from './undo-decision.ts'
import type { UndoItem } from './undo-items.ts'
import { type PackageUndo, undoingPackages } from './undo-packages.ts'

export async function undoing(
  item: Exclude<UndoItem, { kind: 'entry' }>,
  look: Reader,
  packages: PackageUndo,
): Promise<Undoing> {
  if (item.kind === 'command') return undoingCommand(item)
  if (item.kind === 'packages') return undoingPackages(item, look, packages)
  if (item.kind === 'account') return undoingAccount(item, look)
  return undoingOne(item.what, 'left', item.why)
}

/** Whatever was not installed before the job and came with it. */
export function installedByJob(items: readonly UndoItem[]): Set<string> {
  return new Set(
    items.flatMap((item) =>
      item.kind === 'packages'
        ? [...item.before].filter(([, version]) => version === null).map(([name]) => name)
        : [],
    ),
  )
}
