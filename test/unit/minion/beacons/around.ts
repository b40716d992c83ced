/** What watches get in tests: a clock that is moved by hand, services as plain data, and the real machine for the rest. */

import type { Surroundings, Watch } from '../../../../minion/beacons/contract.ts'
import { readBeacon } from '../../../../minion/beacons/entry.ts'
import type { ServiceState } from '../../../../minion/system/reader.ts'
import { type Clock, systemClock } from '../../../../shared/clock.ts'
import { type Plain, toPlain, toValue } from '../../../../shared/data/value.ts'
import { silentLogger } from '../../../../shared/log.ts'
import { runGroup } from '../../../../shared/process-group.ts'

export class TestSurroundings implements Surroundings {
  readonly id = 'web1'
  readonly log = silentLogger()
  running = new Set<string>()
  held = false
  monotonic = 0
  readonly clock: Clock = { ...systemClock, monotonic: () => this.monotonic }
  readonly services = {
    states: async (names: readonly string[]) =>
      new Map(names.map((name) => [name, { running: this.running.has(name) } as ServiceState])),
  } as unknown as Surroundings['services']
  readonly run: Surroundings['run'] = async (argv, options) => {
    const given = { cwd: '/', env: { PATH: process.env['PATH'] ?? '' }, maxOutput: 1_000_000 }
    return runGroup(argv as readonly string[], {
      ...given,
      stdinContent: options?.stdin,
      timeout: options?.timeout,
    })
  }
  grains = () => new Map()
  pillar = () => new Map()
  isHeld = (): boolean => this.held
}

export async function opened(name: string, config: Plain, around = new TestSurroundings()): Promise<Watch> {
  return (await readBeacon(name, toValue(config), () => undefined)).open(around)
}

/** Sights as plain data. */
export async function seen(watch: Watch): Promise<unknown[]> {
  return (await watch.look()).map(({ tag, data }) => [tag ?? '', toPlain(data)])
}
