/**
 * Opens a directory without being led astray: every component is opened on the descriptor of the one before,
 * without following links. A link on the way is followed only where root or this process owns it, so a user
 * who may write a parent cannot redirect what root writes (the systems' own `/var/run` → `/run` still works).
 */
import * as fs from 'node:fs'
import { TsaltError } from '../../shared/errors/error.ts'
import { fileError } from './file-errors.ts'

/** O_PATH of Linux; node:fs does not name it. */
const O_PATH = 0o10000000
const openFlags = fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW | O_PATH
const maximumLinks = 40

export interface SafeDirectory {
  /** Prefix of entries, such that they are looked up in this very directory: `${at}/${name}`. */
  readonly at: string
  /** The directory's path as it was found, links resolved. */
  readonly path: string
  /** Makes the names in the directory durable. */
  sync(): void
  close(): void
}

/**
 * Opens an absolute directory path.
 * @param walk false: the path is one of our own (cache, state), opened as it stands.
 * @throws TsaltError `file-unwritable` (missing, not a directory), `path-unsafe` (through another's link)
 */
export function openSafeDirectory(path: string, walk = true): SafeDirectory {
  if (!walk || process.platform !== 'linux' || !procIsMounted()) return plainDirectory(path)
  return walkTo(path)
}

let mounted: boolean | undefined
function procIsMounted(): boolean {
  mounted ??= fs.existsSync('/proc/self/fd')
  return mounted
}

function plainDirectory(path: string): SafeDirectory {
  return { at: path === '/' ? '' : path, path, sync: () => syncDirectory(path, path), close: () => undefined }
}

function walkTo(path: string): SafeDirectory {
  let todo = path.split('/').filter((part) => part !== '' && part !== '.')
  let done: string[] = []
  let links = 0
  let fd = fs.openSync('/', openFlags)
  try {
    while (todo.length > 0) {
      const [name = '', ...rest] = todo
      const here = `/proc/self/fd/${fd}/${name}`
      const opened = openComponent(here, path)
      if (opened !== undefined) {
        fs.closeSync(fd)
        fd = opened
        done = name === '..' ? done.slice(0, -1) : [...done, name]
        todo = rest
        continue
      }
      if (++links > maximumLinks) throw new TsaltError('file-unwritable', { path, reason: 'too many links' })
      const target = trustedTarget(here, `/${[...done, name].join('/')}`, path)
      todo = [...target.split('/').filter((part) => part !== '' && part !== '.'), ...rest]
      if (target.startsWith('/')) {
        fs.closeSync(fd)
        fd = fs.openSync('/', openFlags)
        done = []
      }
    }
  } catch (error) {
    fs.closeSync(fd)
    throw error
  }
  const held = fd
  const at = `/proc/self/fd/${held}`
  const found = `/${done.join('/')}`
  return { at, path: found, sync: () => syncDirectory(`${at}/.`, path), close: () => fs.closeSync(held) }
}

/** undefined: a link is there. */
function openComponent(here: string, path: string): number | undefined {
  try {
    return fs.openSync(here, openFlags)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // O_PATH|O_NOFOLLOW|O_DIRECTORY on a link answers ENOTDIR, as on any other non-directory.
    if ((code === 'ENOTDIR' || code === 'ELOOP') && isLink(here)) return undefined
    throw fileError('file-unwritable', path, error)
  }
}

function isLink(here: string): boolean {
  return fs.lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

function trustedTarget(here: string, link: string, path: string): string {
  const owner = fs.lstatSync(here).uid
  if (owner !== 0 && owner !== process.geteuid?.()) throw new TsaltError('path-unsafe', { path, link, owner })
  return fs.readlinkSync(here)
}

function syncDirectory(at: string, path: string): void {
  try {
    const fd = fs.openSync(at, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
    try {
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // Some filesystems refuse fsync on directories; there the names are as durable as they get.
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw fileError('file-unwritable', path, error)
  }
}
