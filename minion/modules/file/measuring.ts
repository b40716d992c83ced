/** Further functions of `file` that look: kinds, sizes, hashes, texts and the backups that states keep. */
import * as fs from 'node:fs'
import { posix } from 'node:path'
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { choice, flag, text, whole } from '../../../shared/schema/scalars.ts'
import type { FileType, Reader } from '../../system/reader.ts'
import { asking } from '../define.ts'

const path = needed(absolutePath, 'Absolute path.')

const kind = (name: string, summary: string, type: FileType) =>
  asking(summary, `file.${name} /dev/null`, { path }, async (given, { look }) => {
    return (await look.files.info(given.path))?.type === type
  })

async function textOf(look: Reader, at: string): Promise<string> {
  return Buffer.from(await look.files.read(at)).toString('utf8')
}

async function usage(at: string, look: Reader, seen = new Set<string>()): Promise<number> {
  const info = await look.files.info(at)
  if (!info || seen.has(info.identity)) return 0
  seen.add(info.identity)
  if (info.type !== 'directory') return info.size
  let sum = 0
  for (const name of await look.files.list(at)) sum += await usage(posix.join(at, name), look, seen)
  return sum
}

/** As hashlib names them, by the length of their hex. */
const algorithms: Readonly<Record<number, string>> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
}

async function digestOf(look: Reader, at: string, algorithm: string): Promise<string> {
  const { createHash } = await import('node:crypto')
  return createHash(algorithm)
    .update(await look.files.read(at))
    .digest('hex')
}

const accessBits = { f: 0, r: 4, w: 2, x: 1 } as const

export const measuring = {
  is_blkdev: kind('is_blkdev', 'True where a block device is there.', 'block-device'),
  is_chrdev: kind('is_chrdev', 'True where a character device is there.', 'character-device'),
  is_fifo: kind('is_fifo', 'True where a named pipe is there.', 'fifo'),
  is_hardlink: asking(
    'True where the file has further names.',
    'file.is_hardlink /srv/data',
    { path },
    async (given, { look }) => {
      const info = await look.files.info(given.path)
      return info?.type === 'file' && info.links > 1
    },
  ),
  lstat: asking(
    'Type, owner, size and times of an entry, a link not followed; nothing where there is none.',
    'file.lstat /etc/localtime',
    { path },
    async (given, { look }) => {
      const info = await look.files.info(given.path)
      if (!info) return {}
      const { uid, gid, size, modified, accessed, changed, links, mode } = info
      return {
        st_mode: mode,
        st_uid: uid,
        st_gid: gid,
        st_size: size,
        st_nlink: links,
        st_mtime: modified / 1000,
        st_atime: accessed / 1000,
        st_ctime: changed / 1000,
      }
    },
  ),
  diskusage: asking(
    'Bytes of a file, or of all that is below a directory.',
    'file.diskusage /var/log',
    { path },
    (given, { look }) => usage(given.path, look),
  ),
  statvfs: asking(
    'Blocks and inodes of the file system that a path is on.',
    'file.statvfs /',
    { path },
    async (given) => {
      const { bsize, blocks, bfree, bavail, files, ffree } = fs.statfsSync(given.path)
      return {
        f_bsize: bsize,
        f_blocks: blocks,
        f_bfree: bfree,
        f_bavail: bavail,
        f_files: files,
        f_ffree: ffree,
      }
    },
  ),
  get_sum: asking(
    'Hash of a file.',
    'file.get_sum /etc/passwd sha512',
    {
      path,
      form: defaulted(
        choice(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']),
        'sha256',
        'Algorithm.',
      ),
    },
    async (given, { look }) =>
      (await look.files.infoFollowed(given.path))?.type === 'file'
        ? digestOf(look, given.path, given.form)
        : 'File not found',
  ),
  check_hash: asking(
    'True where a file has the hash.',
    'file.check_hash /srv/app.tar.gz sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    { path, file_hash: needed(text, 'The hash; `md5:…` says which, else its length does.') },
    async (given, { look }) => {
      const [, named, hash = ''] = /^(?:(\w+)[:=])?\s*([0-9a-fA-F]+)$/.exec(given.file_hash.trim()) ?? []
      const algorithm = named?.toLowerCase() ?? algorithms[hash.length]
      if (algorithm === undefined || !Object.values(algorithms).includes(algorithm))
        throw new TsaltError('function-failed', { fun: 'file.check_hash', reason: 'that is no hash' })
      return (await digestOf(look, given.path, algorithm)) === hash.toLowerCase()
    },
  ),
  contains_regex: asking(
    'True where a regular expression matches in a file, line by line.',
    "file.contains_regex /etc/crontab '^SHELL='",
    {
      path,
      regex: needed(text, "In Python's syntax."),
      lchar: optional(text, 'Cut from the beginning of lines first.'),
    },
    async (given, { look }) => {
      const { compileRegex } = await import('../../states/file/expression.ts')
      const expression = compileRegex(given.regex)
      const lines = (await textOf(look, given.path)).split('\n')
      return lines.some((line) => expression.search(cut(line, given.lchar)) !== undefined)
    },
  ),
  search: asking(
    'True where a regular expression matches in a file.',
    "file.search /etc/passwd '^root:'",
    {
      path,
      pattern: needed(text, "In Python's syntax."),
      flags: defaulted(anything, 8, "Flags of Python's `re`: `[IGNORECASE]`, or their number."),
      multiline: defaulted(flag, true, '`^` and `$` are at lines, as the usual flags have it.'),
      ignore_if_missing: defaulted(flag, false, 'False instead of an error where there is no file.'),
    },
    async (given, { look }) => {
      if (given.ignore_if_missing && !(await look.files.infoFollowed(given.path))) return false
      const { compileRegex, regexFlags } = await import('../../states/file/expression.ts')
      const { parse } = await import('valibot')
      const expression = compileRegex(given.pattern, parse(regexFlags, given.flags))
      return expression.search(await textOf(look, given.path)) !== undefined
    },
  ),
  path_exists_glob: asking(
    'True where a path with wildcards leads to something.',
    "file.path_exists_glob '/etc/apt/*.list'",
    { path: needed(absolutePath, 'With `*`, `?` and `[…]`.') },
    async (given, { look }) => existsGlob(given.path.split('/').slice(1), '/', look),
  ),
  access: asking(
    'True where this process may do it: `f` exist, `r` read, `w` write, `x` run.',
    'file.access /etc/shadow r',
    { path, mode: needed(choice(['f', 'r', 'w', 'x']), '`f`, `r`, `w` or `x`.') },
    async (given) => {
      try {
        fs.accessSync(given.path, accessBits[given.mode])
        return true
      } catch {
        // No: that is the answer.
        return false
      }
    },
  ),
  seek_read: asking(
    'Some bytes of a file, as text.',
    'file.seek_read /etc/hosts 100 0',
    { path, size: needed(whole, 'Bytes.'), offset: needed(whole, 'From the beginning.') },
    async (given, { look }) =>
      Buffer.from(await look.files.readPart(given.path, given.offset, given.size)).toString('utf8'),
  ),
  gid_to_group: asking(
    'Name of a group by its id; the id where there is none.',
    'file.gid_to_group 0',
    { gid: needed(whole, 'Id.') },
    async ({ gid }, { look }) =>
      (await look.accounts.groups()).find((group) => group.gid === gid)?.name ?? gid,
  ),
  uid_to_user: asking(
    'Name of an account by its id; empty where there is none.',
    'file.uid_to_user 0',
    { uid: needed(whole, 'Id.') },
    async ({ uid }, { look }) => (await look.accounts.users()).find((user) => user.uid === uid)?.name ?? '',
  ),
  normpath: asking(
    'A path without `//`, `.` and `..`.',
    'file.normpath /etc/../srv//www',
    { path: needed(text, 'The path.') },
    async (given) => posix.normalize(given.path).replace(/(.)\/$/, '$1'),
  ),
  pardir: asking('How the directory above is called.', 'file.pardir', {}, async () => '..'),
}

const cut = (line: string, lead: string | undefined): string =>
  lead === undefined ? line : line.replace(lead, '')

async function existsGlob(steps: readonly string[], at: string, look: Reader): Promise<boolean> {
  const [step, ...rest] = steps
  if (step === undefined) return (await look.files.info(at)) !== undefined
  if (!/[*?[]/.test(step)) return existsGlob(rest, posix.join(at, step), look)
  if (look.files.typeOf(at) !== 'directory') return false
  const { compileGlob } = await import('../../../shared/targeting/glob.ts')
  const matches = compileGlob(step)
  for (const name of await look.files.list(at))
    if (
      (step.startsWith('.') || !name.startsWith('.')) &&
      matches(name) &&
      (await existsGlob(rest, posix.join(at, name), look))
    )
      return true
  return false
}
