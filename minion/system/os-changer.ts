/** The real Changer. Before every change it writes how to undo it into the job's undo journal. */
import type { Clock } from '../../shared/clock.ts'
import type { Changer } from './changer.ts'
import { commandRunner } from './command.ts'
import { osEntries } from './entry-look.ts'
import { OsFileChanger } from './file-changer.ts'
import { httpSender } from './http-request.ts'
import { journalledAccounts } from './journalled-accounts.ts'
import { journalledCommands } from './journalled-commands.ts'
import { journalledHttp } from './journalled-http.ts'
import { journalledPackages } from './journalled-packages.ts'
import { journalledServices } from './journalled-services.ts'
import type { Machine } from './machine.ts'
import type { Reader } from './reader.ts'
import type { UndoJournal } from './undo-journal.ts'

export interface ChangerParts {
  readonly machine: Machine
  /** The job's reader: what changed is seen through it at once. */
  readonly reader: Reader
  readonly journal: UndoJournal
  readonly clock: Clock
  /** Aborted when the job is ended; reason 'KILL' ends commands without grace. */
  readonly signal: AbortSignal
}

export function makeChanger({ machine, reader, journal, clock, signal }: ChangerParts): Changer {
  const run = commandRunner(machine.accounts, signal, machine.maxOutput)
  const changed = () => machine.forget()
  return {
    look: reader,
    signal,
    files: new OsFileChanger({ accounts: machine.accounts, journal, clock, run, changed }),
    commands: journalledCommands({ run }, journal, clock, changed),
    http: journalledHttp(httpSender(signal), journal, clock, changed),
    packages: journalledPackages(machine.packages.change(run), reader, journal, changed),
    services: journalledServices(machine.services.change(run), reader, journal, changed),
    accounts: journalledAccounts(machine.accountChange.change(run), reader, journal, changed, osEntries),
  }
}
