/** `tsalt doctor` on a real master with everything wrong: each command that it names mends what it found. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runGuarded } from '../../../master/cli/entry.ts'
import { runTsalt } from '../../../master/cli/tsalt-program.ts'
import type { Finding } from '../../../master/doctor/finding.ts'
import { type Clock, systemClock } from '../../../shared/clock.ts'
import { connected, hello, minionOver, openSocket, tlsOf } from '../gateway/peer.ts'
import { type RealMaster, realMaster } from './real-master.ts'

let master: RealMaster
beforeEach(async () => {
  master = await realMaster({ 'srv/pillar/top.yaml': '{}\n', 'srv/tsalt/top.yaml': '{}\n' })
  chmodSync(join(master.root, 'etc/tsalt'), 0o750)
  chmodSync(join(master.root, 'srv/pillar'), 0o750)
})
afterEach(() => master.stop())

async function doctor(clock: Clock = systemClock): Promise<{ code: number; found: Finding[]; text: string }> {
  let text = ''
  const write = (more: string): void => {
    text += more
  }
  const quiet = { outIsTerminal: false, errIsTerminal: false, inIsTerminal: false, env: {}, clock }
  const console = {
    ...quiet,
    out: write,
    err: write,
    outDrained: () => undefined,
    size: () => ({ columns: 80, rows: 24 }),
    onInterrupt: () => () => {},
    ask: async () => undefined,
    key: async () => undefined,
    allInput: async () => '',
  }
  const code = await runGuarded(runTsalt, ['doctor', '--root-dir', master.root, '--out', 'json'], console)
  return { code, found: JSON.parse(text) as Finding[], text }
}

it('is content with a fresh master', async () => {
  expect(await doctor()).toMatchObject({ code: 0, found: [] })
})

it('finds loose modes, and what it says mends them', async () => {
  const at = (path: string): string => join(master.root, path)
  const loosened = [
    'var/lib/tsalt/pki/ca.key',
    'var/lib/tsalt/master.db',
    'var/log/tsalt/audit',
    'etc/tsalt',
    'srv/pillar',
  ]
  for (const path of loosened) chmodSync(at(path), 0o777)
  mkdirSync(at('etc/tsalt/minion.d'))
  writeFileSync(at('etc/tsalt/minion.d/join.conf'), "join_token: 'tsalt1:h:1:f:s'\n", { mode: 0o644 })
  const { code, found } = await doctor()
  expect(code).toBe(1)
  for (const path of [...loosened, 'etc/tsalt/minion.d/join.conf'])
    expect(found.map(({ problem }) => problem).join('\n')).toContain(at(path))
  for (const { command = 'true' } of found) execFileSync('/bin/sh', ['-c', command])
  expect((await doctor()).found).toEqual([])
  expect(statSync(at('var/lib/tsalt/pki/ca.key')).mode & 0o777).toBe(0o600)
})

it('names minions that are refused what they send', async () => {
  const { channel } = await connected(master, await master.join('liar1'))
  const verdict = { outcome: 'done', retcode: 0, success: true, format: 'nested' } as const
  const forged = { jid: '20200101000000000000' as never, fun: 'test.ping', ret: 'x', started: 1, duration: 1 }
  for (let count = 0; count < 3; count++)
    await channel.request('job.return', { ...forged, ...verdict }).catch(() => undefined)
  const { code, found } = await doctor()
  expect({ code, found }).toEqual({
    code: 1,
    found: [
      {
        problem: expect.stringMatching(
          /^the master refused what liar1 sent 3 times since it started, last at 2.*: No return of job .* is expected from liar1/,
        ),
        command: 'tsalt-run manage.refusals',
      },
    ],
  })
  channel.close('done')
})

it('finds ending certificates, clocks that differ, and an audit log that was edited', async () => {
  const identity = await master.join('late1')
  const opened = await openSocket(master, '/minion', tlsOf(identity))
  if (!('socket' in opened)) throw new Error('refused')
  const { channel } = minionOver(opened.socket)
  await channel.request('hello', { ...hello(), wallTime: systemClock.now() + 3_600_000 })
  const twin = await connected(master, await master.join('punctual1'))
  const { found } = await doctor()
  expect(found).toEqual([
    {
      problem: expect.stringMatching(/^the clock of late1 is 3\d\d\d s ahead of the master's$/),
      command: "tsalt late1 cmd.run 'timedatectl set-ntp true'",
    },
  ])
  const later = { ...systemClock, now: () => systemClock.now() + 100 * 86_400_000 }
  const { code, text } = await doctor(later)
  expect(code).toBe(1)
  expect(text).toContain('master.crt ended 10 days ago')
  expect(text).toContain('the certificate of late1 ended 70 days ago')
  expect(text).toContain('tsalt-key -d late1')
  appendFileSync(join(master.root, 'var/log/tsalt/audit'), '{"forged":true}\n')
  expect((await doctor()).text).toContain('was cut or edited')
  expect(readFileSync(join(master.root, 'var/log/tsalt/audit'), 'utf8')).toContain('forged')
  channel.close('done')
  twin.channel.close('done')
})
