/** Turns an errno of a file operation into an error that names the path and says what to do. */
import { TsaltError } from '../../shared/errors/error.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  EEXIST: 'it exists already',
  ENOTEMPTY: 'the directory is not empty',
  EBUSY: 'it is in use (a mount point?)',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'input/output error of the disk',
  ETXTBSY: 'the program is running',
  EXDEV: 'it is on another file system',
}

export function errno(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** A TsaltError is passed on; ENOSPC and EDQUOT become `disk-full`. */
export function fileError(
  code: 'file-unreadable' | 'file-unwritable',
  path: string,
  error: unknown,
): TsaltError {
  if (error instanceof TsaltError) return error
  const number = errno(error)
  if (number === 'ENOSPC' || number === 'EDQUOT') {
    return new TsaltError('disk-full', { path }, { cause: error })
  }
  const known = number === undefined ? undefined : reasons[number]
  const reason = known ?? (error instanceof Error ? error.message : String(error))
  return new TsaltError(code, { path, reason }, { cause: error })
}

/** Runs a change of owner; where only root may make it, the error says so. @throws TsaltError `file-unwritable` */
export function changeOwner(path: string, change: () => void): void {
  try {
    change()
  } catch (error) {
    if (errno(error) !== 'EPERM') throw error
    const reason = 'only root can give it to another user or group'
    throw new TsaltError('file-unwritable', { path, reason }, { cause: error })
  }
}
