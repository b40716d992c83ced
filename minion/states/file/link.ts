/** Where a path leads through symbolic links: writing has to replace the file, not the link to it. */
import { dirname, resolve } from 'node:path'
import type { FileInfo, Reader } from '../../system/reader.ts'

export interface Resolved {
  /** The path behind the last link; the path itself where it is no link. */
  readonly path: string
  /** What is there; undefined for nothing (also behind a dangling link). */
  readonly info: FileInfo | undefined
}

const mostLinks = 40

export async function resolveLinks(path: string, look: Reader): Promise<Resolved> {
  let current = path
  for (let step = 0; step < mostLinks; step++) {
    const info = await look.files.info(current)
    if (info?.type !== 'symlink' || info.target === undefined) return { path: current, info }
    current = resolve(dirname(current), info.target)
  }
  return { path: current, info: undefined }
}
