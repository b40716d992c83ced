/** Whether a service still runs some time after its start: a unit may start and die at once, and the log says why. */
import type { Changer } from '../../system/changer.ts'
import type { Applied } from '../contract.ts'
import { stateOf } from './lookup.ts'
import { settle } from './settle.ts'

/** Seconds, and milliseconds between two looks. */
const usualTimeout = 3
const pause = 200

/**
 * @param timeout seconds for a service that is still starting
 * @returns undefined where it does; a oneshot unit is done when it has started, and only "failed" is a failure then
 */
export async function stillRunning(
  name: string,
  act: Changer,
  timeout = usualTimeout,
): Promise<Applied | undefined> {
  let after = await stateOf(name, act.look)
  for (let left = timeout * 1000; after.active === 'activating' && left > 0; left -= pause) {
    await settle(pause / 1000, act.signal)
    after = await stateOf(name, act.look, true)
  }
  if (after.running || after.active === 'activating' || after.active === 'reloading') return undefined
  if (after.active === 'inactive') return undefined
  const log = await act.look.services.recentLog(name, 10)
  return { ok: false, comment: `Service ${name} is ${after.active} after its start:\n${log}` }
}
