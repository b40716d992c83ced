/** The functions of `file` that look. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { absolutePath, formatMode } from '../../../shared/schema/paths.ts'
import { choice, flag, text } from '../../../shared/schema/scalars.ts'
import type { FileInfo, FileType, Reader } from '../../system/reader.ts'
import { execFunction } from '../contract.ts'

const path = needed(absolutePath, 'Absolute path.')
const args = v.strictObject({ path })
const followed = v.strictObject({
  path,
  follow_symlinks: defaulted(flag, true, 'Of a link: what it leads to.'),
})

/** As Salt has it: `~` is a home, a relative path begins at the root, and an empty one is nowhere. */
function wholePath(given: string): string {
  const home = given.replace(/^~(?=\/|$)/, process.env.HOME ?? '/root')
  return home.startsWith('/') ? home : `/${home}`
}

function question(summary: string, name: string, type: FileType) {
  const isThere = (given: { path: string }, look: Reader): boolean =>
    given.path !== '' && look.files.typeOf(wholePath(given.path)) === type
  return execFunction({
    summary,
    args: v.strictObject({ path: needed(text, 'Path.') }),
    examples: [`tsalt '*' file.${name} /etc/hosts`],
    readOnly: true,
    run: async (given, { look }) => isThere(given, look),
    now: (given, { look }) => isThere(given, look),
  })
}

async function readText(look: Reader, file: string): Promise<string> {
  return Buffer.from(await look.files.read(file)).toString('utf8')
}

/** Salt's words. */
const typeWords: Readonly<Record<FileType, string>> = {
  file: 'file',
  directory: 'dir',
  symlink: 'link',
  fifo: 'pipe',
  socket: 'socket',
  'character-device': 'char',
  'block-device': 'block',
}

async function infoOf(look: Reader, file: string, follow: boolean): Promise<FileInfo | undefined> {
  return follow ? look.files.infoFollowed(file) : look.files.info(file)
}

function owner<Answer extends string | number>(
  name: string,
  summary: string,
  of: (info: FileInfo) => Answer,
) {
  return execFunction({
    summary,
    args: followed,
    examples: [`tsalt '*' file.${name} /etc/shadow`],
    readOnly: true,
    run: async (given, { look }) => {
      const info = await infoOf(look, given.path, given.follow_symlinks)
      return info ? of(info) : false
    },
  })
}

export const looking = {
  file_exists: question('True where a regular file is there.', 'file_exists', 'file'),
  directory_exists: question('True where a directory is there.', 'directory_exists', 'directory'),
  stats: execFunction({
    summary: 'Type, mode, owner, size and time of an entry.',
    args: v.strictObject({
      path,
      hash_type: optional(choice(['md5', 'sha1', 'sha256', 'sha512']), 'Of a file: its hash too.'),
      follow_symlinks: defaulted(flag, true, 'Of a link: what it leads to.'),
    }),
    examples: ["tsalt '*' file.stats /etc/passwd"],
    readOnly: true,
    run: async (given, { look }) => {
      const info = await infoOf(look, given.path, given.follow_symlinks)
      if (!info) return {}
      const { type, mode, uid, gid, user, group, size, modified, target } = info
      const sum =
        given.hash_type && type === 'file' ? await digest(look, given.path, given.hash_type) : undefined
      return {
        ...{ uid, gid, user, group, size },
        mtime: modified / 1000,
        mode: formatMode(mode),
        type: typeWords[type],
        target: target ?? given.path,
        sum,
      }
    },
  }),
  read: execFunction({
    summary: 'Content of a text file, 1 MiB at most.',
    args,
    examples: ["tsalt '*' file.read /etc/hostname"],
    readOnly: true,
    run: async (given, { look }) =>
      Buffer.from(await look.files.read(given.path, 1_048_576)).toString('utf8'),
  }),
  get_hash: execFunction({
    summary: 'Hash of a file.',
    args: v.strictObject({
      path,
      form: defaulted(choice(['md5', 'sha1', 'sha256', 'sha512']), 'sha256', 'Algorithm.'),
    }),
    examples: ["tsalt '*' file.get_hash /etc/passwd"],
    readOnly: true,
    run: async (given, { look }) => digest(look, given.path, given.form),
  }),
  readdir: execFunction({
    summary: 'Names in a directory.',
    args,
    examples: ["tsalt '*' file.readdir /etc/tsalt"],
    readOnly: true,
    run: async (given, { look }) => ['.', '..', ...(await look.files.list(given.path))],
  }),
  get_mode: execFunction({
    summary: 'Permission bits of an entry.',
    args,
    examples: ["tsalt '*' file.get_mode /etc/shadow"],
    readOnly: true,
    run: async (given, { look }) => {
      const info = await look.files.infoFollowed(given.path)
      return info ? formatMode(info.mode) : ''
    },
  }),
  get_user: owner('get_user', 'Owner of an entry; False where there is none.', (info) => info.user),
  get_group: owner('get_group', 'Group of an entry; False where there is none.', (info) => info.group),
  get_uid: owner('get_uid', 'Id of the owner of an entry.', (info) => info.uid),
  get_gid: owner('get_gid', 'Id of the group of an entry.', (info) => info.gid),
  user_to_uid: execFunction({
    summary: 'Id of an account; empty where there is none.',
    args: v.strictObject({ user: needed(text, 'Name of the account.') }),
    examples: ["tsalt '*' file.user_to_uid www-data"],
    readOnly: true,
    run: async ({ user }, { look }) => (await look.accounts.user(user))?.uid ?? '',
  }),
  group_to_gid: execFunction({
    summary: 'Id of a group; empty where there is none.',
    args: v.strictObject({ group: needed(text, 'Name of the group.') }),
    examples: ["tsalt '*' file.group_to_gid adm"],
    readOnly: true,
    run: async ({ group }, { look }) => (await look.accounts.group(group))?.gid ?? '',
  }),
  is_link: execFunction({
    summary: 'True where a symlink is there.',
    args,
    examples: ["tsalt '*' file.is_link /etc/localtime"],
    readOnly: true,
    run: async (given, { look }) => (await look.files.info(given.path))?.type === 'symlink',
  }),
  readlink: execFunction({
    summary: 'Where a symlink points; empty where none is there.',
    args: v.strictObject({
      path,
      canonicalize: defaulted(flag, false, 'Links on the way are resolved too.'),
    }),
    examples: ["tsalt '*' file.readlink /etc/localtime"],
    readOnly: true,
    run: async (given, { look }) => {
      if (given.canonicalize) {
        const { stdout } = await look.commands.query(['readlink', '-f', '--', given.path])
        return stdout.trimEnd()
      }
      return (await look.files.info(given.path))?.target ?? ''
    },
  }),
  grep: execFunction({
    summary: 'Lines of a file that a pattern is in, as cmd.run_all answers them.',
    args: v.strictObject({
      path,
      pattern: needed(text, 'The pattern, as grep reads it.'),
      opts: optional(textList, 'Options of grep.'),
    }),
    rest: 'opts',
    examples: ["tsalt '*' file.grep /etc/passwd '^root'"],
    readOnly: true,
    run: async (given, { look }) => {
      const argv = ['grep', ...(given.opts ?? []), '-e', given.pattern, '--', given.path]
      const { code, stdout, stderr, pid } = await look.commands.query(argv)
      return { pid, retcode: code, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() }
    },
  }),
  contains: execFunction({
    summary: 'True where a text file contains the text.',
    args: v.strictObject({ path, text: needed(text, 'What to look for.') }),
    examples: ["tsalt '*' file.contains /etc/hosts localhost"],
    readOnly: true,
    run: async (given, { look }) => (await readText(look, given.path)).includes(given.text),
  }),
}

async function digest(look: Reader, file: string, algorithm: string): Promise<string> {
  if (algorithm === 'sha256') return look.files.hash(file)
  const { createHash } = await import('node:crypto')
  return createHash(algorithm)
    .update(await look.files.read(file))
    .digest('hex')
}
