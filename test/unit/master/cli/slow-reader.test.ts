import { afterEach, describe, expect, it } from 'vitest'
import { ran } from './recorded-console.ts'
import {
  job,
  jobScript,
  returned,
  type Script,
  type ScriptedMaster,
  scriptedMaster,
  target,
} from './scripted-master.ts'

let master: ScriptedMaster | undefined
afterEach(async () => {
  await master?.close()
  master = undefined
})

const ids = Array.from({ length: 50 }, (_, index) => `m${index}`)
const all = ids.map((id) => returned(id, true))
const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** A reader that takes its time for each piece. `written`: how often it was asked while it was behind. */
function reader(pace: () => Promise<void>) {
  const seen = { waits: 0, together: 0 }
  let waiting = 0
  const drained = async (): Promise<void> => {
    seen.waits++
    waiting++
    seen.together = Math.max(seen.together, waiting)
    await pace()
    waiting--
  }
  return { seen, drained }
}

describe('a slow reader of standard output', () => {
  it('is waited for behind every return, and has everything at the end', async () => {
    const { seen, drained } = reader(() => sleep(1))
    master = await scriptedMaster(jobScript(all))
    const result = await ran(master.socket, ['tsalt', '*', 'test.ping', '--out', 'json'], { drained })
    expect(result.out).toBe(ids.map((id) => `{\n    "${id}": true\n}\n`).join(''))
    expect(result.code).toBe(0)
    expect(seen).toEqual({ waits: ids.length, together: 1 })
  })

  it('is waited for within one document', async () => {
    const { seen, drained } = reader(() => sleep(1))
    master = await scriptedMaster(jobScript(all))
    const words = ['tsalt', '*', 'test.ping', '--out', 'json', '--static']
    const result = await ran(master.socket, words, { drained })
    expect(JSON.parse(result.out)).toEqual(Object.fromEntries(ids.map((id) => [id, true])))
    expect(seen.waits).toBeGreaterThanOrEqual(ids.length)
    expect(seen.together).toBe(1)
  })

  it('makes no minion silent whose return waits behind what it has not read', async () => {
    const two = [returned('a', true), returned('b', true)]
    const script: Script = (asked) => {
      if (!asked.path.endsWith('/follow')) return jobScript(two)(asked)
      return {
        stream: async (send, response) => {
          send({ type: 'job', job: job([target('a'), target('b')]) })
          send({ type: 'target', target: returned('a', true) })
          await sleep(1_600)
          send({ type: 'target', target: returned('b', true) })
          send({ type: 'end' })
          response.end()
        },
      }
    }
    let first = true
    const { drained } = reader(async () => {
      if (first) await sleep(2_000)
      first = false
    })
    master = await scriptedMaster(script)
    const result = await ran(master.socket, ['tsalt', '*', 'test.ping', '-t', '1'], { drained })
    expect(result).toMatchObject({ code: 0, out: 'a:\n    True\nb:\n    True\n', err: '' })
  })

  it('does not hold Ctrl-C', async () => {
    master = await scriptedMaster(jobScript(all))
    const result = await ran(master.socket, ['tsalt', '*', 'test.ping', '--out', 'json'], {
      drained: () => new Promise(() => undefined),
      onListening: (interrupt) => setTimeout(interrupt, 100),
    })
    expect(result.code).toBe(130)
    expect(result.out).toBe('{\n    "m0": true\n}\n')
  })
})
