/** The functions of `file` that move, copy, link and empty entries, and give them to others. */
import { posix } from 'node:path'
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, mode } from '../../../shared/schema/paths.ts'
import { account, flag, text, whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import type { ModuleContext } from '../contract.ts'
import { changing } from '../define.ts'
import { applyState } from '../state-call.ts'

const path = needed(absolutePath, 'Absolute path.')
const source = needed(absolutePath, 'What is there.')
const target = needed(absolutePath, 'Where to.')

const unwritable = (at: string, reason: string) => new TsaltError('file-unwritable', { path: at, reason })

async function move(src: string, dst: string, { look, act }: ModuleContext): Promise<boolean> {
  if (!(await look.files.info(src))) throw unwritable(src, 'nothing is there')
  const there = await look.files.infoFollowed(dst)
  const to = there?.type === 'directory' ? `${dst}/${posix.basename(src)}` : dst
  const replaced = await look.files.info(to)
  if (replaced?.type === 'directory') throw unwritable(to, 'a directory is there')
  if (replaced) await act.files.remove(to)
  if (await act.files.move(src, to)) return true
  throw unwritable(to, 'it is on another file system')
}

async function directoriesTo(folder: string, { look, act }: ModuleContext, bits?: number, owner = {}) {
  if (await look.files.infoFollowed(folder)) return
  await act.files.makeDirectory(folder, {
    ...owner,
    parents: true,
    ...(bits === undefined ? {} : { mode: bits }),
  })
}

async function regular(look: Reader, at: string): Promise<Uint8Array> {
  return look.files.read(at)
}

export const moving = {
  copy: changing(
    'Copies a file, or with `recurse` a directory.',
    'file.copy /etc/hosts /etc/hosts.old',
    {
      src: source,
      dst: target,
      recurse: defaulted(flag, false, 'Also a directory with all it holds.'),
      remove_existing: defaulted(flag, false, 'With `recurse`: what is at the place goes first.'),
    },
    async ({ src, dst, recurse, remove_existing }, context) => {
      const info = await context.look.files.infoFollowed(src)
      if (!info) throw unwritable(src, 'nothing is there')
      if (info.type === 'directory' && !recurse) throw unwritable(src, 'it is a directory: give recurse=True')
      if (remove_existing && (await context.look.files.info(dst))) await context.act.files.remove(dst)
      const { copy } = await import('../../states/file/copy.ts')
      const wanted = {
        name: dst,
        source: src,
        force: true,
        preserve: true,
        subdir: info.type !== 'directory',
      }
      await applyState('file.copy', copy, wanted, context)
      return true
    },
  ),
  move: changing(
    'Moves an entry; into a directory that is there.',
    'file.move /srv/old /srv/new',
    { src: source, dst: target },
    async ({ src, dst }, context) => ({
      result: await move(src, dst, context),
      comment: `'${src}' moved to '${dst}'`,
    }),
  ),
  rename: changing(
    'Gives an entry another name.',
    'file.rename /srv/old /srv/new',
    { src: source, dst: target },
    ({ src, dst }, context) => move(src, dst, context),
  ),
  link: changing(
    'Makes a further name of a file (a hard link).',
    'file.link /srv/data /srv/also',
    { src: source, path },
    async ({ src, path: at }, { act }) => {
      await act.files.hardLink(at, src)
      return true
    },
  ),
  makedirs: changing(
    'Makes the directories above a path; the path itself too where it ends with `/`.',
    'file.makedirs /srv/www/site/',
    {
      path: needed(text, 'Absolute path.'),
      user: optional(account, 'Owner.'),
      group: optional(account, 'Group.'),
      mode: optional(mode, 'Permission bits.'),
    },
    async ({ path: at, mode: bits, ...owner }, context) => {
      if (!at.startsWith('/')) throw unwritable(at, 'it is not absolute')
      const folder = posix.normalize(at.endsWith('/') ? at.slice(0, -1) : posix.dirname(at))
      if (await context.look.files.infoFollowed(folder)) return `Directory '${folder}' already exists`
      await directoriesTo(folder, context, bits, owner)
      return null
    },
  ),
  rmdir: changing(
    'Removes an empty directory.',
    'file.rmdir /srv/empty',
    { path },
    async ({ path: at }, { look, act }) => {
      if ((await look.files.info(at))?.type !== 'directory') throw unwritable(at, 'it is no directory')
      const names = await look.files.list(at)
      if (names.length > 0) return `[Errno 39] Directory not empty: '${at}'`
      await act.files.remove(at)
      return true
    },
  ),
  truncate: changing(
    'Cuts a file to a number of bytes.',
    'file.truncate /var/log/app.log 0',
    { path, length: needed(whole, 'Bytes that stay.') },
    async ({ path: at, length }, { look, act }) => {
      const content = await regular(look, at)
      const cut = new Uint8Array(length)
      cut.set(content.subarray(0, length))
      await act.files.write(at, cut)
      return true
    },
  ),
  seek_write: changing(
    'Writes text over what is at a place in a file.',
    'file.seek_write /srv/data xyz 10',
    { path, data: needed(text, 'The text.'), offset: needed(whole, 'Bytes from the beginning.') },
    async ({ path: at, data, offset }, { look, act }) => {
      const content = await regular(look, at)
      const bytes = Buffer.from(data)
      const written = new Uint8Array(Math.max(content.length, offset + bytes.length))
      written.set(content)
      written.set(bytes, offset)
      await act.files.write(at, written)
      return bytes.length
    },
  ),
  chgrp: changing(
    'Sets the group of an entry.',
    'file.chgrp /srv/www www-data',
    { path, group: needed(account, 'Group.') },
    async ({ path: at, group }, { act }) => {
      await act.files.setOwner(at, { group })
      return null
    },
  ),
  lchown: changing(
    'Sets owner and group of an entry, of a link its own.',
    'file.lchown /srv/link www-data www-data',
    { path, user: needed(account, 'Owner.'), group: optional(account, 'Group.') },
    async ({ path: at, ...owner }, { act }) => {
      await act.files.setOwner(at, owner)
      return null
    },
  ),
}
