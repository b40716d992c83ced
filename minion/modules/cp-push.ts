/** `cp.push` and `cp.push_dir`: files of the machine for the master, which keeps them below its cachedir. */
import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { largestPart } from '../../shared/protocol/messages/file-push.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { Reader } from '../system/reader.ts'
import type { ModuleContext } from './contract.ts'
import { changing } from './define.ts'

/** Links in a path, as the kernel counts them. */
const mostLinks = 40
/** Files of a folder. */
const mostFiles = 20_000

const failure = (fun: string, reason: string): TsaltError =>
  new TsaltError('function-failed', { fun, reason })

/** Without the "/" at its beginning: it is below the minion's folder on the master. @throws TsaltError */
function keptPath(fun: string, path: string): string {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.')
  if (steps.length === 0 || steps.includes('..') || path.includes('\0'))
    throw failure(fun, `${JSON.stringify(path)} is no path below a folder`)
  return steps.join('/')
}

/** The path with every link in it followed. */
async function realPath(path: string, look: Reader): Promise<string> {
  let links = 0
  let real = '/'
  const steps = path.split('/').filter(Boolean)
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    const next = posix.join(real, step)
    const target = (await look.files.info(next))?.target
    if (target === undefined || ++links > mostLinks) real = next
    else {
      if (target.startsWith('/')) real = '/'
      steps.unshift(...target.split('/').filter(Boolean))
    }
  }
  return real
}

/** @throws TsaltError `function-failed`, `file-unreadable`, `request-refused` */
async function pushFile(
  fun: string,
  path: string,
  kept: string,
  { look, services }: ModuleContext,
): Promise<void> {
  const { push } = services
  if (push === undefined) throw failure(fun, 'there is no master behind tsalt-call --local')
  const info = await look.files.infoFollowed(path)
  if (info?.type !== 'file')
    throw failure(fun, info ? `${path} is a ${info.type}, not a file` : `${path} does not exist`)
  // Files of /proc and /sys say 0 bytes and have more.
  const unsized = info.size === 0 ? await look.files.readPart(path, 0, largestPart) : undefined
  const size = unsized?.length ?? info.size
  const whole = { push: randomBytes(16).toString('hex'), path: kept, size }
  for (let offset = 0; offset === 0 || offset < size; offset += largestPart) {
    const length = Math.min(largestPart, size - offset)
    const content = unsized ?? (await look.files.readPart(path, offset, length))
    if (content.length !== length) throw failure(fun, `${path} became shorter while it was read`)
    await push({ ...whole, offset }, content)
  }
}

/** A master that was started anew, or a connection that broke at the last part: from the beginning, once. */
async function pushed(...words: Parameters<typeof pushFile>): Promise<true> {
  try {
    await pushFile(...words)
  } catch (error) {
    const isLost = isTsaltError(error) && error.parameters.code === 'push-lost'
    if (!isLost) throw error
    await pushFile(...words)
  }
  return true
}

async function filesBelow(folder: string, look: Reader): Promise<string[]> {
  const found: string[] = []
  const pending = [folder]
  for (let at = pending.shift(); at !== undefined; at = pending.shift()) {
    for (const name of await look.files.list(at)) {
      const path = posix.join(at, name)
      // A link to a folder could lead anywhere, in a circle too.
      if ((await look.files.info(path))?.type === 'directory') pending.push(path)
      else if (look.files.typeOf(path) === 'file') found.push(path)
    }
    if (found.length > mostFiles) throw failure('cp.push_dir', `${folder} has more than ${mostFiles} files`)
  }
  return found
}

/** @throws TsaltError `function-failed` */
function requireAbsolute(fun: string, path: string): void {
  if (!path.startsWith('/') || path.split('/').includes('..'))
    throw failure(fun, `${JSON.stringify(path)} is no absolute path without ".."`)
}

const uploadPath = optional(nonEmptyText, 'Where the master keeps it, below the folder of this minion.')

export const pushing = {
  push: changing(
    'Sends a file of the machine to the master, which keeps it as minions/ID/files/PATH below its cachedir if it has `file_recv: True`.',
    'cp.push /var/log/nginx/error.log',
    {
      path: needed(text, 'The file.'),
      keep_symlinks: defaulted(flag, false, 'Keep the path as given; else links in it are followed first.'),
      upload_path: uploadPath,
      remove_source: defaulted(flag, false, 'Remove the file once the master has it.'),
    },
    async ({ path, keep_symlinks, upload_path, remove_source }, context) => {
      requireAbsolute('cp.push', path)
      const source = keep_symlinks ? path : await realPath(path, context.look)
      await pushed('cp.push', source, keptPath('cp.push', upload_path ?? source), context)
      if (remove_source) await context.act.files.remove(source)
      return true
    },
  ),
  push_dir: changing(
    'Sends all files below a folder to the master, as cp.push does; links to folders are not followed. False: there are none.',
    "cp.push_dir /etc/nginx glob='*.conf'",
    {
      path: needed(text, 'The folder.'),
      glob: optional(text, 'Only files with such a name.'),
      upload_path: uploadPath,
    },
    async ({ path, glob, upload_path }, context) => {
      requireAbsolute('cp.push_dir', path)
      if (context.look.files.typeOf(path) === 'file')
        return pushed('cp.push_dir', path, keptPath('cp.push_dir', upload_path ?? path), context)
      const fits = glob === undefined ? () => true : compileGlob(glob)
      const top = upload_path ?? path
      const files = (await filesBelow(path, context.look)).filter((file) => fits(posix.basename(file)))
      for (const file of files) {
        const kept = posix.join(`/${top}`, posix.relative(path, file))
        await pushed('cp.push_dir', file, keptPath('cp.push_dir', upload_path ? kept : file), context)
      }
      return files.length > 0
    },
  ),
}
