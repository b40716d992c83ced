/** In a dry run: a unit as earlier states of the run would leave it. */
import type { ServiceState } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'

/** @param unit with its suffix: `app.service` */
export function foreseen<State extends ServiceState | undefined>(
  unit: string,
  now: State,
  run: StateRun,
): State | ServiceState {
  if (!run.test) return now
  let state: State | ServiceState = now
  for (const { state: module, fun, changes } of run.predicted) {
    if (module !== 'systemd' || fun !== 'unit') continue
    const { enabled, started } = changes as { enabled?: readonly string[]; started?: readonly string[] }
    const base: ServiceState = state ?? { ...unwritten }
    if (enabled?.includes(unit)) state = { ...base, exists: true, enabled: true, enablement: 'enabled' }
    if (started?.includes(unit)) state = { ...(state ?? base), exists: true, running: true, active: 'active' }
  }
  return state
}

const unwritten: ServiceState = {
  exists: false,
  running: false,
  active: 'inactive',
  enabled: false,
  enablement: '',
  masked: false,
}
