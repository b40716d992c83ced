/** When the lists of packages are fetched again: as asked, else once in a run before the first installation. */

import { isTsaltError } from '../../../shared/errors/error.ts'
import type { Changer } from '../../system/changer.ts'
import type { PredictedChange, StateRun } from '../contract.ts'

/** Jobs whose lists are fresh. The signal is the one thing that all changers of a job share. */
const freshJobs = new WeakSet<AbortSignal>()

/**
 * @param refresh as the state says; not given: once in a run
 * @returns why the lists could not be fetched, where nobody asked for it in words: what is known may still do
 */
export async function refreshLists(refresh: boolean | undefined, act: Changer): Promise<string | undefined> {
  if (refresh === false || (refresh === undefined && freshJobs.has(act.signal))) return undefined
  freshJobs.add(act.signal)
  try {
    await act.packages.refresh()
    return undefined
  } catch (error) {
    if (refresh === true || !isTsaltError(error)) throw error
    return error.message
  }
}

/** In a dry run: an earlier state would change where packages come from, so what is not to be had now may be. */
export function sourcesMayChange(run: StateRun): PredictedChange | undefined {
  if (!run.test) return undefined
  return run.predicted.find(
    ({ state, name }) =>
      state === 'pkgrepo' ||
      state === 'cmd' ||
      (state === 'file' && /^\/etc\/(?:apt|yum|dnf|zypp|pacman)/.test(name)),
  )
}
