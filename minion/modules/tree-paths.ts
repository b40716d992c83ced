/** What the tree holds. */
import { isTsaltError } from '../../shared/errors/error.ts'
import type { Reader } from '../system/reader.ts'

/** Paths of all files of an environment, sorted; none where there is no such environment. */
export async function treePaths(look: Reader, environment: string): Promise<string[]> {
  try {
    return (await look.sources.tree('salt://', environment)).files.map(({ path }) => path)
  } catch (error) {
    if (isTsaltError(error) && error.code === 'source-missing') return []
    throw error
  }
}
