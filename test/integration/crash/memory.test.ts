/** What the real programs weigh after much work and after a long absence of the master. */
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { SimulatedMinion } from '../stage/simulated-minion.ts'
import { Stage, until } from '../stage/stage.ts'

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))
/**
 * Megabytes of a minion at rest: 60 is promised, and measured by the benchmark. How many of the pages of Node.js itself are
 * resident hangs on what else runs on the machine (38 to 41), so what is its own is held more tightly.
 */
const atRest = 65
const ownAtRest = 25
setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
let stage: Stage
afterEach(() => stage?.close())

test('a minion that tries a thousand times to reach its master does not grow', async () => {
  stage = await Stage.open({ minion: 'recon_default: 1\nrecon_max: 2\nlog_level: debug\n' })
  const attempts = (): number =>
    readFileSync(stage.path('w/var/log/tsalt/minion'), 'utf8').split('No connection to the master').length - 1
  /** Megabytes at rest, when the master is back after so many attempts: in their midst there is garbage. */
  const after = async (number: number): Promise<number> => {
    await stage.master.end('SIGKILL')
    await until(`${number} attempts`, 50, async () => {
      await pause(100)
      return attempts() >= number || undefined
    })
    await stage.restart(stage.master)
    await stage.minionAnswers()
    await pause(3_000)
    return stage.minion.memory()
  }
  // The first thousand fill what the allocator keeps (10 MB); after them 1,000 and 5,000 weigh the same.
  const before = await after(1_000)
  const now = await after(3_000)
  process.stdout.write(`minion after 1,000 and ${attempts()} attempts: ${before} and ${now} MB\n`)
  expect(now - before).toBeLessThan(8)
})

test('three thousand attempts leave nothing on the heap', async () => {
  stage = await Stage.prepare()
  stage.master.start()
  await stage.masterAnswers()
  const minion = await SimulatedMinion.join(stage, 'sim', { reconMax: 1 })
  await stage.master.end('SIGKILL')
  const heapAfter = async (number: number): Promise<number> => {
    await until(`${number} attempts`, 100, async () => minion.attempts >= number || undefined)
    collectGarbage()
    await pause(20)
    collectGarbage()
    return process.memoryUsage().heapUsed / 1e6
  }
  const before = await heapAfter(500)
  const now = await heapAfter(3_500)
  process.stdout.write(
    `heap after 500 and ${minion.attempts} attempts: ${before.toFixed(2)}, ${now.toFixed(2)} MB\n`,
  )
  await minion.stop()
  expect(now - before).toBeLessThan(1.5)
  // A busy machine makes an attempt in 20 ms.
}, 240_000)

test('a master with 2,000 jobs behind it, and the minion that ran them, are as small as before', async () => {
  stage = await Stage.open()
  const run = async (jobs: number): Promise<void> => {
    for (let done = 0; done < jobs; done += 50) {
      const jids = Array.from({ length: 50 }, () => stage.newJid())
      await Promise.all(jids.map((jid) => stage.submit(jid, 'test.ping', [])))
      await Promise.all(jids.slice(-1).map((jid) => stage.ended(jid)))
    }
  }
  await run(500)
  const before = stage.master.memory()
  await run(1_500)
  await pause(2_500)
  const now = { master: stage.master.memory(), minion: stage.minion.memory() }
  process.stdout.write(`after 500 jobs: master ${before} MB; after 2,000: ${JSON.stringify(now)}\n`)
  // The collector runs when it pleases: by hand it was seen to rise to 124 MB and to be back at 84 after 3,500 jobs.
  expect(now.master).toBeLessThan(150)
  expect(now.minion).toBeLessThan(atRest)
})

test('after 200 state runs the minion is below 60 MB at rest, its master below 110', async () => {
  stage = await Stage.open({ states: { 'top.yaml': "base: {'*': [web]}\n" } })
  const file = (index: number): string =>
    `f${index}:\n  file.managed:\n    - name: ${stage.path(`f${index}`)}\n    - contents: x${index}\n`
  stage.writeState('web.yaml', Array.from({ length: 20 }, (_, index) => file(index)).join(''))
  for (let number = 0; number < 200; number++) {
    const jid = stage.newJid()
    await stage.submit(jid, 'state.highstate', [])
    const { return: result } = await stage.ended(jid)
    expect(result?.retcode).toBe(0)
  }
  await pause(3_000)
  const now = { master: stage.master.memory(), minion: stage.minion.memory(), own: stage.minion.ownMemory() }
  process.stdout.write(`after 200 highstates: ${JSON.stringify(now)}\n`)
  expect(now.minion).toBeLessThan(atRest)
  expect(now.own).toBeLessThan(ownAtRest)
  expect(now.master).toBeLessThan(110)
})
