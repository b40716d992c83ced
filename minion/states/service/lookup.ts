/** What every service function asks first: does the unit exist, or may an earlier state of a dry run bring it. */
import { nearest } from '../../../shared/data/nearest.ts'
import type { Reader, ServiceState } from '../../system/reader.ts'
import { type Decision, failed, type StateRun, unknown } from '../contract.ts'

export async function stateOf(name: string, look: Reader): Promise<ServiceState> {
  const states = await look.services.states([name])
  return states.get(name) ?? absentService
}

const absentService: ServiceState = {
  exists: false,
  running: false,
  active: 'inactive',
  enabled: false,
  enablement: '',
  masked: false,
}

/** The decision for a unit that does not exist: not to be told yet in a dry run, a failure otherwise. */
export async function missingUnit(name: string, look: Reader, run: StateRun): Promise<Decision> {
  const bringer = run.test ? run.predicted.find((change) => mayBringUnit(change.state)) : undefined
  if (bringer)
    return unknown(
      `the service ${name} does not exist yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`,
    )
  const near = nearest(
    name,
    (await look.services.list()).map((unit) => unit.replace(/\.service$/, '')),
  )
  return failed(
    `The named service ${name} is not available${near === undefined ? '' : `; did you mean ${near}?`}`,
  )
}

const mayBringUnit = (state: string): boolean => state === 'pkg' || state === 'file' || state === 'cmd'
