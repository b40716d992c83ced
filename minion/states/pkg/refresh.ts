/** When the lists of packages are fetched again: as asked, else once in a run before the first installation. */

import { isTsaltError } from '../../../shared/errors/error.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { PredictedChange, StateRun } from '../contract.ts'

/** Jobs whose lists are fresh. The signal is the one thing that all changers of a job share. */
const freshJobs = new WeakMap<AbortSignal, Promise<void>>()

/**
 * @param refresh as the state says; not given: once in a run
 * @param validSeconds younger lists are good enough
 * @returns why the lists could not be fetched, where nobody asked for it in words: what is known may still do
 */
export async function refreshLists(
  refresh: boolean | undefined,
  act: Changer,
  validSeconds?: number,
): Promise<string | undefined> {
  if (refresh === false) return undefined
  const age = validSeconds === undefined ? undefined : await act.look.packages.listsAge?.()
  if (age !== undefined && age < (validSeconds ?? 0)) return undefined
  const earlier = freshJobs.get(act.signal)
  if (refresh === undefined && earlier !== undefined) {
    // Of a state that is called at the same time; whether it worked is told there.
    await earlier.catch(() => undefined)
    return undefined
  }
  const fetching = act.packages.refresh()
  freshJobs.set(act.signal, fetching)
  try {
    await fetching
    return undefined
  } catch (error) {
    if (refresh === true || !isTsaltError(error)) throw error
    return error.message
  }
}

/**
 * In a dry run: why what no source offers now may be there in the real run. undefined: nothing will bring it.
 * @param names for the reason
 */
export async function mayBeOffered(
  names: string,
  refresh: boolean | undefined,
  look: Reader,
  run: StateRun,
): Promise<string | undefined> {
  if (!run.test) return undefined
  const source = sourcesMayChange(run)
  if (source)
    return `no source offers ${names} yet; ${source.state}.${source.fun} ${source.id} may change that`
  if (refresh === true)
    return `no source offers ${names} yet; the lists of packages are fetched in the real run`
  if (refresh === undefined && (await look.packages.sourcesRead?.()) === false)
    return `no list of packages was ever fetched here; the real run fetches them before it looks for ${names}`
  return undefined
}

/** In a dry run: an earlier state would change where packages come from, so what is not to be had now may be. */
function sourcesMayChange(run: StateRun): PredictedChange | undefined {
  if (!run.test) return undefined
  return run.predicted.find(
    ({ state, name }) =>
      state === 'pkgrepo' ||
      state === 'cmd' ||
      (state === 'file' && /^\/etc\/(?:apt|yum|dnf|zypp|pacman)/.test(name)),
  )
}
