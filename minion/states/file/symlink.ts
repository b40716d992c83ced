/** file.symlink: a symbolic link that leads there. */
import { dirname, resolve } from 'node:path'
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, mode } from '../../../shared/schema/paths.ts'
import { account, flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction, unknown } from '../contract.ts'
import {
  applyAttributes,
  attributeChanges,
  missingAccounts,
  newEntryAttributes,
  ownership,
} from './attributes.ts'
import { copyTree } from './copy-tree.ts'
import { blockingParent, makeParents, parentHint, parentState } from './parents.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The link.'),
  target: needed(nonEmptyText, 'Where it leads; need not exist.'),
  force: defaulted(flag, false, 'Replace a file, or a directory with all it holds, that is in the way.'),
  backupname: optional(
    nonEmptyText,
    'Give what is in the way this name first; one that is no path is a name beside the link.',
  ),
  makedirs: defaulted(flag, false, 'Make missing directories above the link.'),
  user: optional(account, 'Owner of the link.'),
  group: optional(account, 'Group of the link.'),
  mode: optional(mode, 'Permissions of directories made by `makedirs`; a link has none of its own.'),
  atomic: optional(flag, 'Accepted for trees of Salt; a link is always replaced in one step.'),
  disallow_copy_and_unlink: optional(flag, 'Accepted for trees of Salt; nothing is copied.'),
  follow_symlinks: optional(flag, 'Accepted for trees of Salt; the link itself is looked at.'),
  inherit_user_and_group: defaulted(
    flag,
    false,
    'Without `user` and `group`: those of the link or file that is there.',
  ),
})
type SymlinkArguments = v.InferOutput<typeof args>

export const symlink = stateFunction({
  summary: 'Makes sure that a symbolic link leads to this target.',
  args,
  examples: [
    '/etc/nginx/sites-enabled/app:\n  file.symlink:\n    - target: ../sites-available/app\n    - makedirs: True\n',
    '/opt/app/current:\n  file.symlink:\n    - target: /opt/app/1.4.2\n    - force: True\n    - user: app\n',
  ],
  check,
})

async function check(given: SymlinkArguments, look: Reader, run: StateRun): Promise<Decision> {
  const wanted = await withInherited(given, look)
  const { name, target } = wanted
  const complaint = await missingAccounts(wanted, look, run)
  if (complaint !== undefined) return failed(complaint)
  const info = await look.files.info(name)
  if (info?.type === 'symlink' && info.target === target) return checkOwner(wanted, info)
  if (info?.type === 'symlink')
    return makeLink(
      wanted,
      `Symlink ${name} target is set to be changed from ${info.target} to ${target}`,
      {},
    )
  if (info) return replaceEntry(wanted, info)
  return (
    (await parentObstacle(wanted, look, run)) ??
    makeLink(wanted, `Symlink ${name} to ${target} is set for creation`, {})
  )
}

async function withInherited(wanted: SymlinkArguments, look: Reader): Promise<SymlinkArguments> {
  if (!wanted.inherit_user_and_group) return wanted
  const info = await look.files.info(wanted.name)
  return info ? { ...wanted, user: wanted.user ?? info.uid, group: wanted.group ?? info.gid } : wanted
}

function checkOwner(wanted: SymlinkArguments, info: FileInfo): Decision {
  const attributes = { user: wanted.user, group: wanted.group }
  const changes = attributeChanges(info, attributes)
  const owner = `${wanted.user ?? info.user}:${wanted.group ?? info.group}`
  if (Object.keys(changes).length === 0)
    return inSync(`Symlink ${wanted.name} is present and owned by ${owner}`)
  return drift(
    changes,
    {
      would: `Ownership of symlink ${wanted.name} set to be changed to ${owner}`,
      done: `Set ownership of symlink ${wanted.name} to ${owner}`,
    },
    (act) => applyAttributes(wanted.name, attributes, changes, act),
  )
}

function makeLink(
  wanted: SymlinkArguments,
  would: string,
  extra: Readonly<Record<string, string>>,
  before?: (act: Changer) => Promise<void>,
): Decision {
  const { name, target } = wanted
  const owner = { user: wanted.user, group: wanted.group }
  return drift(
    { new: name, ...newEntryAttributes(owner), ...extra },
    { would, done: `Created new symlink ${name} -> ${target}` },
    async (act) => {
      if (wanted.makedirs) await makeParents(name, owner, wanted.mode, act)
      await before?.(act)
      await act.files.symlink(name, target, ownership(owner))
    },
  )
}

function replaceEntry(wanted: SymlinkArguments, info: FileInfo): Decision {
  const { name, target } = wanted
  const what = info.type === 'directory' ? 'Directory' : 'File'
  if (wanted.backupname !== undefined) {
    const backupname = resolve(dirname(name), wanted.backupname)
    const moved = { moved: `${name} -> ${backupname}` }
    return makeLink(wanted, `${what} ${name} is set to be moved to ${backupname}`, moved, (act) =>
      keep(name, backupname, act),
    )
  }
  if (!wanted.force) return failed(`${what} exists where the symlink ${name} should be`)
  const would = `The file or directory ${name} is set for removal to make way for a new symlink targeting ${target}`
  return makeLink(wanted, would, { forced: 'Symlink was forcibly replaced' }, (act) => act.files.remove(name))
}

/** An older backup of this name goes, as Salt has it. */
async function keep(name: string, backup: string, act: Changer): Promise<void> {
  if (await act.look.files.info(backup)) await act.files.remove(backup)
  if (await act.files.move(name, backup)) return
  const info = await act.look.files.info(name)
  await copyTree(name, backup, { user: info?.uid, group: info?.gid }, act)
  await act.files.remove(name)
}

async function parentObstacle(
  { name, makedirs }: SymlinkArguments,
  look: Reader,
  run: StateRun,
): Promise<Decision | undefined> {
  const blocking = await blockingParent(name, look)
  if (blocking !== undefined) return failed(`${blocking} is not a directory, so ${name} cannot be made`)
  if (makedirs) return undefined
  const parent = await parentState(name, look, run)
  if (parent === 'uncertain')
    return unknown(`the directory of ${name} does not exist yet; an earlier state may make it`)
  return parent === 'missing'
    ? failed(`Directory ${dirname(name)} for symlink is not present`, parentHint(name))
    : undefined
}
