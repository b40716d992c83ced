/** Gives an entry another name, or a further one, from directory to directory that were opened safely. */
import * as fs from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { errno } from './file-errors.ts'
import { openSafeDirectory } from './safe-directory.ts'

/** @returns false where the two are on different file systems; nothing was done then */
export function moveEntry(from: string, to: string): boolean {
  const source = openSafeDirectory(dirname(from))
  try {
    const target = openSafeDirectory(dirname(to))
    try {
      const entry = `${target.at}/${basename(to)}`
      if (fs.lstatSync(entry, { throwIfNoEntry: false }))
        throw new TsaltError('file-unwritable', { path: to, reason: 'something is there already' })
      fs.renameSync(`${source.at}/${basename(from)}`, entry)
      target.sync()
      source.sync()
      return true
    } finally {
      target.close()
    }
  } catch (error) {
    if (errno(error) === 'EXDEV') return false
    throw error
  } finally {
    source.close()
  }
}

/** Makes or atomically replaces an entry that is a further name of a regular file. */
export function makeHardLink(path: string, target: string, clock: Pick<Clock, 'randomHex'>): void {
  const source = openSafeDirectory(dirname(target))
  const directory = openSafeDirectory(dirname(path))
  const temporary = `${directory.at}/.${basename(path).slice(0, 100)}.${clock.randomHex(8)}`
  try {
    const entry = `${source.at}/${basename(target)}`
    fs.linkSync(entry, temporary)
    // The link tells what it got: the name may have been given to something else meanwhile.
    if (!fs.lstatSync(temporary).isFile())
      throw new TsaltError('file-unwritable', { path, reason: `${target} is no regular file` })
    fs.renameSync(temporary, `${directory.at}/${basename(path)}`)
    directory.sync()
  } finally {
    fs.rmSync(temporary, { force: true })
    directory.close()
    source.close()
  }
}
