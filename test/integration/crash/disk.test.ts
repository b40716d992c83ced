/** The disk of a real minion or master fails: refused or reported, then well again. Never a hang, never a crash-loop. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
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

test('logs that cannot be written stop neither daemon', async () => {
  const stage = await Stage.prepare({ master: 'log_level: debug\n' })
  try {
    for (const [root, name] of [
      ['m', 'master'],
      ['w', 'minion'],
    ] as const) {
      const folder = stage.path(`${root}/var/log/tsalt`)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      symlinkSync('/dev/full', `${folder}/${name}`)
    }
    stage.master.start()
    await stage.masterAnswers()
    await stage.configureMinion('log_level: debug\n')
    stage.minion.start()
    await stage.minionAnswers()
    const jid = stage.newJid()
    await stage.submitEffect(jid)
    expect((await stage.ended(jid)).return?.outcome).toBe('done')
    expect([stage.master.lives, stage.minion.lives]).toEqual([true, true])
  } finally {
    await stage.close()
  }
})

describe.skipIf(!straceWorks && process.env['CI'] !== 'true')('a disk that is full at the start', () => {
  /** Moves the state of a stopped daemon to a small disk without any room. */
  function fill(folder: string): void {
    execFileSync('sh', [
      '-ec',
      `cp -a "$1" "$1.kept"; mount -t tmpfs -o size=4m tmpfs "$1"; cp -a "$1.kept/." "$1/"
      cat /dev/zero > "$1/fill" 2>/dev/null || true`,
      'fill',
      folder,
    ])
  }
  const unmount = (folder: string): void => void execFileSync('umount', ['-l', folder])

  test('keeps no minion down: it answers, and runs what it is given when there is room', async () => {
    const stage = await Stage.open()
    const folder = stage.path('w/var/lib/tsalt')
    try {
      await stage.minion.end('SIGKILL')
      fill(folder)
      await stage.restart(stage.minion)
      const jid = stage.newJid()
      await stage.submitEffect(jid)
      rmSync(`${folder}/fill`)
      expect((await stage.ended(jid)).return?.outcome).toBe('done')
      expect(stage.effects(jid)).toBe(1)
    } finally {
      await stage.minion.end('SIGKILL')
      unmount(folder)
      await stage.close()
    }
  })

  test('lets the master say so in a line; with room it starts', async () => {
    const stage = await Stage.open()
    const folder = stage.path('m/var/lib/tsalt')
    try {
      await stage.master.end('SIGTERM')
      fill(folder)
      stage.master.start()
      expect(await stage.master.gone).toBe(1)
      expect(stage.master.said()).toMatch(/ERROR: Cannot use the database .*full/)
      rmSync(`${folder}/fill`)
      await stage.restart(stage.master)
      await stage.minionAnswers()
      const jid = stage.newJid()
      await stage.submitEffect(jid)
      expect((await stage.ended(jid)).return?.outcome).toBe('done')
    } finally {
      await stage.master.end('SIGKILL')
      unmount(folder)
      await stage.close()
    }
  })
})
