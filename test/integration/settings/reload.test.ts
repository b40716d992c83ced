/** SIGHUP and `tsalt-run config.reload` on a real master: what is taken, what is wrong, what goes on meanwhile. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Stage, until } from '../stage/stage.ts'

let stage: Stage
let file: string
let fixed: string

beforeAll(async () => {
  stage = await Stage.open()
  file = join(stage.folder, 'm/etc/tsalt/master')
  fixed = readFileSync(file, 'utf8')
})
afterAll(() => stage.close())

const configure = (lines: string): void => writeFileSync(file, fixed + lines)
const hangUp = (): void => void process.kill(stage.master.pid, 'SIGHUP')
const log = (): string => readFileSync(join(stage.folder, 'm/var/log/tsalt/master'), 'utf8')
const status = () => stage.client.get<{ defaultTarget: string }>('/status')
const run = (...words: string[]) => stage.run('tsalt-run', words)

it('a hangup reads the configuration again, and a job that runs goes on', async () => {
  const jid = stage.newJid()
  await stage.submit(jid, 'test.sleep', [3])
  configure("default_target: 'on*'\nnodegroups: {front: one}\n")
  hangUp()
  await until('the new default', 10, async () => (await status()).defaultTarget === 'on*' || undefined)
  expect(stage.master.lives).toBe(true)
  expect(await stage.ended(jid)).toMatchObject({ status: 'returned' })
})

it('a mistake is in the log with its place, and the master goes by what it had', async () => {
  configure('default_target: other\ntimeuot: 5\n')
  hangUp()
  await until('the log to tell it', 10, async () => /was not taken over/.test(log()) || undefined)
  expect(log()).toMatch(/Unknown option \\"timeuot\\".*etc\/tsalt\/master:\d+:1.*Did you mean \\"timeout\\"/)
  expect((await status()).defaultTarget).toBe('on*')
})

it('the command says what it has taken and what needs a restart, and fails with a mistake', () => {
  configure('default_target: one\nhandshakes_per_second: 9\n')
  const told = run('config.reload')
  expect([told.status, told.stdout]).toEqual([
    0,
    'needs_restart:\n    - handshakes_per_second\ntaken:\n    - nodegroups\n    - default_target\n',
  ])
  configure("access:\n  - {who: alice, target: 'web* and and', functions: test.ping}\n")
  const failed = run('config.reload')
  expect(failed.status).toBe(64)
  expect(failed.stderr).toMatch(/This access rule cannot be used.*\n.*etc\/tsalt\/master:\d+:\d+/)
})

it('pillars come from other folders, and the log says more', async () => {
  mkdirSync(join(stage.folder, 'others'))
  writeFileSync(join(stage.folder, 'others/top.sls'), "base:\n  '*': [one]\n")
  writeFileSync(join(stage.folder, 'others/one.sls'), 'colour: blue\n')
  fixed = fixed.replace(/^pillar_roots:.*$/m, `pillar_roots: {base: ['${join(stage.folder, 'others')}']}`)
  configure('log_level: info\n')
  expect(run('config.reload').status).toBe(0)
  expect(run('pillar.show_pillar', 'one').stdout).toContain('colour:\n    blue\n')
  hangUp()
  await until(
    'a line of level info',
    10,
    async () => /the configuration was read again/.test(log()) || undefined,
  )
})
