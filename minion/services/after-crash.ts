/** What a process that was killed left half-written is removed before anybody works here again. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { sweepLeftovers } from '../system/atomic-file.ts'
import { sweepAfterCrash } from '../system/undo-journal.ts'

/**
 * Beside the files that jobs were changing, in the undo journals, the cache, the state and the key folders. With the
 * lock held and before any job runs. A folder that cannot be looked through is logged and keeps what it has.
 */
export function removeLeftovers(
  options: Pick<MinionOptions, 'state_dir' | 'cachedir' | 'pki_dir'>,
  grainsFile: string,
  log: Logger,
): void {
  const undo = join(options.state_dir, 'undo')
  const blobs = join(options.cachedir, 'blobs')
  const sweeps = [
    () => sweepAfterCrash(undo),
    () => sweepLeftovers(dirname(grainsFile), 'grains'),
    ...[
      options.pki_dir,
      options.state_dir,
      join(options.state_dir, 'synced', 'grains'),
      join(options.cachedir, 'manifests'),
      join(options.cachedir, 'downloads'),
      ...foldersIn(blobs),
      ...foldersIn(undo).map((job) => join(job, 'images')),
    ].map((folder) => () => sweepLeftovers(folder)),
  ]
  const removed = sweeps.flatMap((sweep) => {
    try {
      return sweep()
    } catch (error) {
      log.warn({ err: error }, 'could not look for files that a crash left behind')
      return []
    }
  })
  if (removed.length > 0) log.warn({ removed }, 'removed half-written files that a crash left behind')
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name))
  } catch {
    // Not there: nothing was ever kept in it.
    return []
  }
}
