/** `kill -9` of the real programs at one system call after the other: every job ends once, applied at most once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobId } from '../../../shared/ids.ts'
import type { Daemon } from '../stage/daemon.ts'
import { Stage } from '../stage/stage.ts'
import { Strace, straceWorks } from '../stage/strace.ts'

describe.skipIf(!straceWorks && process.env['CI'] !== 'true')('killed at the Nth system call', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await Stage.open()
  })
  afterAll(() => stage?.close())

  async function endedOnce(jid: JobId): Promise<string> {
    const { status, strays, return: result } = await stage.ended(jid)
    const outcome = result?.outcome ?? 'none'
    expect({ status, strays }).toEqual({ status: 'returned', strays: undefined })
    expect(['done', 'interrupted']).toContain(outcome)
    const effects = stage.effects(jid)
    expect(effects).toBeLessThanOrEqual(1)
    if (outcome === 'done') expect(effects).toBe(1)
    return outcome
  }

  /** One job under a watched daemon. @returns its end, and whether the daemon was killed on the way */
  async function round(
    daemon: Daemon,
    calls: string,
    nth: number,
  ): Promise<{ killed: boolean; outcome: string }> {
    const jid = stage.newJid()
    const strace = await Strace.attach(daemon.pid, { calls, what: `signal=SIGKILL:when=${nth}` })
    const submitted = stage.submitEffect(jid)
    const settled = stage.ended(jid).catch(() => undefined)
    await Promise.race([daemon.gone, submitted.then(() => settled)])
    // What follows the return: the minion's note that the master has it.
    if (daemon.lives) await Promise.race([daemon.gone, new Promise((done) => setTimeout(done, 150))])
    const killed = !daemon.lives
    if (killed) await stage.restart(daemon)
    else await strace.detach()
    await submitted
    return { killed, outcome: await endedOnce(jid) }
  }

  async function sweep(daemon: Daemon, calls: string, numbers: readonly number[]): Promise<string[]> {
    const seen: string[] = []
    for (const nth of numbers) {
      const { killed, outcome } = await round(daemon, calls, nth)
      if (!killed) break
      seen.push(outcome)
    }
    return seen
  }

  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

  test.each([
    ['fdatasync,fsync', upTo(8)],
    ['pwrite64', upTo(8)],
    ['write,writev,sendto,sendmsg', [1, 2, 3, 4, 5, 7, 9, 12, 15, 20]],
  ])('the minion, at %s', async (calls, numbers) => {
    const seen = await sweep(stage.minion, calls, numbers)
    process.stdout.write(`minion killed at ${calls}: ${seen.join(' ')}\n`)
    expect(seen.length).toBeGreaterThan(3)
  })

  test.each([
    ['fdatasync,fsync', upTo(8)],
    ['pwrite64', [1, 2, 3, 5, 7, 9, 12, 16, 20, 25]],
    ['write,writev,sendto,sendmsg', [1, 2, 3, 4, 5, 7, 9, 12]],
  ])('the master, at %s', async (calls, numbers) => {
    const seen = await sweep(stage.master, calls, numbers)
    process.stdout.write(`master killed at ${calls}: ${seen.join(' ')}\n`)
    expect(seen.length).toBeGreaterThan(2)
  })
})
