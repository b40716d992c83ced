/** Acts on the very entry that was looked at, in a directory that was opened without being led astray. */
import * as fs from 'node:fs'
import { basename, dirname, isAbsolute } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { changeOwner } from './file-errors.ts'
import { openSafeDirectory, type SafeDirectory } from './safe-directory.ts'

export interface Ids {
  readonly uid?: number
  readonly gid?: number
}

const O_PATH = 0o10000000
const maximumLinks = 40

/**
 * Acts on an entry of a safely opened directory. A mode belongs to what a trusted link leads to, since links
 * have none; an owner to the entry itself.
 */
export function onEntry(
  path: string,
  followLinks: boolean,
  action: (entry: string) => void,
  links = 0,
): void {
  const directory = openSafeDirectory(dirname(path))
  try {
    const entry = `${directory.at}/${basename(path)}`
    const stat = fs.lstatSync(entry)
    if (!stat.isSymbolicLink()) {
      onDescriptor(entry, (held) => {
        refuseForeignHardLink(path, held, directory)
        action(held)
      })
      return
    }
    if (!followLinks) {
      action(entry)
      return
    }
    if (stat.uid !== 0 && stat.uid !== process.geteuid?.()) {
      throw new TsaltError('path-unsafe', { path, link: path, owner: stat.uid })
    }
    if (links >= maximumLinks) throw new TsaltError('file-unwritable', { path, reason: 'too many links' })
    const target = fs.readlinkSync(entry)
    onEntry(isAbsolute(target) ? target : `${directory.path}/${target}`, true, action, links + 1)
  } finally {
    directory.close()
  }
}

/**
 * Whoever may write a directory can put a hard link to any file of the same disk into it, and would be given that
 * file with the new owner or mode.
 */
function refuseForeignHardLink(path: string, entry: string, directory: SafeDirectory): void {
  const stat = fs.statSync(entry)
  if (!stat.isFile() || stat.nlink === 1) return
  const parent = fs.statSync(`${directory.at}/.`)
  const own = parent.uid === 0 || parent.uid === process.geteuid?.()
  if (own && (parent.mode & 0o022) === 0) return
  throw new TsaltError('path-hard-linked', { path, links: stat.nlink })
}

/** The descriptor pins the very entry that was looked at, even when its name is given to another meanwhile. */
function onDescriptor(entry: string, action: (entry: string) => void): void {
  const fd = fs.openSync(entry, O_PATH | fs.constants.O_NOFOLLOW)
  try {
    action(`/proc/self/fd/${fd}`)
  } finally {
    fs.closeSync(fd)
  }
}

/** Changes the owner where it differs; the mode is kept, as a change of owner clears set-user-id bits. */
export function giveTo(path: string, entry: string, { uid, gid }: Ids): void {
  if (uid === undefined && gid === undefined) return
  const descriptor = entry.startsWith('/proc/self/fd/') && /^\/proc\/self\/fd\/\d+$/.test(entry)
  const now = descriptor ? fs.statSync(entry) : fs.lstatSync(entry)
  if ((uid ?? now.uid) === now.uid && (gid ?? now.gid) === now.gid) return
  const change = descriptor ? fs.chownSync : fs.lchownSync
  changeOwner(path, () => change(entry, uid ?? now.uid, gid ?? now.gid))
  if (!now.isSymbolicLink()) fs.chmodSync(entry, now.mode & 0o7777)
}
