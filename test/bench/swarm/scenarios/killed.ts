/** `kill -9` of the master with a job on its way, and another accepted as soon as it answers again. */
import { setTimeout as pause } from 'node:timers/promises'
import type { JobId } from '../../../../shared/ids.ts'
import { atMost, noted, type Result } from '../result.ts'
import type { Swarm } from '../swarm.ts'

const longest = 180

export async function killed(swarm: Swarm): Promise<Result[]> {
  const { master } = swarm
  const before = await swarm.report()
  const first = await submit(swarm)
  await pause(300)
  const from = performance.now()
  await master.end('SIGKILL')
  await swarm.until('everybody to notice', longest, async ({ connected }) => connected === 0)
  await master.start()
  const up = performance.now() - from
  // Nobody, or hardly anybody, is there yet.
  const second = await submit(swarm)
  await swarm.allConnected(longest)
  const back = performance.now() - from
  for (const jid of [first, second]) await swarm.everyReturn(jid, longest)
  const done = performance.now() - from
  const after = await swarm.report()
  const applied = new Map(after.applied)
  const wrong = [first, second].filter((jid) => applied.get(jid) !== swarm.count)
  return [
    atMost('killed with -9: all back after', back / 1000, 's', 60, 1),
    atMost('jobs that were not applied once by each', wrong.length, 'jobs', 0),
    atMost('faults of minions', after.faults - before.faults, 'faults', 0),
    noted('the master answers again after', `${(up / 1000).toFixed(1)} s`),
    noted('both jobs stored for everybody after', `${(done / 1000).toFixed(1)} s`),
    noted('connections tried', `${after.attempts - before.attempts}`),
    noted('deliveries that came again', `${after.repeated - before.repeated}`),
    noted('master afterwards, RSS', `${master.memory()} MB`),
  ]
}

async function submit(swarm: Swarm): Promise<JobId> {
  const jid = swarm.newJid()
  const target = { kind: 'glob', expression: '*' } as const
  await swarm.master.client.submit({ target, fun: 'test.ping', args: [], kwargs: {}, jid })
  return jid
}
