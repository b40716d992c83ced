/** file.directory: a directory with this owner and mode, on request with all that it holds. */
import * as v from 'valibot'
import { isDict, toValue } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, mode } from '../../../shared/schema/paths.ts'
import { account, flag, whole } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { given } from '../given.ts'
import { applyAttributes, attributeChanges, missingAccounts, ownership } from './attributes.ts'
import { cleanNeedsRun, findSuperfluous, keptByRequired } from './clean.ts'
import { resolveLinks } from './link.ts'
import { blockingParent, makeParents, parentHint, parentState } from './parents.ts'
import { pathPattern } from './path-pattern.ts'
import { type Fix, findBelow, recurseTargets } from './recurse-attributes.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The directory.'),
  user: optional(account, 'Owner.'),
  group: optional(account, 'Group.'),
  mode: optional(mode, "Permissions, such as '0755'."),
  dir_mode: optional(mode, 'Permissions of this directory where `mode` is not given, and of those below it.'),
  file_mode: optional(mode, 'Permissions of files below it, with `recurse: [mode]`.'),
  makedirs: defaulted(flag, false, 'Make missing directories above it.'),
  recurse: optional(
    recurseTargets,
    'What to set on everything below: `user`, `group`, `mode`; also `ignore_files`, `ignore_dirs`.',
  ),
  max_depth: optional(whole, 'How many levels below `recurse` goes; 0: only the directory itself.'),
  children_only: defaulted(flag, false, 'With `recurse`: leave the directory itself as it is.'),
  clean: defaulted(flag, false, 'Remove what no required state manages.'),
  exclude_pat: optional(
    pathPattern,
    'Paths below it that `clean` leaves: a pattern, or `E@` and a regular expression.',
  ),
  force: defaulted(flag, false, 'Replace a file or link that is in the way.'),
  backupname: optional(
    absolutePath,
    'Keep a file or link that is in the way under this name, and make the directory.',
  ),
  allow_symlink: defaulted(flag, true, 'A link to a directory will do.'),
  follow_symlinks: defaulted(flag, false, 'Set owner and mode on what the link leads to.'),
})
type DirectoryArguments = v.InferOutput<typeof args>

export const directory = stateFunction({
  summary: 'Makes sure that a directory exists, with this owner and mode.',
  args,
  examples: [
    "/srv/app:\n  file.directory:\n    - user: app\n    - group: app\n    - mode: '0750'\n    - makedirs: True\n",
    "/var/lib/app:\n  file.directory:\n    - user: app\n    - dir_mode: '0750'\n    - file_mode: '0640'\n    - recurse: [user, mode]\n",
    '/etc/app/conf.d:\n  file.directory:\n    - clean: True\n    - exclude_pat: "*.local"\n',
  ],
  refuse,
  check,
})

function refuse({ recurse, user, group }: DirectoryArguments): ArgumentRefusal | undefined {
  if (!recurse) return undefined
  const lacks = (what: string): ArgumentRefusal => ({
    argument: 'recurse',
    reason: `${what} not specified, but configured as a target for recursive management`,
  })
  if (recurse.user && user === undefined) return lacks('user')
  if (recurse.group && group === undefined) return lacks('group')
  return undefined
}

async function check(wanted: DirectoryArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const complaint = await missingAccounts(wanted, look, run)
  if (complaint !== undefined) return failed(complaint)
  if (wanted.clean && run.required === undefined) return failed(cleanNeedsRun)
  const info = await look.files.info(name)
  if (!info) return makeNew(wanted, look, run)
  if (info.type === 'directory') return checkExisting(wanted, name, info, look, run)
  if (info.type === 'symlink' && wanted.allow_symlink) {
    const resolved = await resolveLinks(name, look)
    if (resolved.info?.type === 'directory')
      return checkExisting(wanted, resolved.path, resolved.info, look, run)
  }
  return replaceEntry(wanted, info)
}

function attributesOf(wanted: DirectoryArguments) {
  return { user: wanted.user, group: wanted.group, mode: wanted.mode ?? wanted.dir_mode }
}

/** An earlier state of a dry run makes a user whose home this is: it comes with an owner and a mode of the system's. */
function isHomeToCome(name: string, { test, predicted }: StateRun): boolean {
  return (
    test &&
    predicted.some(({ state, fun, changes }) => {
      const made = state === 'user' && fun === 'present' ? toValue(changes) : null
      return isDict(made) && made.get('home') === name
    })
  )
}

async function makeNew(wanted: DirectoryArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  if (isHomeToCome(name, run)) return unknown(`${name} comes with its user, whom an earlier state makes`)
  const blocking = await blockingParent(name, look)
  if (blocking !== undefined) return failed(`${blocking} is not a directory, so ${name} cannot be made`)
  if (!wanted.makedirs) {
    const parent = await parentState(name, look, run)
    if (parent === 'uncertain')
      return unknown(`the directory above ${name} does not exist yet; an earlier state may make it`)
    if (parent === 'missing') return failed(`No directory to create ${name} in`, parentHint(name))
  }
  return drift(
    { [name]: { directory: 'new' } },
    {
      would: `The following files will be changed:\n${name}: directory - new`,
      done: `Directory ${name} updated`,
    },
    (act) => create(wanted, act),
  )
}

async function create(wanted: DirectoryArguments, act: Changer): Promise<void> {
  const attributes = attributesOf(wanted)
  if (wanted.makedirs) await makeParents(wanted.name, { ...attributes }, attributes.mode, act)
  await act.files.makeDirectory(wanted.name, given({ ...ownership(attributes), mode: attributes.mode }))
}

function replaceEntry(wanted: DirectoryArguments, info: FileInfo): Decision {
  const { name, backupname } = wanted
  const what = info.type === 'symlink' ? 'Symlink' : 'File'
  const article = info.type === 'symlink' ? 'a symlink' : info.type === 'file' ? 'a file' : `a ${info.type}`
  if (backupname !== undefined)
    return drift(
      {
        backup: `Existing ${what.toLowerCase()} at ${name} renamed to ${backupname}`,
        [name]: { directory: 'new' },
      },
      { would: `${what} ${name} would be renamed to ${backupname}`, done: `Directory ${name} updated` },
      async (act) => {
        if (!(await act.files.move(name, backupname)))
          return {
            ok: false,
            comment: `${backupname} is on another file system, so ${name} cannot be kept there`,
          }
        return create(wanted, act)
      },
    )
  if (!wanted.force) return failed(`Specified location ${name} exists and is ${article}`)
  return drift(
    { forced: `${what} was forcibly replaced`, [name]: { directory: 'new' } },
    { would: `${what} ${name} would be forcibly replaced by a directory`, done: `Directory ${name} updated` },
    async (act) => {
      await act.files.remove(name)
      await create(wanted, act)
    },
  )
}

async function checkExisting(
  wanted: DirectoryArguments,
  path: string,
  info: FileInfo,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const attributes = attributesOf(wanted)
  const own = wanted.recurse && wanted.children_only ? {} : attributeChanges(info, attributes)
  const removed = wanted.clean
    ? await findSuperfluous(path, keptByRequired(run), wanted.exclude_pat, look)
    : []
  const below = wanted.recurse
    ? await findBelow(path, { ...wanted, recurse: wanted.recurse }, new Set(removed), look)
    : []
  if (Object.keys(own).length === 0 && removed.length === 0 && below.length === 0)
    return inSync(`The directory ${wanted.name} is in the correct state`)
  const changes = {
    ...own,
    ...(wanted.recurse?.silent
      ? below.length > 0 && { recursion: 'Changes silenced' }
      : Object.fromEntries(below.map((fix) => [fix.path, fix.changes]))),
    ...(removed.length > 0 && { removed }),
  }
  return drift(
    changes,
    {
      would: wouldComment(path, own, wanted.recurse?.silent ? [] : below, removed),
      done: `Directory ${wanted.name} updated`,
    },
    async (act) => {
      await applyAttributes(path, attributes, own, act)
      for (const entry of removed) await act.files.remove(entry)
      for (const fix of below) await applyAttributes(fix.path, fix.attributes, fix.changes, act)
    },
  )
}

function wouldComment(path: string, own: object, below: readonly Fix[], removed: readonly string[]): string {
  const about = [{ path, changes: own }, ...below]
    .filter(({ changes }) => Object.keys(changes).length > 0)
    .map(({ path: entry, changes }) =>
      Object.entries(changes)
        .map(([key, value]) => `${entry}: ${key} - ${String(value)}`)
        .join('\n'),
    )
  return [
    'The following files will be changed:',
    ...about,
    ...removed.map((entry) => `${entry}: removed - Removed due to clean`),
  ].join('\n')
}
