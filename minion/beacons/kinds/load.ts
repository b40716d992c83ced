/** Beacon `load`: the averages of the machine's load, where one is outside of its limits. */
import { loadavg } from 'node:os'
import { PyFloat, type Value } from '../../../shared/data/value.ts'
import type { BeaconKind, Sight, Watch } from '../contract.ts'
import type { Fields } from '../fields.ts'

const spans = ['1m', '5m', '15m'] as const
type Averages = Readonly<Record<(typeof spans)[number], number>>
type Limits = Partial<Record<(typeof spans)[number], readonly [number, number]>>

interface Settings {
  readonly limits: Limits
  readonly onChangeOnly: boolean
  readonly emitAtStartup: boolean
}

function settingsOf(fields: Fields): Settings {
  fields.only(['averages', 'onchangeonly', 'emitatstartup', ...spans])
  // Salt had them beside the others once.
  const from = fields.has('averages') ? fields.inner('averages') : fields
  if (from !== fields) from.only(spans)
  const limits: Limits = {}
  for (const span of spans) {
    const pair = from.pair(span)
    if (pair) limits[span] = pair
  }
  if (Object.keys(limits).length === 0)
    throw fields.mistake(
      '"averages" with limits for 1m, 5m or 15m is missing',
      undefined,
      'As in: averages: {1m: [0.0, 2.0]}',
    )
  return {
    limits,
    onChangeOnly: fields.flag('onchangeonly', false),
    emitAtStartup: fields.flag('emitatstartup', true),
  }
}

/** Which spans are outside of their limits. */
const outside = (averages: Averages, limits: Limits): string =>
  spans
    .filter((span) => {
      const [lower, upper] = limits[span] ?? [0, Number.POSITIVE_INFINITY]
      return averages[span] < lower || averages[span] > upper
    })
    .join()

/** @param ask answers the three averages, as the machine has them */
export function loadWatch(settings: Settings, ask: () => number[]): Watch {
  let before: string | undefined
  return {
    async look() {
      const [one = 0, five = 0, fifteen = 0] = ask()
      const averages = { '1m': one, '5m': five, '15m': fifteen }
      const now = outside(averages, settings.limits)
      const isFirst = before === undefined
      const last = before ?? ''
      before = now
      if (!settings.onChangeOnly) return now === '' ? [] : [sightOf(averages)]
      if (isFirst && !settings.emitAtStartup) return []
      return now === last ? [] : [sightOf(averages)]
    },
  }
}

const rounded = (number: number): Value => new PyFloat(Math.round(number * 100) / 100)
const sightOf = (averages: Averages): Sight => ({
  data: new Map(spans.map((span) => [span, rounded(averages[span])])),
})

export const load: BeaconKind = {
  summary: 'Load averages outside of their limits.',
  interval: 5,
  read(fields) {
    const settings = settingsOf(fields)
    return () => loadWatch(settings, loadavg)
  },
}
