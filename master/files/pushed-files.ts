/**
 * Files that minions have pushed (cp.push): `minions/ID/files/PATH` below the master's cachedir, as Salt keeps them. Parts
 * come one by one into `minions/ID/parts`; the whole takes its place by a rename. No step of a path may be a link.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../../shared/clock.ts'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import { largestPart } from '../../shared/protocol/messages/file-push.ts'
import type { Body } from '../../shared/protocol/registry.ts'
import { makePrivateFolder } from '../private-folder.ts'
import { PushQuota, spaceOf } from './push-quota.ts'

export interface PushedFiles {
  /**
   * One part of a file of this minion.
   * @throws TsaltError `push-off`, `push-quota`, `push-refused`, `push-lost`
   */
  receive(
    id: MinionId,
    part: Body<'file.push'>,
    content: Uint8Array | undefined,
  ): Promise<Body<'file.pushed'>>
}

type PushOptions = Pick<MasterOptions, 'cachedir' | 'file_recv' | 'file_recv_max_size'>
const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants
const synced = promisify(fsync)

export function openPushedFiles(options: PushOptions, clock: Clock): PushedFiles {
  const quota = new PushQuota(options.file_recv_max_size, clock)
  return {
    async receive(id, part, content = new Uint8Array()) {
      if (!options.file_recv) throw new TsaltError('push-off', {})
      requireSense(part, content)
      const home = join(options.cachedir, 'minions', id)
      makePrivateFolder(join(options.cachedir, 'minions'))
      try {
        const wanted = spaceWanted(home, part, content)
        await quota.take(id, home, wanted)
        const complete = await keep(home, part, content)
        if (complete) quota.freed(id, wanted.frees)
        return { complete }
      } catch (error) {
        throw refusal(part.path, error)
      }
    },
  }
}

/** @throws TsaltError `push-refused` */
function requireSense({ path, offset, size }: Body<'file.push'>, content: Uint8Array): void {
  const reason =
    content.length > largestPart
      ? `a part has at most ${largestPart} bytes`
      : offset + content.length > size || (content.length === 0 && size > 0)
        ? 'the part does not fit the size of the file'
        : // biome-ignore lint/suspicious/noControlCharactersInRegex: who lists the folder would have them in the terminal
          /[\x00-\x1f\x7f]/.test(path)
          ? 'its name has control characters'
          : undefined
  if (reason !== undefined)
    throw new TsaltError('push-refused', { path: JSON.stringify(path.slice(0, 200)), reason })
}

/** What comes, and at the beginning all that is announced; less what it takes the place of. */
function spaceWanted(home: string, { push, path, offset, size }: Body<'file.push'>, content: Uint8Array) {
  const folders = spaceOf(0) * (path.split('/').length - 1)
  const there = sizeOf(join(home, 'parts', push))
  const replaced = sizeOf(join(home, 'files', path))
  const whole = offset + content.length
  return {
    takes: offset === 0 ? spaceOf(whole) + folders : Math.max(0, whole - (there ?? whole)),
    announced: offset === 0 ? spaceOf(size) + folders : 0,
    frees: replaced === undefined ? 0 : spaceOf(replaced),
  }
}

const sizeOf = (path: string): number | undefined => lstatSync(path, { throwIfNoEntry: false })?.size

/** @returns whether the file is there now, whole */
async function keep(
  home: string,
  { push, path, offset, size }: Body<'file.push'>,
  content: Uint8Array,
): Promise<boolean> {
  const parts = openFolder(home, ['parts'])
  try {
    const at = `/proc/self/fd/${parts}/${push}`
    const fd = openPart(at, offset)
    try {
      writeAll(fd, content, offset)
      if (offset + content.length < size) return false
      await synced(fd)
    } finally {
      closeSync(fd)
    }
    place(at, home, path)
    return true
  } finally {
    closeSync(parts)
  }
}

/** A part may come twice, where the connection broke before its answer: what is after its beginning is written again. */
function openPart(at: string, offset: number): number {
  let fd: number
  try {
    fd = openSync(at, O_WRONLY | O_NOFOLLOW | (offset === 0 ? O_CREAT : 0), 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new TsaltError('push-lost', {})
    throw error
  }
  if (fstatSync(fd).size >= offset) {
    ftruncateSync(fd, offset)
    return fd
  }
  closeSync(fd)
  throw new TsaltError('push-lost', {})
}

function writeAll(fd: number, content: Uint8Array, offset: number): void {
  for (let done = 0; done < content.length; )
    done += writeSync(fd, content, done, content.length - done, offset + done)
}

function place(part: string, home: string, path: string): void {
  const steps = path.split('/')
  const name = steps.pop() ?? ''
  try {
    const folder = openFolder(home, ['files', ...steps])
    try {
      renameSync(part, `/proc/self/fd/${folder}/${name}`)
    } finally {
      closeSync(folder)
    }
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** A descriptor of the folder, made where it is missing, that the caller closes. */
function openFolder(home: string, steps: readonly string[]): number {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  let folder = openSync(home, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  for (const step of steps) {
    const at = `/proc/self/fd/${folder}/${step}`
    try {
      if (lstatSync(at, { throwIfNoEntry: false }) === undefined) mkdirSync(at, 0o700)
      const next = openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      closeSync(folder)
      folder = next
    } catch (error) {
      closeSync(folder)
      throw error
    }
  }
  return folder
}

const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: 'a part of the path is a file or a link',
  ELOOP: 'a part of the path is a link',
  EISDIR: 'there is a folder of that name',
  ENOTEMPTY: 'there is a folder of that name',
  EEXIST: 'there is a folder of that name',
  ENAMETOOLONG: 'a name in it is too long',
  ENOSPC: "the master's disk is full",
  EDQUOT: "the master's disk is full",
}

function refusal(path: string, error: unknown): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
  return reason === undefined ? error : new TsaltError('push-refused', { path, reason }, { cause: error })
}
