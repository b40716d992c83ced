/** What every service function asks first: does the unit exist, or may an earlier state of a dry run bring it. */
import { nearest } from '../../../shared/data/nearest.ts'
import type { Reader, ServiceState } from '../../system/reader.ts'
import { type Decision, failed, type PredictedChange, type StateRun, unknown } from '../contract.ts'

/** @param fresh as it is now, whatever was known a moment ago */
export async function stateOf(name: string, look: Reader, fresh = false): Promise<ServiceState> {
  const states = await look.services.states([name], { fresh })
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

/** In a dry run: an earlier state writes the file of this very unit, so the real run will find it, stopped. */
export function unitWillExist(name: string, run: StateRun): boolean {
  return run.test && run.predicted.some((change) => writesUnit(change, name))
}

/** The decision for a unit that does not exist: not to be told yet in a dry run, a failure otherwise. */
export async function missingUnit(name: string, look: Reader, run: StateRun): Promise<Decision> {
  const bringer = run.test ? likelyBringer(name, run) : undefined
  if (bringer)
    return unknown(
      `the service ${name} does not exist yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`,
    )
  const near = nearest(
    name,
    (await look.services.list()).map((unit) => unit.replace(/\.service$/, '')),
  )
  return failed(
    `The named service ${name} is not available`,
    near === undefined
      ? 'Install the package that brings it (and require it), or write its unit in an earlier state.'
      : `Did you mean "${near}"?`,
  )
}

const unitFolders = /^(?:\/(?:etc|run|lib|usr\/lib|usr\/local\/lib)\/systemd\/system|\/etc\/init\.d)(?:\/|$)/
const unitSuffix = /\.(?:service|timer|socket|path|mount|automount|swap|target|slice)$/

function writesUnit({ state, fun, name: path }: PredictedChange, name: string): boolean {
  if (state === 'systemd' && fun === 'unit') return unitFiles(name).has(path)
  if (state !== 'file' || (fun !== 'managed' && fun !== 'symlink') || !unitFolders.test(path)) return false
  return unitFiles(name).has(path.slice(path.lastIndexOf('/') + 1))
}

/** `nginx` means `nginx.service`. */
export const unitOf = (name: string): string => (unitSuffix.test(name) ? name : `${name}.service`)

/** `app`: app.service, and the init script app; `app@one`: also app@.service. */
function unitFiles(name: string): ReadonlySet<string> {
  const unit = unitOf(name)
  return new Set([name, unit, unit.replace(/@[^.]*(?=\.)/, '@')])
}

/**
 * The earlier state that most probably brings the unit: one that writes it, a package of that name, what the state
 * requires, any package, a tree of units, a command. Other files bring no unit, and nothing else is named.
 */
function likelyBringer(name: string, run: StateRun): PredictedChange | undefined {
  const required = new Set((run.required ?? []).map(({ state, id }) => `${state} ${id}`))
  const wishes: ((change: PredictedChange) => boolean)[] = [
    (change) => writesUnit(change, name),
    (change) => installs(change) && packagesOf(change).some((one) => alike(one, name)),
    (change) => mayBring(change) && required.has(`${change.state} ${change.id}`),
    installs,
    mayBring,
  ]
  for (const wish of wishes) {
    const found = run.predicted.find(wish)
    if (found) return found
  }
  return undefined
}

const installs = ({ state, fun }: PredictedChange): boolean =>
  state === 'pkg' && (fun === 'installed' || fun === 'latest')
const mayBring = (change: PredictedChange): boolean =>
  installs(change) || change.state === 'cmd' || (change.state === 'file' && unitFolders.test(change.name))

function packagesOf({ id, name, changes }: PredictedChange): string[] {
  const named = typeof changes === 'object' && changes !== null ? Object.keys(changes) : []
  return [id, name, ...named]
}

const alike = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one)
