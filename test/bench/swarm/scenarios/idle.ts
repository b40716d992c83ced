/** All connected and nothing to do: memory of the master, and its share of a core with pings on. */
import { setTimeout as pause } from 'node:timers/promises'
import { atMost, noted, type Result } from '../result.ts'
import type { Swarm } from '../swarm.ts'

/** Seconds: the pings of a minute, after what the arrival left to do. */
const calm = 10
const watched = 60

export async function idle(swarm: Swarm): Promise<Result[]> {
  await pause(calm * 1000)
  const before = swarm.master.processorTime()
  const minionsBefore = swarm.minionTime()
  const from = performance.now()
  await pause(watched * 1000)
  const passed = performance.now() - from
  const share = ((swarm.master.processorTime() - before) / passed) * 100
  const theirs = ((swarm.minionTime() - minionsBefore) / passed) * 100
  return [
    atMost(`${swarm.count} connected: master at rest, RSS`, swarm.master.memory(), 'MB', 450),
    atMost(`${swarm.count} connected: master at rest, of a core`, share, '%', 10, 1),
    noted('the minions at rest, of a core', `${theirs.toFixed(1)} %`),
  ]
}
