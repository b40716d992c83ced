/** The token of `--join`, read from a file or from standard input: what stands in argv, everybody on the machine can read. */
import { readFileSync } from 'node:fs'
import { TsaltError } from '../../shared/errors/error.ts'

/** @param word a file, or `-`; undefined: not given. @throws TsaltError `join-token-in-argv`, `config-unreadable` */
export function readToken(word: string | undefined): string | undefined {
  if (word === undefined) return undefined
  if (word.startsWith('tsalt1:')) throw new TsaltError('join-token-in-argv', {})
  try {
    return readFileSync(word === '-' ? 0 : word, 'utf8').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'there is no such file' : (code ?? String(error))
    const file = word === '-' ? 'standard input' : word
    const hint =
      'Write what "tsalt-key --token" on the master prints into that file, readable for this user alone.'
    throw new TsaltError('config-unreadable', { file, reason }, { cause: error, hint })
  }
}
