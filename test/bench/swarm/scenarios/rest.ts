/** A while of nothing, so that what a scenario before it left behind can be seen. */
import { setTimeout as pause } from 'node:timers/promises'
import { noted, type Result } from '../result.ts'
import type { Swarm } from '../swarm.ts'

export async function rest(swarm: Swarm): Promise<Result[]> {
  await pause(12_000)
  return [noted('after a while of nothing: master, RSS', `${swarm.master.memory()} MB`)]
}
