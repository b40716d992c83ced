/**
 * Crash-safe replacement of a file. The content goes into `.<name>.<64 random bits>` in the same directory
 * (created exclusively, 0600, on the descriptor of a safely opened parent), gets owner and mode on its
 * descriptor, is synced, checked, and renamed over the old one; then the directory is synced. At every moment
 * the name leads to the whole old content or the whole new one.
 *
 * Extended attributes (ACLs, SELinux labels) are not carried over: Node.js has no call for them; the file gets
 * what its directory hands down by default.
 */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname } from 'node:path'
import { type Clock, systemClock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import { changeOwner, errno, fileError } from './file-errors.ts'
import { openSafeDirectory, type SafeDirectory } from './safe-directory.ts'

export interface AtomicWriteOptions {
  /** Permission bits of the new file, default 0o600. The umask does not matter. */
  readonly mode?: number
  /** Absent: this process's. */
  readonly uid?: number
  readonly gid?: number
  /** False skips every fsync: for caches that can be fetched again. Default true. */
  readonly durable?: boolean
  /** False: the parents are our own (cache, state), not walked one by one. Default true. */
  readonly walk?: boolean
  /** What the content must hash to, when it came from the network. */
  readonly sha256?: Sha256
  /** Only the randomness is used. */
  readonly clock?: Pick<Clock, 'randomHex'>
}

const leftover = /^\.(.+)\.[0-9a-f]{16}$/s

/**
 * Replaces or makes a regular file.
 * @param path absolute; its parents must exist
 * @throws TsaltError `file-unwritable`, `disk-full`, `path-unsafe`, `content-mismatch`; the old file is untouched then
 */
export function writeFileAtomicSync(
  path: string,
  content: Uint8Array | string,
  options: AtomicWriteOptions = {},
): void {
  const replacement = prepareReplacement(path, content, options)
  replacement.commit()
}

/** As writeFileAtomicSync, with a check of the temporary file's path before the rename: a throw refuses the write. */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  options: AtomicWriteOptions & { readonly check?: (temporary: string) => Promise<void> } = {},
): Promise<void> {
  const replacement = prepareReplacement(path, content, options)
  try {
    await options.check?.(replacement.temporary)
  } catch (error) {
    replacement.abort()
    throw error
  }
  replacement.commit()
}

/** A file of secrets: 0600 from the first moment. */
export function writeSecretFile(
  path: string,
  content: Uint8Array | string,
  options: AtomicWriteOptions = {},
): void {
  writeFileAtomicSync(path, content, { ...options, mode: 0o600 })
}

interface Replacement {
  /** Path of the written, not yet renamed file. */
  readonly temporary: string
  commit(): void
  abort(): void
}

function prepareReplacement(
  path: string,
  content: Uint8Array | string,
  options: AtomicWriteOptions,
): Replacement {
  const name = basename(path)
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  verify(path, bytes, options)
  const directory = openSafeDirectory(dirname(path), options.walk ?? true)
  const temporary = `.${shortened(name)}.${(options.clock ?? systemClock).randomHex(8)}`
  const abort = () => {
    fs.rmSync(`${directory.at}/${temporary}`, { force: true })
    directory.close()
  }
  try {
    writeTemporary(path, `${directory.at}/${temporary}`, bytes, options)
  } catch (error) {
    abort()
    throw fileError('file-unwritable', path, error)
  }
  return {
    temporary: `${directory.path === '/' ? '' : directory.path}/${temporary}`,
    abort,
    commit: () => {
      try {
        fs.renameSync(`${directory.at}/${temporary}`, `${directory.at}/${name}`)
      } catch (error) {
        abort()
        throw fileError('file-unwritable', path, error)
      }
      finish(directory, options)
    },
  }
}

function finish(directory: SafeDirectory, options: AtomicWriteOptions): void {
  try {
    if (options.durable ?? true) directory.sync()
  } finally {
    directory.close()
  }
}

function verify(path: string, bytes: Uint8Array, options: AtomicWriteOptions): void {
  if (options.sha256 === undefined) return
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== options.sha256)
    throw new TsaltError('content-mismatch', { path, expected: options.sha256, found })
}

/** The longest name is 255 bytes; the dot, the other dot and 16 digits must still fit. */
function shortened(name: string): string {
  let text = name
  while (Buffer.byteLength(text) > 237) text = Array.from(text).slice(0, -1).join('')
  return text
}

function writeTemporary(
  path: string,
  temporary: string,
  bytes: Uint8Array,
  options: AtomicWriteOptions,
): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants
  const fd = fs.openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    for (let written = 0; written < bytes.length; ) {
      written += fs.writeSync(fd, bytes, written, bytes.length - written)
    }
    giveAway(path, fd, options)
    // After the owner, because a change of owner clears the set-user-id bits.
    fs.fchmodSync(fd, options.mode ?? 0o600)
    if (options.durable ?? true) fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function giveAway(path: string, fd: number, { uid, gid }: AtomicWriteOptions): void {
  if (uid === undefined && gid === undefined) return
  const now = fs.fstatSync(fd)
  if ((uid ?? now.uid) === now.uid && (gid ?? now.gid) === now.gid) return
  changeOwner(path, () => fs.fchownSync(fd, uid ?? now.uid, gid ?? now.gid))
}

/**
 * Removes temporary files that a crash left in a directory, of one target name or of all.
 * @returns the paths removed; a directory that does not exist has none
 */
export function sweepLeftovers(directory: string, name?: string): string[] {
  const removed: string[] = []
  for (const entry of namesIn(directory)) {
    const match = leftover.exec(entry)
    if (!match || (name !== undefined && match[1] !== shortened(name))) continue
    const path = `${directory}/${entry}`
    if (!fs.lstatSync(path, { throwIfNoEntry: false })?.isFile()) continue
    fs.rmSync(path, { force: true })
    removed.push(path)
  }
  return removed
}

function namesIn(directory: string): string[] {
  try {
    return fs.readdirSync(directory)
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return []
    throw fileError('file-unreadable', directory, error)
  }
}
