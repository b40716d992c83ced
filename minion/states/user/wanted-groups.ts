/** Supplementary groups of user.present. */
import type { Account, Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'
import type { PresentArguments } from './present-arguments.ts'

/** Groups that have to exist and do not; in a dry run an earlier state may make them. */
export async function missingGroups(
  wanted: PresentArguments,
  look: Reader,
  run: StateRun,
): Promise<string[]> {
  const names = [...(wanted.groups ?? []), ...(typeof wanted.gid === 'string' ? [wanted.gid] : [])]
  const missing: string[] = []
  for (const name of names) {
    if (name === wanted.name || (await look.accounts.group(name)) || isExpected(name, run)) continue
    missing.push(name)
  }
  return missing
}

function isExpected(name: string, run: StateRun): boolean {
  if (!run.test) return false
  return run.predicted.some(
    (change) => change.state === 'pkg' || (change.name === name && ['group', 'user'].includes(change.state)),
  )
}

/** Sorted; undefined: groups are not managed. The primary group is never among them. */
export async function wantedGroups(
  wanted: PresentArguments,
  account: Account | undefined,
  look: Reader,
  run?: StateRun,
): Promise<string[] | undefined> {
  if (!wanted.groups && !wanted.optional_groups) return undefined
  const groups = new Set(wanted.groups)
  for (const name of wanted.optional_groups ?? [])
    if ((await look.accounts.group(name)) || (run && isExpected(name, run))) groups.add(name)
  if (!wanted.remove_groups) for (const name of account?.groups ?? []) groups.add(name)
  const primary = account && (await look.accounts.groups()).find(({ gid }) => gid === account.gid)?.name
  if (primary !== undefined && !account?.groups.includes(primary)) groups.delete(primary)
  return [...groups].sort()
}
