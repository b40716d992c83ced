/** A copy of what is to be written, for a check that wants it in a folder of its own or with a certain ending. */
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { WriteOptions } from './changer.ts'
import { fileError } from './file-errors.ts'

/**
 * Gone when the work has ended. Only the minion's user can read it, whoever else may write to the folder.
 * @throws TsaltError `file-unwritable` where the folder takes no file
 */
export async function withCopy<Result>(
  content: Uint8Array,
  { folder = '/tmp', ending = '' }: NonNullable<WriteOptions['checkCopy']>,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = join(folder, `tsalt-${randomBytes(12).toString('hex')}${ending}`)
  let fd: number
  try {
    // Nothing that is there already, nor where a link leads.
    fd = fs.openSync(path, 'wx', 0o600)
  } catch (error) {
    throw fileError('file-unwritable', path, error)
  }
  try {
    try {
      fs.writeFileSync(fd, content)
    } catch (error) {
      throw fileError('file-unwritable', path, error)
    } finally {
      fs.closeSync(fd)
    }
    return await work(path)
  } finally {
    fs.rmSync(path, { force: true })
  }
}
