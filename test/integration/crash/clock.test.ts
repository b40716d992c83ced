/** A minion whose clock is a day off enrols, connects and runs; it says so, and nothing else is different. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Stage } from '../stage/stage.ts'

const library = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`)
  .find(existsSync)

test.skipIf(library === undefined && process.env['CI'] !== 'true').each(['+1d', '-1d'])(
  '%s',
  async (step) => {
    const stage = await Stage.prepare()
    try {
      stage.master.start()
      await stage.masterAnswers()
      await stage.configureMinion()
      stage.minion.start({ LD_PRELOAD: library, FAKETIME: step, FAKETIME_DONT_FAKE_MONOTONIC: '1' })
      await stage.minionAnswers()
      const jid = stage.newJid()
      await stage.submitEffect(jid)
      expect(await stage.ended(jid, 10)).toMatchObject({ status: 'returned', return: { outcome: 'done' } })
      expect(stage.effects(jid)).toBe(1)
      const log = readFileSync(stage.path('w/var/log/tsalt/minion'), 'utf8')
      expect(log).toMatch(step.startsWith('+') ? /"seconds":-86\d{3}/ : /"seconds":86\d{3}/)
      expect(log).toContain("The master's clock differs from this one")
    } finally {
      await stage.close()
    }
  },
)

test.skipIf(library === undefined && process.env['CI'] !== 'true')(
  'a clock that is set a day on or back under a connected minion neither delays nor expires a job',
  async () => {
    const stage = await Stage.prepare()
    const file = stage.path('faketime')
    const set = (step: string): void => writeFileSync(file, `${step}\n`)
    try {
      set('+0d')
      stage.master.start()
      await stage.masterAnswers()
      await stage.configureMinion()
      const fake = {
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      }
      stage.minion.start({ LD_PRELOAD: library, ...fake })
      await stage.minionAnswers()
      for (const step of ['+1d', '-1d', '+0d']) {
        set(step)
        const jid = stage.newJid()
        await stage.submitEffect(jid)
        expect(await stage.ended(jid, 5)).toMatchObject({ status: 'returned', return: { outcome: 'done' } })
      }
      expect(stage.minion.lives).toBe(true)
    } finally {
      await stage.close()
    }
  },
)
