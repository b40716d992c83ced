/** git.present: a repository, bare unless asked otherwise. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { accountName, flag, readText, text } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import { type Applied, drift, failed, inSync, stateFunction, unknown } from '../contract.ts'
import { change, requireGit } from './repository.ts'

const sharing = shaped<string>({
  words: 'who may write: `group`, `all`, or octal permissions',
  json: { type: ['string', 'integer', 'boolean'] },
  read(value) {
    const read = typeof value === 'boolean' ? String(value) : readText(value)?.toLowerCase()
    if (read !== undefined && /^(?:false|true|umask|group|all|world|everybody)$/.test(read)) return read
    const octal = /^0?([0-7]{3,4})$/.exec(read ?? '')?.[1]
    return octal === undefined
      ? new Mismatch(`group, all, umask or octal permissions are expected, not ${describeValue(value)}`)
      : `0${octal.replace(/^0/, '')}`
  },
})

/** Only a repository without a commit goes; a directory of its own is the journal's. */
const emptied =
  'left=$(git -C "$1" rev-list --all --max-count=1) && test -z "$left" && find "$2" -mindepth 1 -delete && { test "$1" = "$2" || { rmdir "$2" && rm -f "$1/.git"; }; }'

export const present = stateFunction({
  summary: 'Makes sure that a directory is a repository, bare unless asked otherwise.',
  args: v.strictObject({
    name: needed(absolutePath, 'The directory.'),
    force: defaulted(flag, false, 'Also where the directory holds something else: that is removed.'),
    bare: defaulted(flag, true, 'False: with a working tree.'),
    template: optional(absolutePath, 'Directory of which hooks and the like are copied.'),
    separate_git_dir: optional(absolutePath, 'Where the repository is kept, apart from its working tree.'),
    shared: optional(sharing, 'Who else may write to it.'),
    user: optional(accountName, 'User to run git as; the directory becomes theirs.'),
    password: optional(text, 'Accepted for trees of Salt, which means one of Windows.'),
    output_encoding: optional(text, 'Accepted for trees of Salt.'),
  }),
  examples: ['/srv/git/app.git:\n  git.present:\n    - user: git\n    - shared: group\n'],
  refuse: ({ bare, separate_git_dir }) =>
    bare && separate_git_dir !== undefined
      ? { argument: 'separate_git_dir', reason: 'a bare repository has no other place; give "bare: False"' }
      : undefined,
  async check(wanted, look, run) {
    const lacking = await requireGit(look, run)
    if (lacking) return lacking
    const { name, bare } = wanted
    const info = await look.files.infoFollowed(name)
    if (info && info.type !== 'directory' && !wanted.force)
      return failed(`${name} is a ${info.type}, not a directory`)
    const names = info?.type === 'directory' ? await look.files.list(name) : []
    const isBare = names.includes('HEAD') && names.includes('objects') && names.includes('refs')
    if (bare && isBare) return inSync(`Bare repository already exists at ${name}`)
    if (!bare && names.includes('.git')) return inSync(`Repository already exists at ${name}`)
    // With a working tree, files that are there already may be the ones to keep.
    const isTaken = (bare && names.length > 0) || (info !== undefined && info.type !== 'directory')
    if (isTaken && !wanted.force)
      return failed(
        `Target '${name}' exists, is non-empty, and is not an empty git repository`,
        "Set 'force' to True to remove what is there.",
      )
    const parent = name.replace(/\/[^/]+$/, '') || '/'
    if (!(await look.files.infoFollowed(parent)) && run.test && run.predicted.length > 0)
      return unknown(`${parent} does not exist yet; an earlier state may make it`)
    const changes: Plain = { new: name, ...(isTaken && { 'forced init': true }) }
    const kind = bare ? 'bare repository' : 'repository'
    const comments = {
      would: `New ${kind} would be created at ${name}`,
      done: `Initialized ${kind} in ${name}`,
    }
    return drift(changes, comments, async (act): Promise<Applied | undefined> => {
      if (isTaken) await act.files.remove(name)
      const account = wanted.user === undefined ? undefined : await act.look.accounts.user(wanted.user)
      if (!(await act.look.files.infoFollowed(name)))
        await act.files.makeDirectory(name, {
          parents: true,
          mode: 0o755,
          ...(account && { user: account.uid, group: account.gid }),
        })
      const words = [
        'init',
        ...(bare ? ['--bare'] : []),
        ...(wanted.template === undefined ? [] : [`--template=${wanted.template}`]),
        ...(wanted.separate_git_dir === undefined ? [] : [`--separate-git-dir=${wanted.separate_git_dir}`]),
        ...(wanted.shared === undefined ? [] : [`--shared=${wanted.shared}`]),
        name,
      ]
      const who = wanted.user === undefined ? {} : { runas: wanted.user }
      const undo = [
        {
          argv: ['sh', '-c', emptied, 'sh', name, bare ? name : (wanted.separate_git_dir ?? `${name}/.git`)],
          ...who,
        },
      ]
      const complaint = await change(words, wanted.user === undefined ? {} : { user: wanted.user }, act, undo)
      return complaint === undefined ? undefined : { ok: false, comment: `git init failed: ${complaint}` }
    })
  },
})
