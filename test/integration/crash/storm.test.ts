/** Fifty minions that lose their master at once: all come back, and what was accepted meanwhile reaches each once. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobId } from '../../../shared/ids.ts'
import { SimulatedMinion } from '../stage/simulated-minion.ts'
import { Stage, until } from '../stage/stage.ts'

const count = 50
let stage: Stage
let minions: SimulatedMinion[] = []

beforeAll(async () => {
  stage = await Stage.prepare()
  stage.master.start()
  await stage.masterAnswers()
  const ids = Array.from({ length: count }, (_, index) => `sim${index}`)
  minions = await Promise.all(
    ids.map((id, index) => SimulatedMinion.join(stage, id, { repeats: 1 + (index % 3) })),
  )
  await allBack()
})
afterAll(async () => {
  await Promise.all(minions.map((minion) => minion.stop()))
  await stage?.close()
})

async function allBack(): Promise<number> {
  const from = performance.now()
  await until('all minions to be connected', 20, async () => {
    const found = await stage.client.targets({ kind: 'glob', expression: 'sim*' }).catch(() => undefined)
    return found?.targets.filter(({ connected }) => connected).length === count || undefined
  })
  return Math.round(performance.now() - from)
}

async function endedEverywhere(jid: JobId): Promise<void> {
  const job = await until(`${jid} to end on all`, 30, async () => {
    const found = await stage.client.job(jid).catch(() => undefined)
    return found?.targets.every(({ status }) => status === 'returned') ? found : undefined
  })
  expect(job.targets).toHaveLength(count)
  for (const { id, return: result, strays } of job.targets)
    expect({ id, ret: result?.ret, strays }).toEqual({ id, ret: id, strays: undefined })
  for (const { applied } of minions) expect(applied.get(jid)).toBe(1)
}

test('acknowledgements and returns that come up to three times are one record each', async () => {
  const jid = stage.newJid()
  await stage.submit(jid, 'test.ping', [])
  await endedEverywhere(jid)
})

test('the master is killed five times with jobs on their way', async () => {
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const before = stage.newJid()
    await stage.submit(before, 'test.ping', [])
    await new Promise((done) => setTimeout(done, round * 8))
    await stage.master.end('SIGKILL')
    await stage.restart(stage.master)
    // Some minions are back, others not yet.
    const during = stage.newJid()
    await stage.submit(during, 'test.ping', [])
    times.push(await allBack())
    await endedEverywhere(before)
    await endedEverywhere(during)
  }
  process.stdout.write(`50 minions back after ms: ${times.join(' ')}\n`)
  expect(Math.max(...times)).toBeLessThan(5_000)
})
