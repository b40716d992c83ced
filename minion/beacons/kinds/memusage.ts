/** Beacon `memusage`: how much of the memory is in use, from a share on. */
import { readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { PyFloat } from '../../../shared/data/value.ts'
import type { BeaconKind } from '../contract.ts'

/** In percent, as psutil counts: what is not available for programs. */
export function usedShare(meminfo: string): number | undefined {
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(meminfo)?.[1] ?? Number.NaN)
  const total = kilobytes('MemTotal')
  const available = kilobytes('MemAvailable')
  return total > 0 && available >= 0 ? ((total - available) / total) * 100 : undefined
}

function usedNow(): number {
  try {
    const share = usedShare(readFileSync('/proc/meminfo', 'utf8'))
    if (share !== undefined) return share
  } catch {
    // Not Linux.
  }
  return ((totalmem() - freemem()) / totalmem()) * 100
}

export const memusage: BeaconKind = {
  summary: 'Memory in use, from a share on.',
  interval: 5,
  read(fields) {
    fields.only(['percent'])
    const limit = fields.number('percent', { most: 100, percent: true })
    if (limit === undefined) throw fields.mistake('"percent" is missing', undefined, 'As in: percent: 85%')
    return () => ({
      async look() {
        const used = Math.round(usedNow() * 10) / 10
        return used < limit ? [] : [{ data: new Map([['memusage', new PyFloat(used)]]) }]
      },
    })
  },
}
