/** service.dead: a service that does not run. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText, seconds, text } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader, ServiceState } from '../../system/reader.ts'
import { type Applied, type Decision, drift, inSync, stateFunction } from '../contract.ts'
import { stateOf } from './lookup.ts'
import { settle } from './settle.ts'

/** Seconds. */
const usualTimeout = 3
const pause = 0.2

const args = v.strictObject({
  name: needed(nonEmptyText, 'The service; `nginx` means `nginx.service`.'),
  enable: optional(flag, 'False: do not start with the machine; True: do; not given: leave as it is.'),
  init_delay: optional(seconds, 'Seconds to wait before looking whether it is gone.'),
  timeout: optional(seconds, 'Seconds to wait for a service that is still stopping. Default 3.'),
  no_block: defaulted(flag, false, 'Do not wait for the end, nor look whether it came.'),
  sig: optional(text, 'Accepted for trees of Salt; the init system is asked, not the list of processes.'),
})
type DeadArguments = v.InferOutput<typeof args>

export const dead = stateFunction({
  summary: 'Makes sure that a service does not run.',
  args,
  ignored: ['reload', 'restart', 'full_restart', 'unmask', 'unmask_runtime'],
  examples: ['apache2:\n  service.dead:\n    - enable: False\n'],
  check,
  refresh: check,
})

async function check(wanted: DeadArguments, look: Reader): Promise<Decision> {
  const { name, enable } = wanted
  const state = await stateOf(name, look)
  if (!state.exists) return inSync(`The named service ${name} is not available`)
  const enablement = enablementChange(enable, state)
  if (!isActive(state) && enablement === undefined) return inSync(`The service ${name} is already dead`)
  const word = enablement ? 'enabled' : 'disabled'
  const comments = isActive(state)
    ? { would: `Service ${name} is set to be killed`, done: `Service ${name} was killed` }
    : { would: `Service ${name} is set to be ${word}`, done: `Service ${name} has been ${word}, and is dead` }
  return drift({ [name]: true }, comments, async (act) => {
    if (enablement !== undefined) await (enablement ? act.services.enable(name) : act.services.disable(name))
    return isActive(state) ? stop(wanted, act) : undefined
  })
}

const isActive = (state: ServiceState): boolean => state.running || state.active === 'activating'

function enablementChange(enable: boolean | undefined, state: ServiceState): boolean | undefined {
  const isFixed = state.enablement === 'static' || state.masked
  return enable === undefined || enable === state.enabled || isFixed ? undefined : enable
}

async function stop(wanted: DeadArguments, act: Changer): Promise<Applied | undefined> {
  const { name, init_delay, no_block, timeout = usualTimeout } = wanted
  await act.services.stop(name, { block: !no_block })
  if (init_delay !== undefined) await settle(init_delay, act.signal)
  if (no_block) return undefined
  let after = await stateOf(name, act.look)
  for (let left = timeout; isActive(after) && left > 0; left -= pause) {
    await settle(pause, act.signal)
    after = await stateOf(name, act.look, true)
  }
  return isActive(after)
    ? { ok: false, comment: `Service ${name} still runs after it was stopped` }
    : undefined
}
