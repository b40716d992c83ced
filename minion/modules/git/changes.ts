/** The functions of `git` that change a repository. */
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import { query } from '../../states/git/repository.ts'
import { changing } from '../define.ts'
import { ask, callerOf, change, cwd, head, identity, opts, plain, remotes, user, words } from './caller.ts'

export const changes = {
  config_set: changing(
    'Sets a key of the configuration; answers its values.',
    'git.config_set user.email me@example.com global=True',
    {
      key: needed(nonEmptyText, 'The key.'),
      value: needed(text, 'The value.'),
      cwd: optional(absolutePath, 'The repository.'),
      global: defaulted(flag, false, 'Of the account.'),
      user,
    },
    async ({ key: name, value, cwd: repo, global, user: account }, context) => {
      const { byState } = await import('../by-state.ts')
      const place = {
        global,
        ...(repo === undefined || global ? {} : { repo }),
        ...(account === undefined ? {} : { user: account }),
      }
      await byState('git.config_set', { name, value, ...place }, context)
      return [value]
    },
  ),
  init: changing(
    'Makes a repository.',
    'git.init /srv/app.git bare=True',
    { cwd, bare: defaulted(flag, false, 'Without a working tree.'), user },
    async (given, context) => {
      if (!(await context.look.files.infoFollowed(given.cwd)))
        await context.act.files.makeDirectory(given.cwd, {
          parents: true,
          ...(given.user === undefined ? {} : { user: given.user }),
        })
      return change('git.init', ['-C', given.cwd, 'init', ...(given.bare ? ['--bare'] : [])], given, context)
    },
  ),
  clone: changing(
    'Clones a repository.',
    'git.clone /srv https://example.com/app.git name=app',
    {
      cwd,
      url: needed(nonEmptyText, 'Address.'),
      name: optional(nonEmptyText, 'Directory within; absent: `cwd` itself.'),
      opts,
      user,
      identity,
    },
    async (given, context) => {
      plain('git.clone', given.url, given.name)
      const { clone } = await import('../../states/git/repository.ts')
      const target = given.name === undefined ? given.cwd : `${given.cwd}/${given.name}`
      const complaint = await clone(
        [...words(given.opts), '--', given.url],
        target,
        false,
        callerOf(given),
        context.act,
      )
      if (complaint !== undefined)
        throw new TsaltError('function-failed', { fun: 'git.clone', reason: complaint })
      return true
    },
  ),
  fetch: changing(
    'Brings what is new in a remote.',
    'git.fetch /srv/app origin',
    { cwd, remote: optional(nonEmptyText, 'Its name.'), opts, user, identity },
    (given, context) => {
      plain('git.fetch', given.remote)
      return change(
        'git.fetch',
        [
          '-C',
          given.cwd,
          'fetch',
          ...words(given.opts),
          ...(given.remote === undefined ? [] : [given.remote]),
        ],
        given,
        context,
        [],
      )
    },
  ),
  pull: changing(
    'Brings what is new and goes there.',
    'git.pull /srv/app',
    { cwd, opts, user, identity },
    async (given, context) => {
      const before = await head(given.cwd, given, context.look)
      return change('git.pull', ['-C', given.cwd, 'pull', ...words(given.opts)], given, context, [
        ['-C', given.cwd, 'reset', '--keep', before],
      ])
    },
  ),
  push: changing(
    'Sends a branch to a remote.',
    'git.push /srv/app origin main',
    {
      cwd,
      remote: needed(nonEmptyText, 'Its name.'),
      ref: needed(nonEmptyText, 'The branch.'),
      opts,
      user,
      identity,
    },
    (given, context) => {
      plain('git.push', given.remote, given.ref)
      return change(
        'git.push',
        ['-C', given.cwd, 'push', ...words(given.opts), given.remote, given.ref],
        given,
        context,
      )
    },
  ),
  checkout: changing(
    'Checks a branch, tag or commit out.',
    'git.checkout /srv/app v1.2',
    {
      cwd,
      rev: needed(nonEmptyText, 'Which.'),
      force: defaulted(flag, false, 'What is not committed is discarded.'),
      opts,
      user,
    },
    async (given, context) => {
      plain('git.checkout', given.rev)
      const branch = await ask(
        'git.checkout',
        given.cwd,
        ['rev-parse', '--abbrev-ref', 'HEAD'],
        given,
        context.look,
      )
      const before = branch === 'HEAD' ? await head(given.cwd, given, context.look) : branch
      const argv = [
        '-C',
        given.cwd,
        'checkout',
        ...(given.force ? ['--force'] : []),
        ...words(given.opts),
        given.rev,
        '--',
      ]
      return change(
        'git.checkout',
        argv,
        given,
        context,
        given.force ? undefined : [['-C', given.cwd, 'checkout', before, '--']],
      )
    },
  ),
  merge: changing(
    'Merges a commit into what is checked out.',
    'git.merge /srv/app origin/main',
    { cwd, rev: needed(nonEmptyText, 'Which.'), opts, user },
    async (given, context) => {
      plain('git.merge', given.rev)
      const before = await head(given.cwd, given, context.look)
      return change(
        'git.merge',
        ['-C', given.cwd, 'merge', ...words(given.opts), given.rev],
        given,
        context,
        [['-C', given.cwd, 'reset', '--keep', before]],
      )
    },
  ),
  reset: changing(
    'Goes to a commit.',
    "git.reset /srv/app opts='--hard origin/main'",
    { cwd, opts, user },
    async (given, context) => {
      const before = await head(given.cwd, given, context.look)
      const hard = words(given.opts).includes('--hard')
      return change(
        'git.reset',
        ['-C', given.cwd, 'reset', ...words(given.opts)],
        given,
        context,
        hard ? undefined : [['-C', given.cwd, 'reset', before]],
      )
    },
  ),
  branch: changing(
    'Makes or removes a branch.',
    'git.branch /srv/app fix opts=-d',
    { cwd, name: needed(nonEmptyText, 'Its name.'), opts, user },
    async (given, context) => {
      plain('git.branch', given.name)
      const removes = words(given.opts).some((word) => /^-(?:d|D)$|^--delete$/.test(word))
      const before = removes
        ? await ask('git.branch', given.cwd, ['rev-parse', given.name], given, context.look)
        : ''
      const back = removes ? ['branch', given.name, before] : ['branch', '-D', given.name]
      await change(
        'git.branch',
        ['-C', given.cwd, 'branch', ...words(given.opts), given.name],
        given,
        context,
        [['-C', given.cwd, ...back]],
      )
      return true
    },
  ),
  remote_set: changing(
    'Gives a remote its address.',
    'git.remote_set /srv/app https://example.com/app.git',
    {
      cwd,
      url: needed(nonEmptyText, 'Address.'),
      remote: defaulted(nonEmptyText, 'origin', 'Its name.'),
      user,
    },
    async (given, context) => {
      plain('git.remote_set', given.url, given.remote)
      const { stdout } = await query(
        ['-C', given.cwd, 'config', '--get', `remote.${given.remote}.url`],
        callerOf(given),
        context.look,
      )
      const before = stdout.trim()
      const at = ['-C', given.cwd, 'remote']
      if (before === '')
        await change('git.remote_set', [...at, 'add', '--', given.remote, given.url], given, context, [
          [...at, 'remove', '--', given.remote],
        ])
      else
        await change('git.remote_set', [...at, 'set-url', '--', given.remote, given.url], given, context, [
          [...at, 'set-url', '--', given.remote, before],
        ])
      return (await remotes(given.cwd, given, context.look)).get(given.remote) ?? {}
    },
  ),
  add: changing(
    'Takes files into the next commit.',
    'git.add /srv/app README',
    { cwd, filename: needed(nonEmptyText, 'Path within.'), user },
    (given, context) =>
      change('git.add', ['-C', given.cwd, 'add', '--verbose', '--', given.filename], given, context, [
        ['-C', given.cwd, 'reset', '--quiet', '--', given.filename],
      ]),
  ),
  commit: changing(
    'Commits.',
    "git.commit /srv/app 'Why'",
    { cwd, message: needed(nonEmptyText, 'Why.'), opts, user },
    async (given, context) => {
      const before = await query(['-C', given.cwd, 'rev-parse', 'HEAD'], callerOf(given), context.look)
      const back =
        before.code === 0 ? [['-C', given.cwd, 'reset', '--soft', before.stdout.trim()]] : undefined
      return change(
        'git.commit',
        ['-C', given.cwd, 'commit', ...words(given.opts), '-m', given.message],
        given,
        context,
        back,
      )
    },
  ),
}
