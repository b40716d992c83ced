/** The disk of a real minion or master fails: refused or reported, then well again. Never a hang, never a crash-loop. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stage } from '../stage/stage.ts'
import { Strace, straceWorks } from '../stage/strace.ts'

const writing = 'pwrite64,fdatasync,fsync,ftruncate'

describe.skipIf(!straceWorks && process.env['CI'] !== 'true')('a disk that fails', () => {
  /** Jobs are submitted while the calls fail and after; each ends once, and the process is the same one. */
  async function survives(
    who: 'master' | 'minion',
    stage: Stage,
    calls: string,
    what: string,
  ): Promise<string[]> {
    const daemon = stage[who]
    const { starts, pid } = daemon
    const strace = await Strace.attach(pid, { calls, what })
    const jids = [stage.newJid(), stage.newJid(), stage.newJid()]
    const submitted = Promise.all(jids.map((jid) => stage.submitEffect(jid)))
    await new Promise((done) => setTimeout(done, 400))
    await strace.detach()
    await submitted
    const outcomes: string[] = []
    for (const jid of jids) {
      const { status, strays, return: result } = await stage.ended(jid)
      expect({ status, strays }).toEqual({ status: 'returned', strays: undefined })
      outcomes.push(result?.outcome ?? 'none')
      expect(stage.effects(jid)).toBe(result?.outcome === 'done' ? 1 : 0)
    }
    expect({ starts: daemon.starts, pid: daemon.pid, lives: daemon.lives }).toEqual({
      starts,
      pid,
      lives: true,
    })
    return outcomes
  }

  const allDone = ['done', 'done', 'done']

  // At once, since most of it is waiting: for the master to repeat a delivery, for the minion to try its disk again.
  test.concurrent.each([
    [writing, 'error=ENOSPC:when=1'],
    [writing, 'error=ENOSPC:when=2'],
    [writing, 'error=EIO:when=3'],
    [writing, 'error=ENOSPC:when=4'],
    [writing, 'error=EIO:when=1+'],
    ['fdatasync', 'error=EIO:when=1+2'],
  ])('of the minion, %s: %s', async (calls, what) => {
    const stage = await Stage.open()
    try {
      expect(await survives('minion', stage, calls, what)).toEqual(allDone)
    } finally {
      await stage.close()
    }
  })

  describe('one after the other', () => {
    let stage: Stage
    beforeAll(async () => {
      stage = await Stage.open()
    })
    afterAll(() => stage?.close())

    const failures = ['ENOSPC', 'EIO'].flatMap((error) =>
      ['when=1', 'when=2', 'when=3', 'when=4', 'when=1+'].map((when) => `error=${error}:${when}`),
    )
    test.each(failures)('of the master: %s', async (what) => {
      expect(await survives('master', stage, writing, what)).toEqual(allDone)
    })

    test('of a minion that starts: it comes up all the same, and takes jobs when there is room', async () => {
      await stage.minion.end('SIGKILL')
      stage.minion.start()
      const strace = await Strace.attach(stage.minion.pid, { calls: writing, what: 'error=ENOSPC:when=1+' })
      await stage.minionAnswers()
      await strace.detach()
      const jid = stage.newJid()
      await stage.submitEffect(jid)
      expect((await stage.ended(jid)).return?.outcome).toBe('done')
      expect(stage.effects(jid)).toBe(1)
    })
  })
})
