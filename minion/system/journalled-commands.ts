/**
 * Runs commands. One that says how it is taken back is journalled before it runs, with all that it takes, and how it
 * ended after it: only what ended with 0 is known to have done what its steps take back. Any other is journalled as lost.
 */
import type { Clock } from '../../shared/clock.ts'
import type { CommandChanger, RunOptions, UndoStep } from './changer.ts'
import { shownCommand } from './command.ts'
import type { UndoEntry } from './undo-entry.ts'
import type { UndoJournal } from './undo-journal.ts'

export function journalledCommands(
  act: CommandChanger,
  journal: UndoJournal,
  clock: Clock,
  changed: () => void,
): CommandChanger {
  return {
    run: async (command, { undo, redo, told, lost, ...options } = {}) => {
      const what = `command: ${shownCommand(told ?? command)}`
      const id = clock.randomHex(8)
      if (undo === undefined) journal.record({ kind: 'lost', what, why: lost ?? 'a command ran' })
      else if (undo.length > 0) {
        const did = (redo ?? [asStep(command, options)]).map(stored)
        journal.record({ kind: 'command', id, what, did, steps: undo.map(stored) })
      }
      try {
        const result = await act.run(command, options)
        const code = result.timedOut ? result.code || 124 : result.code
        if (undo !== undefined && undo.length > 0) journal.record({ kind: 'command-ended', id, code })
        return result
      } finally {
        changed()
      }
    },
  }
}

/** The command itself, for when its undo is undone. */
function asStep(
  command: string | readonly string[],
  { cwd, runas, group, env, umask, shell, stdin }: RunOptions,
): UndoStep {
  const argv = typeof command === 'string' ? [shell ?? '/bin/sh', '-c', command] : command
  const input = typeof stdin === 'string' ? stdin : stdin && Buffer.from(stdin).toString('utf8')
  return {
    argv,
    ...(cwd === undefined ? {} : { cwd }),
    ...(runas === undefined ? {} : { runas }),
    ...(group === undefined ? {} : { group }),
    ...(env === undefined ? {} : { env }),
    ...(umask === undefined ? {} : { umask }),
    ...(input === undefined ? {} : { stdin: input }),
  }
}

type StoredStep = Extract<UndoEntry, { kind: 'command' }>['steps'][number]

const stored = ({ argv, env, ...rest }: UndoStep): StoredStep => ({
  ...rest,
  argv: [...argv],
  ...(env === undefined ? {} : { env: { ...env } }),
})
