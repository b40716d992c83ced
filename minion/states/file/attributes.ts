/** Owner, group and mode of an entry: what was asked for, what differs, and how to set it. */
import { formatMode } from '../../../shared/schema/paths.ts'
import type { Changer, Ownership } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'

export interface Attributes {
  readonly user?: string | number | undefined
  readonly group?: string | number | undefined
  readonly mode?: number | undefined
}

/** What differs, as Salt shows it: `{mode: '0644', user: 'redis'}`. Empty: nothing. */
export type AttributeChanges = Readonly<Record<string, string>>

export function attributeChanges(info: FileInfo, wanted: Attributes): AttributeChanges {
  const changes: Record<string, string> = {}
  if (wanted.user !== undefined && !isSame(wanted.user, info.user, info.uid))
    changes.user = String(wanted.user)
  if (wanted.group !== undefined && !isSame(wanted.group, info.group, info.gid))
    changes.group = String(wanted.group)
  if (wanted.mode !== undefined && wanted.mode !== info.mode) changes.mode = formatMode(wanted.mode)
  return changes
}

/** Of an entry that is to be made: what was asked for, but an owner that new entries of root have anyway. */
export function newEntryAttributes(wanted: Attributes): AttributeChanges {
  const changes: Record<string, string> = {}
  const isRoot = (account: string | number): boolean => account === 'root' || account === 0
  if (wanted.user !== undefined && !isRoot(wanted.user)) changes.user = String(wanted.user)
  if (wanted.group !== undefined && !isRoot(wanted.group)) changes.group = String(wanted.group)
  if (wanted.mode !== undefined) changes.mode = formatMode(wanted.mode)
  return changes
}

const isSame = (wanted: string | number, name: string, id: number): boolean =>
  wanted === name || wanted === id || wanted === String(id)

export function ownership({ user, group }: Attributes): Ownership {
  return { ...(user !== undefined && { user }), ...(group !== undefined && { group }) }
}

/** Sets what differs and nothing else. The owner comes first: changing it clears set-user-id bits. */
export async function applyAttributes(
  path: string,
  wanted: Attributes,
  changes: AttributeChanges,
  act: Changer,
): Promise<void> {
  const owner = ownership({
    user: 'user' in changes ? wanted.user : undefined,
    group: 'group' in changes ? wanted.group : undefined,
  })
  const owned = owner.user !== undefined || owner.group !== undefined
  if (owned) await act.files.setOwner(path, owner)
  if (wanted.mode !== undefined && ('mode' in changes || owned)) await act.files.setMode(path, wanted.mode)
}

/**
 * Salt's complaint about accounts that do not exist, or undefined. In a dry run an account that an earlier state
 * would make is taken as there.
 */
export async function missingAccounts(
  { user, group }: Pick<Attributes, 'user' | 'group'>,
  look: Reader,
  run: StateRun,
): Promise<string | undefined> {
  const complaints: string[] = []
  if (typeof user === 'string' && !/^\d+$/.test(user) && !(await look.accounts.user(user))) {
    if (!isExpected(user, ['user'], run)) complaints.push(`User ${user} is not available`)
  }
  if (typeof group === 'string' && !/^\d+$/.test(group) && !(await look.accounts.group(group))) {
    if (!isExpected(group, ['group', 'user'], run)) complaints.push(`Group ${group} is not available`)
  }
  return complaints.length > 0 ? `${complaints.join(' ')}\n  hint: ${accountHint}` : undefined
}

const accountHint = 'Correct the name, or make it in an earlier state (user.present, group.present).'

/** A package or a command may make an account, too. */
function isExpected(name: string, states: readonly string[], run: StateRun): boolean {
  if (!run.test) return false
  return run.predicted.some(
    (change) =>
      (states.includes(change.state) && change.name === name) ||
      change.state === 'pkg' ||
      change.state === 'cmd',
  )
}
