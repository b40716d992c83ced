/** Takes back a command by the steps that its state gave it. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { Changer, UndoStep } from './changer.ts'
import { shownCommand } from './command.ts'
import { type Undoing, undoingOne } from './undo-decision.ts'
import type { CommandItem } from './undo-items.ts'

export function undoingCommand({ what, steps, did, code }: CommandItem): Undoing {
  if (code === undefined)
    return undoingOne(what, 'left', 'the minion ended before the command did: what it changed is not known')
  // The inverse of what was never done may do harm: a database that could not be made is somebody else's.
  if (code !== 0)
    return undoingOne(what, 'left', `it failed with ${code}: what it changed until then is not known`)
  const shown = steps.map(({ argv }) => shownCommand(argv)).join('; ')
  return undoingOne(what, 'restored', `taken back with: ${shown}`, (act) => takeBack(steps, did, act))
}

async function takeBack(steps: readonly UndoStep[], did: readonly UndoStep[], act: Changer): Promise<void> {
  for (const [index, { argv, ...options }] of steps.entries()) {
    const last = index === steps.length - 1
    // Only all of them together are what the command can take back in turn.
    const undo = last ? { undo: did, redo: steps } : { undo: [] }
    const { code, stderr, stdout } = await act.commands.run(argv, { ...options, ...undo })
    if (code === 0) continue
    const said = (stderr || stdout).trim().slice(-500) || '(no output)'
    throw new TsaltError('command-failed', { command: shownCommand(argv), code, said })
  }
}
