/** What has to happen so that a repository is as wished: files with their content before and after. */
import type { Plain } from '../../../shared/data/value.ts'
import type { Changer } from '../../system/changer.ts'
import { type TextFile, writeTextFile } from '../text-file.ts'

export interface RepositoryPlan {
  readonly kind: 'plan'
  /** Empty: it is as wished. */
  readonly changes: Readonly<Record<string, Plain>>
  apply(act: Changer): Promise<void>
}

/** @param after undefined: the file goes */
export async function writeRepositoryFile(
  file: TextFile,
  after: string | undefined,
  act: Changer,
): Promise<void> {
  if (after === undefined) await act.files.remove(file.path)
  else await writeTextFile(file, after, act, { mode: 0o644 })
}
