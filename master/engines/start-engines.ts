/** Starts what works in the background of the master, and ends it in the opposite order. */

import type { Settings } from '../settings/settings.ts'
import type { EngineServices, RunningEngine } from './contract.ts'
import { engines } from './registry.ts'

/** @throws TsaltError where the configuration of one is wrong; those before it have been stopped then */
export async function startEngines(
  services: EngineServices,
  settings: Pick<Settings, 'follow'>,
): Promise<RunningEngine> {
  const running: RunningEngine[] = []
  const stop = async (): Promise<void> => {
    for (const engine of running.splice(0).reverse()) await engine.stop()
  }
  try {
    for (const engine of engines) {
      const log = services.log.child({ engine: engine.name })
      settings.follow(() => () => {
        log.level = services.log.level
      })
      const started = await engine.start({ ...services, log })
      if (started) running.push(started)
      if (started?.prepare) settings.follow(started.prepare)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}
