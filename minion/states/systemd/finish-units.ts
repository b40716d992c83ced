/** The end of a run that changed unit files: systemd reads them once, and each unit that ran with one is restarted once. */
import { type Decision, drift, inSync, type StateRun } from '../contract.ts'
import { stillRunning } from '../service/still-running.ts'
import { unfinishedIn } from './unfinished.ts'

/** @param key of the state */
export function leaveToEnd(
  key: string,
  run: StateRun,
  { reload, restarts }: { readonly reload: boolean; readonly restarts: readonly string[] },
): void {
  const unfinished = unfinishedIn(run)
  if (reload) unfinished.reload = true
  if (restarts.length > 0) unfinished.restarts.set(key, restarts)
}

/** In sync where others have done what this state left. */
export function finishUnits(key: string, run: StateRun): Decision {
  const unfinished = unfinishedIn(run)
  const { reload, restarted } = unfinished
  const restarts = (unfinished.restarts.get(key) ?? []).filter((name) => !restarted.has(name))
  // Who restarts has the files read before.
  const others = [...unfinished.restarts.values()].some((names) => names.some((name) => !restarted.has(name)))
  if (restarts.length === 0 && (!reload || others)) return inSync('Nothing is left to do')
  unfinished.reload = false
  for (const name of restarts) restarted.add(name)
  const names = restarts.join(', ')
  const comments =
    restarts.length > 0
      ? { would: `${names} is set to be restarted`, done: `Restarted ${names}` }
      : { would: 'Unit files are set to be read again', done: 'Unit files were read again' }
  return drift(restarts.length > 0 ? { restarted: restarts } : {}, comments, async (act) => {
    if (reload) await act.services.daemonReload()
    for (const name of restarts) await act.services.restart(name)
    const dead: string[] = []
    for (const name of restarts) {
      const after = await stillRunning(name, act)
      if (after?.comment !== undefined) dead.push(after.comment)
    }
    return dead.length > 0 ? { ok: false, comment: dead.join('\n') } : undefined
  })
}
