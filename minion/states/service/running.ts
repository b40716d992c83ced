/** service.running: a service that runs, and on request starts with the machine. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText, seconds, text } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader, ServiceState } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
} from '../contract.ts'
import { foreseen } from '../systemd/foreseen.ts'
import { noteRestart } from '../systemd/unfinished.ts'
import { missingUnit, stateOf, unitOf, unitWillExist } from './lookup.ts'
import { settle } from './settle.ts'
import { stillRunning } from './still-running.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'The service; `nginx` means `nginx.service`.'),
  enable: optional(flag, 'True: start with the machine; False: do not; not given: leave as it is.'),
  reload: defaulted(flag, false, 'When a watched state changed: reload instead of restart.'),
  full_restart: defaulted(flag, false, 'When a watched state changed: stop and start instead of restart.'),
  force: defaulted(flag, false, 'With `reload`: restart where the service cannot reload.'),
  restart: defaulted(flag, true, 'Accepted for trees of Salt; a watched change always restarts or reloads.'),
  unmask: defaulted(flag, false, 'Unmask the service first.'),
  unmask_runtime: defaulted(
    flag,
    false,
    'Take away a mask that lasts until the next start of the machine, and leave others.',
  ),
  init_delay: optional(seconds, 'Seconds to wait after the start before looking whether it still runs.'),
  sig: optional(text, 'Accepted for trees of Salt; the init system is asked, not the list of processes.'),
  timeout: optional(seconds, 'Seconds to wait for a service that is still starting. Default 3.'),
  no_block: defaulted(flag, false, 'Do not wait for the start, nor look whether it worked.'),
})
type RunningArguments = v.InferOutput<typeof args>

export const running = stateFunction({
  summary: 'Makes sure that a service runs.',
  args,
  examples: [
    'redis-server:\n  service.running:\n    - enable: True\n    - watch:\n      - file: /etc/redis/redis.conf\n\n/etc/redis/redis.conf:\n  file.managed:\n    - source: salt://redis/redis.conf\n',
    'nginx:\n  service.running:\n    - enable: True\n    - reload: True\n',
  ],
  check,
  refresh,
})

async function check(wanted: RunningArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const state = foreseen(unitOf(name), await stateOf(name, look), run)
  if (!state.exists && !state.masked && !unitWillExist(name, run)) return missingUnit(name, look, run)
  if (state.masked && !wanted.unmask && !wanted.unmask_runtime)
    return failed(`The service ${name} is masked; give "unmask: True" to start it`)
  const enablement = enablementChange(wanted.enable, state)
  if (state.running && enablement === undefined && !state.masked)
    return inSync(`The service ${name} is already running`)
  return drift(
    { [name]: true },
    { would: wouldComment(name, state, enablement), done: doneComment(name, state, enablement) },
    async (act) => {
      if (state.masked) await act.services.unmask(name, wanted.unmask ? {} : { runtime: true })
      if (enablement !== undefined) await setEnablement(name, enablement, act)
      return state.running ? undefined : start(wanted, act)
    },
  )
}

/** What `enable` asks to change. Static units have no [Install] section: nothing can be enabled there. */
function enablementChange(enable: boolean | undefined, state: ServiceState): boolean | undefined {
  if (enable === undefined || enable === state.enabled || state.enablement === 'static') return undefined
  return enable
}

async function setEnablement(name: string, enable: boolean, act: Changer): Promise<void> {
  if (await act.look.services.needsReload(name)) await act.services.daemonReload()
  await (enable ? act.services.enable(name) : act.services.disable(name))
}

async function start(wanted: RunningArguments, act: Changer): Promise<Applied | undefined> {
  const { name } = wanted
  if (await act.look.services.needsReload(name)) await act.services.daemonReload()
  await act.services.start(name, { block: !wanted.no_block })
  return settled(wanted, act)
}

async function settled({ name, init_delay, no_block, timeout }: RunningArguments, act: Changer) {
  if (init_delay !== undefined) await settle(init_delay, act.signal)
  return no_block ? undefined : stillRunning(name, act, timeout)
}

function wouldComment(name: string, state: ServiceState, enablement: boolean | undefined): string {
  if (!state.running) return `Service ${name} is set to start`
  if (enablement === undefined) return `Service ${name} is set to be unmasked`
  return `Service ${name} is set to be ${enablement ? 'enabled' : 'disabled'}`
}

function doneComment(name: string, state: ServiceState, enablement: boolean | undefined): string {
  const word = enablement ? 'enabled' : 'disabled'
  if (state.running)
    return `Service ${name} has been ${enablement === undefined ? 'unmasked' : word}, and is in the desired state`
  return enablement === undefined
    ? `Started service ${name}`
    : `Service ${name} has been ${word}, and is running`
}

async function refresh(wanted: RunningArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const state = foreseen(unitOf(name), await stateOf(name, look), run)
  if (!state.exists && !state.masked && !unitWillExist(name, run)) return missingUnit(name, look, run)
  if (!state.running) {
    return drift(
      { [name]: true },
      { would: 'Service is set to be started', done: 'Service started' },
      (act) => start(wanted, act),
    )
  }
  const verb = wanted.reload ? 'reloaded' : 'restarted'
  if (!wanted.reload) noteRestart(name, run)
  return drift(
    { [name]: true },
    { would: `Service is set to be ${verb}`, done: `Service ${verb}` },
    async (act) => {
      if (await act.look.services.needsReload(name)) await act.services.daemonReload()
      await again(wanted, act)
      return settled(wanted, act)
    },
  )
}

async function again(wanted: RunningArguments, act: Changer): Promise<void> {
  const { name, reload, full_restart, force, no_block } = wanted
  const options = { block: !no_block }
  if (reload && force && act.services.forceReload) return act.services.forceReload(name)
  if (reload) return act.services.reload(name, options)
  if (!full_restart) return act.services.restart(name, options)
  await act.services.stop(name)
  await act.services.start(name, options)
}
