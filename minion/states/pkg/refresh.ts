/** When the lists of packages are fetched again: as asked, else once in a run before the first installation. */

import type { Changer } from '../../system/changer.ts'
import type { PredictedChange, StateRun } from '../contract.ts'

/** Jobs whose lists are fresh. The signal is the one thing that all changers of a job share. */
const freshJobs = new WeakSet<AbortSignal>()

/** @param refresh as the state says; not given: once in a run */
export async function refreshLists(refresh: boolean | undefined, act: Changer): Promise<void> {
  if (refresh === false || (refresh === undefined && freshJobs.has(act.signal))) return
  await act.packages.refresh()
  freshJobs.add(act.signal)
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
