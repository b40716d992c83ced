/** Looks at files with synchronous calls: a thousand checks cost tens of milliseconds, not a thousand turns of the loop. */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import type { AccountFiles } from './account-files.ts'
import { errno, fileError } from './file-errors.ts'
import type { FileInfo, FileReader, FileType } from './reader.ts'

/** Bytes that `read` takes into memory unless told otherwise: 64 MiB. */
export const readLimit = 67_108_864
const chunkSize = 1_048_576

export function osFileReader(accounts: AccountFiles): FileReader {
  return {
    info: (path) => infoOf(path, fs.lstatSync, accounts),
    infoFollowed: (path) => infoOf(path, fs.statSync, accounts),
    typeOf: (path) => {
      const found = statOf(path, fs.statSync)
      return found && typeOf(found)
    },
    read: async (path, limit = readLimit) => readFile(path, limit),
    readPart: async (path, offset, length) => readPart(path, offset, length),
    hash: async (path) => hashFile(path),
    list: async (path) => listDirectory(path),
  }
}

type Stat = (path: string, options: { throwIfNoEntry: false }) => fs.Stats | undefined

async function infoOf(path: string, stat: Stat, accounts: AccountFiles): Promise<FileInfo | undefined> {
  const found = statOf(path, stat)
  if (!found) return undefined
  const user = accounts.userName(found.uid)
  const group = accounts.groupName(found.gid)
  const type = typeOf(found)
  return {
    type,
    mode: found.mode & 0o7777,
    uid: found.uid,
    gid: found.gid,
    user: typeof user === 'string' ? user : await user,
    group: typeof group === 'string' ? group : await group,
    size: found.size,
    modified: found.mtimeMs,
    accessed: found.atimeMs,
    changed: found.ctimeMs,
    identity: `${found.dev}:${found.ino}`,
    links: found.nlink,
    ...(type === 'symlink' ? { target: fs.readlinkSync(path) } : {}),
  }
}

function statOf(path: string, stat: Stat): fs.Stats | undefined {
  try {
    return stat(path, { throwIfNoEntry: false })
  } catch (error) {
    // A link that leads in a circle leads to nothing.
    if (errno(error) === 'ELOOP') return undefined
    throw fileError('file-unreadable', path, error)
  }
}

function typeOf(stat: fs.Stats): FileType {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isFIFO()) return 'fifo'
  if (stat.isSocket()) return 'socket'
  return stat.isCharacterDevice() ? 'character-device' : 'block-device'
}

/** Opens what is a regular file and nothing else: a fifo would wait, a device could do anything. */
function openRegular(path: string): { readonly fd: number; readonly size: number } {
  try {
    const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    const stat = fs.fstatSync(fd)
    if (stat.isFile()) return { fd, size: stat.size }
    fs.closeSync(fd)
    throw new TsaltError('file-unreadable', { path, reason: `it is a ${typeOf(stat)}, not a file` })
  } catch (error) {
    throw fileError('file-unreadable', path, error)
  }
}

/** Whole content of a regular file. @throws TsaltError `file-unreadable`, `file-too-large` */
export function readFile(path: string, limit: number): Uint8Array {
  const { fd, size } = openRegular(path)
  try {
    if (size > limit) throw new TsaltError('file-too-large', { path, limit })
    // Files of /proc and /sys say 0 bytes and have more.
    const content = size === 0 ? readUnsized(fd, path, limit) : fs.readFileSync(fd)
    if (content.length > limit) throw new TsaltError('file-too-large', { path, limit })
    return content
  } catch (error) {
    throw fileError('file-unreadable', path, error)
  } finally {
    fs.closeSync(fd)
  }
}

function readUnsized(fd: number, path: string, limit: number): Buffer {
  const chunks: Buffer[] = []
  for (let total = 0; ; ) {
    const chunk = Buffer.allocUnsafe(65_536)
    const count = fs.readSync(fd, chunk)
    if (count === 0) return Buffer.concat(chunks)
    total += count
    if (total > limit) throw new TsaltError('file-too-large', { path, limit })
    chunks.push(chunk.subarray(0, count))
  }
}

/** @throws TsaltError `file-unreadable` */
function readPart(path: string, offset: number, length: number): Uint8Array {
  const { fd } = openRegular(path)
  try {
    const part = new Uint8Array(length)
    let done = 0
    for (let count = 1; count > 0 && done < length; done += count)
      count = fs.readSync(fd, part, done, length - done, offset + done)
    return part.subarray(0, done)
  } catch (error) {
    throw fileError('file-unreadable', path, error)
  } finally {
    fs.closeSync(fd)
  }
}

/** SHA-256 of a regular file's content, in pieces. @throws TsaltError `file-unreadable` */
export function hashFile(path: string): Sha256 {
  const { fd, size } = openRegular(path)
  try {
    const hash = createHash('sha256')
    const chunk = Buffer.allocUnsafe(Math.min(chunkSize, Math.max(size, 4_096)))
    for (let count = fs.readSync(fd, chunk); count > 0; count = fs.readSync(fd, chunk)) {
      hash.update(chunk.subarray(0, count))
    }
    return hash.digest('hex') as Sha256
  } catch (error) {
    throw fileError('file-unreadable', path, error)
  } finally {
    fs.closeSync(fd)
  }
}

function listDirectory(path: string): string[] {
  try {
    return fs.readdirSync(path).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  } catch (error) {
    throw fileError('file-unreadable', path, error)
  }
}
