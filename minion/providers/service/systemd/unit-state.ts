/** Reads what `systemctl show` says of units: blocks of `Key=value` lines, one for each unit asked, in order. */
import type { ServiceState } from '../../../system/reader.ts'

export const properties = [
  'Id',
  'Names',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'NeedDaemonReload',
] as const

export type UnitProperties = Readonly<Partial<Record<string, string>>>

export function parseBlocks(text: string): UnitProperties[] {
  return text
    .split(/\n\n+/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map((block) => {
      const found: Record<string, string> = {}
      for (const line of block.split('\n')) {
        const equals = line.indexOf('=')
        if (equals > 0) found[line.slice(0, equals)] = line.slice(equals + 1)
      }
      return found
    })
}

export const absentService: ServiceState = {
  exists: false,
  running: false,
  active: 'inactive',
  enabled: false,
  enablement: '',
  masked: false,
}

const enabledStates = new Set(['enabled', 'enabled-runtime', 'alias'])
const runningStates = new Set(['active', 'reloading', 'activating', 'refreshing'])

export function serviceState(unit: UnitProperties): ServiceState {
  const load = unit.LoadState ?? ''
  const enablement = unit.UnitFileState ?? ''
  const masked = load === 'masked' || enablement.startsWith('masked')
  const active = unit.ActiveState ?? 'inactive'
  return {
    exists: masked || (load !== 'not-found' && load !== ''),
    running: runningStates.has(active),
    active,
    enabled: enabledStates.has(enablement),
    enablement: masked ? 'masked' : enablement,
    masked,
  }
}

const unitName = /^[A-Za-z0-9:_.\\@-]{1,255}$/
const unitType = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/

/** `nginx` → `nginx.service`; undefined where no unit can be called so. */
export function unitOf(name: string): string | undefined {
  if (!unitName.test(name) || name.startsWith('-')) return undefined
  return unitType.test(name) ? name : `${name}.service`
}

/** `getty@.service`: a template, of which only instances can run. */
export function isTemplate(unit: string): boolean {
  return /@\.[a-z]+$/.test(unit)
}
