/** Package files in a cache folder, however deep. */
import * as fs from 'node:fs'
import { join } from 'node:path'

export function rpmFilesUnder(folder: string): string[] {
  if (!fs.existsSync(folder)) return []
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.rpm'))
    .map((file) => join(folder, file))
    .sort()
}

/** Milliseconds since the epoch when the newest file whose name fits was written; undefined: there is none. */
export function newestUnder(folder: string, fits: RegExp): number | undefined {
  if (!fs.existsSync(folder)) return undefined
  const times = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => fits.test(file))
    .flatMap((file) => fs.statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
}
