/** What is to be enabled, started, stopped and restarted for a unit or the instances of a template. */
import { isTsaltError } from '../../../shared/errors/error.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader, ServiceState } from '../../system/reader.ts'
import type { Applied, StateRun } from '../contract.ts'
import { settle } from '../service/settle.ts'
import { stillRunning } from '../service/still-running.ts'
import { foreseen } from './foreseen.ts'
import { instanceOf, isOfTemplate, isTemplate } from './unit-name.ts'

export interface UnitWish {
  readonly name: string
  readonly instances?: readonly string[]
  readonly instances_clean: boolean
  readonly enable?: boolean
  readonly running?: boolean
}

export interface ServicePlan {
  readonly disable: readonly string[]
  readonly stop: readonly string[]
  readonly enable: readonly string[]
  readonly start: readonly string[]
  /** What runs and goes on running: to be restarted where its file changed. */
  readonly running: readonly string[]
  /** systemd has read a file of the unit, or of one of its instances. */
  readonly known: boolean
  /** Units that were to be enabled or to run, and are masked. */
  readonly masked: readonly string[]
}

/** @returns undefined where systemd does not run (an image that is being built) and nothing is asked of it */
export async function planServices(
  wish: UnitWish,
  look: Reader,
  run: StateRun,
): Promise<ServicePlan | undefined> {
  try {
    return await plan(wish, look, run)
  } catch (error) {
    const isAsked = wish.enable !== undefined || wish.running !== undefined || wish.instances !== undefined
    if (isAsked || !isTsaltError(error) || error.code !== 'service-manager-absent') throw error
    return undefined
  }
}

async function plan(wish: UnitWish, look: Reader, run: StateRun): Promise<ServicePlan> {
  const template = isTemplate(wish.name)
  const wanted = template
    ? (wish.instances ?? []).map((instance) => instanceOf(wish.name, instance))
    : [wish.name]
  const others = template ? (await instancesOf(wish.name, look)).filter((one) => !wanted.includes(one)) : []
  const all = await look.services.states([...wanted, ...others])
  const stateOf = (unit: string): ServiceState | undefined => foreseen(unit, all.get(unit), run)
  const enable = wish.enable ?? (template ? true : undefined)
  const wantsRunning = wish.running ?? (template ? true : undefined)
  const gone = wish.instances_clean ? others : []
  const stays = [...wanted, ...(wish.instances_clean ? [] : others)]
  const runs = (unit: string): boolean => isActive(stateOf(unit))
  const fixed = (unit: string): boolean => stateOf(unit)?.enablement === 'static'
  return {
    disable: [
      ...gone.filter((unit) => stateOf(unit)?.enabled),
      ...(enable === false ? wanted.filter((unit) => stateOf(unit)?.enabled) : []),
    ],
    stop: [...gone.filter(runs), ...(wantsRunning === false ? wanted.filter(runs) : [])],
    enable:
      enable === true
        ? wanted.filter((unit) => stateOf(unit)?.enabled !== true && !fixed(unit) && !stateOf(unit)?.masked)
        : [],
    start: wantsRunning === true ? wanted.filter((unit) => !runs(unit) && !stateOf(unit)?.masked) : [],
    running: wantsRunning === false ? [] : stays.filter(runs),
    known: stays.some((unit) => stateOf(unit)?.exists),
    masked: enable === true || wantsRunning === true ? wanted.filter((unit) => stateOf(unit)?.masked) : [],
  }
}

const isActive = (state: ServiceState | undefined): boolean =>
  state !== undefined && (state.running || state.active === 'activating')

/** Those that systemd has loaded, and those that start with the machine. */
export async function instancesOf(template: string, look: Reader): Promise<string[]> {
  const found = new Set<string>()
  for (const name of await look.services.list()) {
    const unit = /\.[a-z]+$/.test(name) ? name : `${name}.service`
    if (isOfTemplate(template, unit)) found.add(unit)
  }
  const folder = '/etc/systemd/system'
  const folders = (await look.files.infoFollowed(folder)) ? await look.files.list(folder) : []
  for (const wants of folders.filter((name) => /\.(?:wants|requires)$/.test(name)))
    for (const name of await look.files.list(`${folder}/${wants}`))
      if (isOfTemplate(template, name)) found.add(name)
  return [...found].sort()
}

export const hasWork = ({ disable, stop, enable, start }: ServicePlan): boolean =>
  disable.length + stop.length + enable.length + start.length > 0

/** In the shape of the state's changes. */
export function serviceChanges({ disable, stop, enable, start }: ServicePlan): Record<string, string[]> {
  const all = { disabled: disable, stopped: stop, enabled: enable, started: start }
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, units]) => units.length > 0)
      .map(([verb, units]) => [verb, [...units]]),
  )
}

export async function actOnServices(
  { disable, stop, enable, start }: ServicePlan,
  initDelay: number | undefined,
  act: Changer,
): Promise<Applied | undefined> {
  for (const unit of disable) await act.services.disable(unit)
  for (const unit of stop) await act.services.stop(unit)
  for (const unit of new Set([...enable, ...start])) {
    // A file that systemd has never read is read when it is first named: most new units need no reload.
    if (!(await act.look.services.needsReload(unit))) continue
    await act.services.daemonReload()
    break
  }
  for (const unit of enable) await act.services.enable(unit)
  for (const unit of start) await act.services.start(unit)
  if (start.length === 0) return undefined
  if (initDelay !== undefined) await settle(initDelay, act.signal)
  const dead: string[] = []
  for (const unit of start) {
    const after = await stillRunning(unit, act)
    if (after?.comment !== undefined) dead.push(after.comment)
  }
  return dead.length > 0 ? { ok: false, comment: dead.join('\n') } : undefined
}
