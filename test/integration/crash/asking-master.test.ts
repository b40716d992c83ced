/** A master that is killed while a run asks it for its pillar: the run waits for it and asks again. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lines, Stage } from '../stage/stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsalt-asking-'))
const at = (name: string): string => join(folder, name)
let stage: Stage

beforeAll(async () => {
  // Says that it was asked, and answers at once unless it is told to be slow.
  writeFileSync(
    at('pillar'),
    `touch ${at('asked')}\nif [ -e ${at('slow')} ]; then sleep 30; fi\necho 'word: hello'\n`,
  )
  stage = await Stage.open({
    master: `ext_pillar: [{cmd_yaml: 'sh ${at('pillar')}'}]\n`,
    states: { 'mark.yaml': `mark:\n  cmd.run:\n    - name: echo {{pillar.word}} >> ${at('effects')}\n` },
  })
  mkdirSync(join(stage.folder, 'pillars'), { recursive: true })
})
afterAll(async () => {
  await stage?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function until(what: () => boolean): Promise<void> {
  for (let waited = 0; !what(); waited++) {
    if (waited > 400) throw new Error('waited for nothing')
    await pause(25)
  }
}

test.each(['SIGKILL', 'SIGTERM'] as const)('%s while the pillar is compiled', async (signal) => {
  rmSync(at('effects'), { force: true })
  rmSync(at('asked'), { force: true })
  writeFileSync(at('slow'), '')
  const jid = stage.newJid()
  await stage.submit(jid, 'state.apply', ['mark'])
  await until(() => existsSync(at('asked')))
  await stage.master.end(signal)
  await pause(300)
  rmSync(at('slow'))
  await stage.restart(stage.master)
  const { return: result } = await stage.ended(jid)
  expect(result).toMatchObject({ outcome: 'done', retcode: 0 })
  expect(lines(at('effects'))).toEqual(['hello'])
})

test('a job that is killed while it waits for the master ends', async () => {
  writeFileSync(at('slow'), '')
  rmSync(at('asked'), { force: true })
  const jid = stage.newJid()
  await stage.submit(jid, 'state.apply', ['mark'])
  await until(() => existsSync(at('asked')))
  await stage.client.kill(jid, 'KILL')
  const { return: result } = await stage.ended(jid)
  expect(result?.outcome).not.toBe('done')
  rmSync(at('slow'))
})
