/**
 * The one way to open a file of a tree: beneath its root, a regular file, and both checked again on the open
 * descriptor, so that a folder swapped for a link between the look and the opening leads nowhere.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { isTreePath } from '../../shared/protocol/fields.ts'

export interface OpenFile {
  readonly fd: number
  readonly stats: Stats
}

/** `root` and `real` as real paths. The separator keeps `/srv/salt-secret` out of `/srv/salt`. */
export function isBeneath(root: string, real: string): boolean {
  return real.startsWith(root === '/' ? '/' : `${root}/`)
}

/**
 * @param root a real path @param path as in a manifest; links in it are followed as long as they stay beneath the root
 * @returns an open descriptor that the caller closes
 * @throws TsaltError `path-outside-root`, `tree-file-unreadable`
 */
export function openBeneath(root: string, path: string): OpenFile {
  if (!isTreePath(path)) throw new TsaltError('path-outside-root', { path: path.slice(0, 200) })
  const file = join(root, path)
  let fd: number
  try {
    const real = realpathSync(file)
    if (!isBeneath(root, real)) throw new TsaltError('path-outside-root', { path })
    // Not blocking: opening a FIFO must not hang the master.
    fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (error instanceof TsaltError) throw error
    throw unreadable(file, error)
  }
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile())
      throw new TsaltError('tree-file-unreadable', { file, reason: 'it is not a regular file' })
    if (!isBeneath(root, pathOfDescriptor(fd, file))) throw new TsaltError('path-outside-root', { path })
    return { fd, stats }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Where the kernel says that a descriptor leads; where there is no /proc the name is resolved once more. */
function pathOfDescriptor(fd: number, file: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return realpathSync(file)
  }
}

function unreadable(file: string, error: unknown): TsaltError {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error)
  return new TsaltError('tree-file-unreadable', { file, reason }, { cause: error })
}
