/** Changes packages; the journal gets the versions from before. */
import type { PackageChanger } from './changer.ts'
import type { Reader } from './reader.ts'
import { turns } from './turns.ts'
import type { UndoEntry } from './undo-entry.ts'
import type { UndoJournal } from './undo-journal.ts'

/** What is asked is journalled before the transaction, and all that it changed (dependencies) after it. */
export function journalledPackages(
  act: PackageChanger,
  { packages }: Reader,
  journal: UndoJournal,
  changed: () => void,
): PackageChanger {
  const versions = async () =>
    new Map([...(await packages.installed())].map(([name, { version }]) => [name, version]))
  const entry = (names: readonly string[], before: ReadonlyMap<string, string>, left: ReadonlySet<string>) =>
    packagesEntry(
      names,
      before,
      names.filter((name) => !before.has(name) && left.has(name)),
    )
  const inTurn = turns()
  const transaction = (names: readonly string[], action: () => Promise<void>) =>
    inTurn(() => transactionNow(names, action))
  const transactionNow = async (names: readonly string[], action: () => Promise<void>) => {
    const before = await versions()
    const left = new Set(await packages.configurationLeft())
    journal.record(entry(names, before, left))
    try {
      await action()
    } finally {
      changed()
      const after = await versions()
      const others = [...new Set([...before.keys(), ...after.keys()])].filter(
        (name) => !names.includes(name) && before.get(name) !== after.get(name),
      )
      if (others.length > 0) journal.record(entry(others, before, left))
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
    installFiles: (paths, options) => transaction([], () => act.installFiles(paths, options)),
    upgrade: (options) => transaction([], () => act.upgrade(options)),
    download: (requests, options) => inTurn(() => act.download(requests, options).finally(changed)),
    autoremove: (options) => transaction([], () => act.autoremove(options)),
    remove: (names) => transaction(names, () => act.remove(names)),
    purge: (names) => transaction(names, () => act.purge(names)),
    hold: (names) => marking(names, () => act.hold(names)),
    unhold: (names) => marking(names, () => act.unhold(names)),
  }
}

function packagesEntry(
  names: readonly string[],
  before: ReadonlyMap<string, string>,
  left: string[],
): UndoEntry {
  return {
    kind: 'packages',
    before: Object.fromEntries(names.map((name) => [name, before.get(name) ?? null])),
    ...(left.length > 0 ? { left } : {}),
  }
}
