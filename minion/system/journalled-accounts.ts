/**
 * Changes accounts; the journal gets the account from before, what a program made of a new home, and what a home held
 * that goes with its user.
 */
import type { AccountChanger } from './changer.ts'
import type { EntryLook } from './entry-look.ts'
import type { Account, Reader } from './reader.ts'
import { turns } from './turns.ts'
import type { UndoJournal } from './undo-journal.ts'
import { recordMade, recordTree } from './undo-record.ts'

export function journalledAccounts(
  act: AccountChanger,
  { accounts }: Reader,
  journal: UndoJournal,
  changed: () => void,
  entries: EntryLook,
): AccountChanger {
  const inTurn = turns()
  const recordUser = async (name: string): Promise<Account | undefined> => {
    const before = await accounts.user(name)
    const primary = before && (await accounts.groups()).find(({ gid }) => gid === before.gid)?.name
    journal.record({
      kind: 'account',
      what: 'user',
      name,
      before: before ? JSON.stringify(before) : null,
      ...(primary === undefined ? {} : { primary }),
    })
    return before
  }
  const group = (name: string, action: () => Promise<void>) =>
    inTurn(async () => {
      const before = await accounts.group(name)
      journal.record({ kind: 'account', what: 'group', name, before: before ? JSON.stringify(before) : null })
      await action().finally(changed)
    })
  return {
    addUser: (name, options) =>
      inTurn(async () => {
        const home = options.home ?? `/home/${name}`
        const hadHome = entries.entry(home) !== undefined
        await recordUser(name)
        await act.addUser(name, options).finally(changed)
        if (!hadHome && (await accounts.user(name))?.home === home) recordMade(journal, home, entries)
      }),
    changeUser: (name, options) =>
      inTurn(async () => {
        await recordUser(name)
        await act.changeUser(name, options).finally(changed)
      }),
    removeUser: (name, options) =>
      inTurn(async () => {
        const before = await recordUser(name)
        if (options?.purge && before)
          for (const path of [before.home, `/var/mail/${name}`])
            if (path !== '/' && entries.entry(path)) recordTree(journal, path, entries)
        await act.removeUser(name, options).finally(changed)
      }),
    addGroup: (name, options) => group(name, () => act.addGroup(name, options)),
    changeGroup: (name, options) => group(name, () => act.changeGroup(name, options)),
    removeGroup: (name) => group(name, () => act.removeGroup(name)),
  }
}
