/** The home directory of a user that exists, where it is missing. */
import { dirname } from 'node:path'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'

/** Accounts that are to have none are given these, by policy of Debian and others. */
const meantToBeMissing = /^\/(?:nonexistent|dev)(?:\/|$)/

/** @returns what is to be made; undefined: it is there, or shall not be. */
export async function missingHome(
  home: string,
  wanted: { readonly createhome: boolean },
  look: Reader,
  run: StateRun,
): Promise<string | undefined> {
  if (!wanted.createhome || !home.startsWith('/') || meantToBeMissing.test(home)) return undefined
  if ((await look.files.infoFollowed(home)) !== undefined) return undefined
  const expected = run.test && run.predicted.some(({ state, name }) => state === 'file' && name === home)
  return expected ? undefined : home
}

/** As Salt makes it: nothing of /etc/skel, for what is in a home that was lost is the user's to say. */
export async function makeHome(user: string, home: string, act: Changer): Promise<void> {
  const above = dirname(home)
  if (!(await act.look.files.infoFollowed(above)))
    await act.files.makeDirectory(above, { parents: true, mode: 0o755 })
  const account = await act.look.accounts.user(user)
  await act.files.makeDirectory(home, {
    mode: 0o755,
    user,
    ...(account && { group: account.gid }),
  })
}
