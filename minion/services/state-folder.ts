/** The folder of the minion's state: its own alone, and one that can be written. */
import { accessSync, constants } from 'node:fs'
import { describeError, isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { ensureSecretFolder } from '../../shared/pki/secret-file.ts'

/** @throws TsaltError `state-directory-unusable` */
export function useFolder(folder: string): void {
  try {
    ensureSecretFolder(folder)
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    if (isTsaltError(error) && error.code === 'secret-file-loose') throw error
    const { code } = isTsaltError(error) ? { code: undefined } : (error as NodeJS.ErrnoException)
    throw new TsaltError('state-directory-unusable', { folder, reason: code ?? describeError(error) })
  }
}
