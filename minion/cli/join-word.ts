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
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    const file = word === '-' ? 'standard input' : word
    throw new TsaltError('config-unreadable', { file, reason }, { cause: error })
  }
}
