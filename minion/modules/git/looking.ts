/** The functions of `git` that look. */
import type { Plain } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { asking } from '../define.ts'
import { ask, cwd, type From, identity, plain, remotes, repository, user, words } from './caller.ts'

async function status(at: string, from: From, look: Reader): Promise<Plain> {
  const kinds: Record<string, string> = {
    M: 'modified',
    A: 'new',
    D: 'deleted',
    '?': 'untracked',
    R: 'renamed',
  }
  const found: Record<string, string[]> = {}
  for (const line of (await ask('git.status', at, ['status', '-z', '--porcelain'], from, look)).split('\0')) {
    const kind = kinds[line.slice(0, 2).trim().slice(0, 1)]
    if (kind !== undefined) found[kind] = [...(found[kind] ?? []), line.slice(3)]
  }
  return found
}

export const looking = {
  version: asking('Version of git.', 'git.version', {}, async (_, { look }) => {
    const { stdout } = await look.commands.query(['git', '--version'])
    return stdout.trim().replace('git version ', '')
  }),
  revision: asking(
    'Commit that a name stands for.',
    'git.revision /srv/app HEAD short=True',
    {
      cwd,
      rev: defaulted(nonEmptyText, 'HEAD', 'The name.'),
      short: defaulted(flag, false, 'The first letters.'),
      user,
    },
    (given, { look }) => {
      plain('git.revision', given.rev)
      return ask(
        'git.revision',
        given.cwd,
        ['rev-parse', ...(given.short ? ['--short'] : []), given.rev],
        given,
        look,
      )
    },
  ),
  describe: asking(
    'Name of a commit by the tags before it.',
    'git.describe /srv/app',
    { cwd, rev: defaulted(nonEmptyText, 'HEAD', 'The commit.'), user },
    (given, { look }) => {
      plain('git.describe', given.rev)
      return ask('git.describe', given.cwd, ['describe', given.rev], given, look)
    },
  ),
  current_branch: asking(
    'Branch that is checked out; empty for none.',
    'git.current_branch /srv/app',
    repository,
    async (given, { look }) => {
      const branch = await ask(
        'git.current_branch',
        given.cwd,
        ['rev-parse', '--abbrev-ref', 'HEAD'],
        given,
        look,
      )
      return branch === 'HEAD' ? '' : branch
    },
  ),
  list_branches: asking(
    'Names of branches.',
    'git.list_branches /srv/app remote=True',
    { cwd, remote: defaulted(flag, false, 'Those of the remotes.'), user },
    async (given, { look }) => {
      const argv = [
        'for-each-ref',
        '--format',
        '%(refname:short)',
        `refs/${given.remote ? 'remotes' : 'heads'}/`,
      ]
      return words(await ask('git.list_branches', given.cwd, argv, given, look))
    },
  ),
  list_tags: asking('Names of tags.', 'git.list_tags /srv/app', repository, async (given, { look }) =>
    words(
      await ask(
        'git.list_tags',
        given.cwd,
        ['for-each-ref', '--format', '%(refname:short)', 'refs/tags/'],
        given,
        look,
      ),
    ),
  ),
  status: asking(
    'Changed, new, deleted and untracked files.',
    'git.status /srv/app',
    repository,
    (given, { look }) => status(given.cwd, given, look),
  ),
  diff: asking(
    'What differs between commits, or from what is checked out.',
    'git.diff /srv/app main',
    { cwd, item1: optional(nonEmptyText, 'A commit.'), item2: optional(nonEmptyText, 'Another.'), user },
    (given, { look }) => {
      plain('git.diff', given.item1, given.item2)
      const items = [given.item1, given.item2].filter((item) => item !== undefined)
      return ask('git.diff', given.cwd, ['diff', ...items, '--'], given, look)
    },
  ),
  remotes: asking('Addresses of all remotes.', 'git.remotes /srv/app', repository, (given, { look }) =>
    remotes(given.cwd, given, look),
  ),
  remote_get: asking(
    'Addresses of a remote.',
    'git.remote_get /srv/app origin',
    { cwd, remote: defaulted(nonEmptyText, 'origin', 'Its name.'), user },
    async (given, { look }) => {
      const found = (await remotes(given.cwd, given, look)).get(given.remote)
      if (!found)
        throw new TsaltError('function-failed', {
          fun: 'git.remote_get',
          reason: `there is no remote ${given.remote}`,
        })
      return found
    },
  ),
  ls_remote: asking(
    'References of a remote with their commits.',
    'git.ls_remote remote=https://example.com/app.git',
    {
      cwd: optional(absolutePath, 'The repository.'),
      remote: defaulted(nonEmptyText, 'origin', 'Its name or address.'),
      ref: optional(nonEmptyText, 'Only these.'),
      user,
      identity,
    },
    async (given, { look }) => {
      plain('git.ls_remote', given.remote, given.ref)
      const argv = ['ls-remote', '--', given.remote, ...(given.ref === undefined ? [] : [given.ref])]
      const output = await ask('git.ls_remote', given.cwd ?? '/', argv, given, look)
      return new Map(
        output.split('\n').flatMap((line): [string, string][] => {
          const [commit, name] = line.split('\t')
          return commit && name ? [[name, commit]] : []
        }),
      )
    },
  ),
  config_get: asking(
    'Value of a key of the configuration.',
    'git.config_get user.name cwd=/srv/app',
    {
      key: needed(nonEmptyText, 'The key.'),
      cwd: optional(absolutePath, 'The repository.'),
      global: defaulted(flag, false, 'Of the account.'),
      user,
    },
    (given, { look }) => {
      plain('git.config_get', given.key)
      return ask(
        'git.config_get',
        given.cwd ?? '/',
        ['config', ...(given.global ? ['--global'] : []), '--get', given.key],
        given,
        look,
      )
    },
  ),
  is_worktree: asking(
    'True where the directory is a working tree beside another one.',
    'git.is_worktree /srv/app',
    repository,
    async (given, { look }) => (await look.files.info(`${given.cwd}/.git`))?.type === 'file',
  ),
}
