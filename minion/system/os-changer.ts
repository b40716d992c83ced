/** The real Changer. Before every change it writes how to undo it into the job's undo journal. */
import type { Clock } from '../../shared/clock.ts'
import type { AccountChanger, Changer, PackageChanger, ServiceChanger } from './changer.ts'
import { commandRunner, shownCommand } from './command.ts'
import { OsFileChanger } from './file-changer.ts'
import type { Machine } from './machine.ts'
import type { Reader } from './reader.ts'
import type { UndoEntry } from './undo-entry.ts'
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
    commands: {
      run: async (command, options) => {
        journal.record({ kind: 'lost', what: `command: ${shownCommand(command)}`, why: 'a command ran' })
        try {
          return await run(command, options)
        } finally {
          changed()
        }
      },
    },
    packages: journalledPackages(machine.packages.change(run), reader, journal, changed),
    services: journalledServices(machine.services.change(run), reader, journal, changed),
    accounts: journalledAccounts(machine.accountChange.change(run), reader, journal, changed),
  }
}

/** What is asked is journalled before the transaction, and all that it changed (dependencies) after it. */
function journalledPackages(
  act: PackageChanger,
  { packages }: Reader,
  journal: UndoJournal,
  changed: () => void,
): PackageChanger {
  const versions = async () =>
    new Map([...(await packages.installed())].map(([name, { version }]) => [name, version]))
  const inTurn = turns()
  const transaction = (names: readonly string[], action: () => Promise<void>) =>
    inTurn(() => transactionNow(names, action))
  const transactionNow = async (names: readonly string[], action: () => Promise<void>) => {
    const before = await versions()
    journal.record(packagesEntry(names, before))
    try {
      await action()
    } finally {
      changed()
      const after = await versions()
      const others = [...new Set([...before.keys(), ...after.keys()])].filter(
        (name) => !names.includes(name) && before.get(name) !== after.get(name),
      )
      if (others.length > 0) journal.record(packagesEntry(others, before))
    }
  }
  const marking = (names: readonly string[], action: () => Promise<void>) =>
    inTurn(() => markingNow(names, action))
  const markingNow = async (names: readonly string[], action: () => Promise<void>) => {
    const installed = await packages.installed()
    const before = Object.fromEntries(names.map((name) => [name, installed.get(name)?.held ?? false]))
    journal.record({ kind: 'held', before })
    await action().finally(changed)
  }
  return {
    refresh: () => inTurn(() => act.refresh().finally(changed)),
    install: (requests, options) =>
      transaction(
        requests.map(({ name }) => name),
        () => act.install(requests, options),
      ),
    installFiles: (paths) => transaction([], () => act.installFiles(paths)),
    remove: (names) => transaction(names, () => act.remove(names)),
    purge: (names) => transaction(names, () => act.purge(names)),
    hold: (names) => marking(names, () => act.hold(names)),
    unhold: (names) => marking(names, () => act.unhold(names)),
  }
}

function packagesEntry(names: readonly string[], before: ReadonlyMap<string, string>): UndoEntry {
  return {
    kind: 'packages',
    before: Object.fromEntries(names.map((name) => [name, before.get(name) ?? null])),
  }
}

function journalledServices(
  act: ServiceChanger,
  { services }: Reader,
  journal: UndoJournal,
  changed: () => void,
): ServiceChanger {
  const change = (verb: Exclude<keyof ServiceChanger, 'daemonReload'>) => async (name: string) => {
    const state = (await services.states([name])).get(name)
    if (state?.exists) {
      const { running, enabled, masked } = state
      journal.record({ kind: 'service', name, running, enabled, masked })
    }
    await act[verb](name).finally(changed)
  }
  return {
    start: change('start'),
    stop: change('stop'),
    restart: change('restart'),
    reload: change('reload'),
    enable: change('enable'),
    disable: change('disable'),
    mask: change('mask'),
    unmask: change('unmask'),
    daemonReload: () => act.daemonReload().finally(changed),
  }
}

function journalledAccounts(
  act: AccountChanger,
  { accounts }: Reader,
  journal: UndoJournal,
  changed: () => void,
): AccountChanger {
  const inTurn = turns()
  const change = (what: 'user' | 'group', name: string, action: () => Promise<void>) =>
    inTurn(() => changeNow(what, name, action))
  const changeNow = async (what: 'user' | 'group', name: string, action: () => Promise<void>) => {
    const before = await accounts[what](name)
    journal.record({ kind: 'account', what, name, before: before ? JSON.stringify(before) : null })
    await action().finally(changed)
  }
  return {
    addUser: (name, options) => change('user', name, () => act.addUser(name, options)),
    changeUser: (name, options) => change('user', name, () => act.changeUser(name, options)),
    removeUser: (name, options) => change('user', name, () => act.removeUser(name, options)),
    addGroup: (name, options) => change('group', name, () => act.addGroup(name, options)),
    changeGroup: (name, options) => change('group', name, () => act.changeGroup(name, options)),
    removeGroup: (name) => change('group', name, () => act.removeGroup(name)),
  }
}

/** One after the other: package managers and account tools lock their databases, and states may run in parallel. */
function turns(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next
    return next
  }
}
