/** One entry of an archive, and the laws that its path has to keep. */
import { posix } from 'node:path'
import { TsaltError } from '../../../shared/errors/error.ts'

export interface ArchiveEntry {
  readonly type: 'file' | 'directory' | 'symlink'
  /** Relative, without `.` and a slash at the end. */
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  readonly content: Uint8Array
  /** Of a symlink. */
  readonly target: string
}

/** @throws TsaltError `archive-unsafe` for a path that leads out of the place of extraction */
export function safePath(written: string, archive: string): string {
  const unsafe = (reason: string): TsaltError =>
    new TsaltError('archive-unsafe', { archive, entry: written, reason })
  if (written.includes('\0')) throw unsafe('has a NUL character in its name')
  if (written.startsWith('/')) throw unsafe('has an absolute path')
  const steps = written.split('/').filter((step) => step !== '' && step !== '.')
  if (steps.includes('..')) throw unsafe('leads out of the archive')
  return steps.join('/')
}

/**
 * A link may point anywhere inside; an entry behind a link of the same archive would be written to wherever it points.
 * @throws TsaltError `archive-unsafe`
 */
export function refuseUnsafe(entries: readonly ArchiveEntry[], archive: string): void {
  const links = new Map(
    entries.filter(({ type }) => type === 'symlink').map(({ path, target }) => [path, target]),
  )
  for (const [path, target] of links) {
    const led = posix.normalize(posix.join(posix.dirname(path), target))
    if (target.startsWith('/') || led === '..' || led.startsWith('../'))
      throw new TsaltError('archive-unsafe', {
        archive,
        entry: path,
        reason: `is a link to ${target}, outside of the archive`,
      })
  }
  for (const { path, type } of entries) {
    for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent))
      if (links.has(parent))
        throw new TsaltError('archive-unsafe', {
          archive,
          entry: path,
          reason: `lies behind the link ${parent} of the same archive`,
        })
    if (type !== 'symlink' && links.has(path))
      throw new TsaltError('archive-unsafe', { archive, entry: path, reason: 'is a link and something else' })
  }
}

/** Drops the first `count` steps; what has no more than them is left out, as tar does. */
export function stripped(entries: readonly ArchiveEntry[], count: number): ArchiveEntry[] {
  if (count === 0) return [...entries]
  return entries.flatMap((entry) => {
    const path = entry.path.split('/').slice(count).join('/')
    return path === '' ? [] : [{ ...entry, path }]
  })
}
