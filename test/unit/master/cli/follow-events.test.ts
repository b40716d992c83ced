import { afterEach, expect, it } from 'vitest'
import { followEvents, type ShownEvent } from '../../../../master/cli/follow-events.ts'
import { connectMaster } from '../../../../master/cli/master-client.ts'
import { type ScriptedMaster, scriptedMaster } from './scripted-master.ts'

let master: ScriptedMaster | undefined
afterEach(async () => {
  await master?.close()
  master = undefined
})

it('takes another connection where nothing comes on one, and misses and repeats nothing', async () => {
  let sequence = 0
  master = await scriptedMaster(() => ({
    stream: (send) => {
      sequence += 1
      send({ type: 'event', sequence, tag: 'a', at: 0, data: null } as never)
      // And no word more, without an end.
    },
  }))
  const stop = new AbortController()
  const seen: ShownEvent[] = []
  let told = ''
  const console = {
    err(text: string) {
      told += text
    },
  }
  const wanted = { tags: [], follow: true, quiet: 200 }
  for await (const event of followEvents(connectMaster(master.socket), console, wanted, stop.signal)) {
    seen.push(event)
    if (seen.length === 3) stop.abort()
  }
  expect(seen.map((event) => event.sequence)).toEqual([1, 2, 3])
  expect(master.asked.map(({ path }) => /after=(\d+)/.exec(path)?.[1])).toEqual([undefined, '1', '2'])
  expect(told).toContain('The connection to the master is lost')
})
