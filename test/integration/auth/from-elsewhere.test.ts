/** The programs over the API, as somebody types them who is not root: with few rights, with many, by token, by certificate. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passwords } from '../api/network-master.ts'
import { programs } from '../stage/daemon.ts'
import { Elsewhere, type OperatorHome } from './operator-home.ts'

let elsewhere: Elsewhere
let home: OperatorHome
let api: string
let ca: string
beforeAll(async () => {
  elsewhere = await Elsewhere.open()
  home = await elsewhere.home()
  ;({ api, ca } = elsewhere)
})
afterAll(() => elsewhere.close())

describe('every program over the API', () => {
  let at: OperatorHome
  const jid = async (): Promise<string> => {
    const { out } = await at.tsalt(['web1', 'test.ping', '--async'])
    return /\d{20}/.exec(out)?.[0] ?? ''
  }
  beforeAll(async () => {
    at = await elsewhere.home('admin')
    home = await elsewhere.home('webmaster')
  })

  it.each([
    ['tsalt', ['tsalt', '*', 'test.ping'], 'db1:\n    db1'],
    ['tsalt, a rollout', ['tsalt', '*', 'test.ping', '--batch', '1'], 'web1:\n    web1'],
    ['tsalt --preview-target', ['tsalt', '*', '--preview-target'], '- web1'],
    ['tsalt jobs list', ['tsalt', 'jobs', 'list'], 'test.ping'],
    ['tsalt rollout list', ['tsalt', 'rollout', 'list'], 'done'],
    ['tsalt events', ['tsalt', 'events', '--since', '1h', '--count', '1'], 'salt/'],
    ['tsalt reactor list', ['tsalt', 'reactor', 'list'], ''],
    ['tsalt auth user list', ['tsalt', 'auth', 'user', 'list'], 'webmaster'],
    ['tsalt auth check', ['tsalt', 'auth', 'check', 'webmaster', 'test.ping', 'web1'], 'allowed'],
    ['tsalt audit list', ['tsalt', 'audit', 'list', '--kind', 'login'], 'operator:admin'],
    ['tsalt key', ['tsalt', 'key', '-L'], 'db1'],
    ['tsalt-key', ['tsalt-key', '-f', 'web1'], 'web1:'],
    ['tsalt-key --token', ['tsalt-key', '--token', '-q'], 'tsalt1:'],
    ['tsalt-run', ['tsalt-run', 'manage.up'], '- web1'],
    ['tsalt-run state.event', ['tsalt-run', 'state.event', 'count=1'], 'salt/'],
  ])('%s', async (_name, words, said) => {
    const running = at.typed(words)
    if (words.includes('state.event')) {
      const early = setInterval(() => void jid(), 300)
      await running.finally(() => clearInterval(early))
    }
    const { code, out, err } = await running
    expect([code, err, out]).toEqual([0, expect.not.stringContaining('ERROR'), expect.stringContaining(said)])
  })

  it('tsalt jobs show, attach, rerun and kill', async () => {
    const id = await jid()
    const shown = await at.tsalt(['jobs', 'show', id])
    expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('by admin') })
    expect((await at.tsalt(['jobs', 'attach', id])).out).toBe('web1:\n    web1\n')
    expect((await at.tsalt(['jobs', 'rerun', id])).out).toBe('web1:\n    web1\n')
    expect((await at.tsalt(['jobs', 'kill', id])).code).toBe(0)
  })

  it.each(['--canary', '--stop-on-change-in'])('%s tells nobody which names are free', async (option) => {
    const said = await Promise.all(
      ['db1', 'db9'].map((name) => home.tsalt(['web1', 'test.ping', '--batch', '1', option, name])),
    )
    const [taken, free] = said.map(({ code, err }) => [code, err.replace(/db\d/g, 'NAME')])
    expect(taken).toEqual(free)
    expect(taken?.[0]).not.toBe(0)
  })

  it.each([
    [['tsalt', '*', 'test.ping'], 'webmaster may not'],
    [['tsalt', 'web1', 'cmd.run', 'id'], 'cmd.run'],
    [['tsalt', 'key', '-a', 'web1', '--fingerprint', 'a'.repeat(64)], 'keys'],
    [['tsalt-key', '--token'], 'key.make_token'],
    [['tsalt-run', 'manage.up'], 'manage.up'],
    [['tsalt', 'auth', 'user', 'list'], 'webmaster may not'],
    [['tsalt', 'auth', 'user', 'add', 'eve', '--no-password'], 'webmaster may not'],
    [['tsalt', 'audit', 'list'], 'webmaster may not'],
    [['tsalt', 'reactor', 'list'], 'reactor.list'],
    [['tsalt', 'rollout', 'abort', '20260101000000000000'], 'rollout'],
  ])('%j without the right is refused with what is missing', async (words, said) => {
    const { code, err } = await home.typed(words)
    expect([1, 2]).toContain(code)
    expect(err).toContain(said)
  })

  it('leaves out of lists what may not be seen', async () => {
    expect((await home.typed(['tsalt', 'key', '-L'])).out).not.toContain('web1')
    expect((await home.tsalt(['events', '--since', '1h'])).out).toBe('')
  })

  it('tells what works on the master alone', async () => {
    for (const words of [
      ['doctor', '--api', api],
      ['audit', 'verify', '--api', api],
      ['auth', 'check'],
    ])
      expect(await at.tsalt(words), words.join(' ')).toMatchObject({
        code: 64,
        err: expect.stringMatching(/master/),
      })
  })
})

describe('programs that log in', () => {
  it('by a token in a file, on standard input or in the environment, never among the words', async () => {
    const at = await elsewhere.home()
    const token = await elsewhere.master.login('webmaster')
    const path = join(at.folder, 'token')
    writeFileSync(path, `${token}\n`, { mode: 0o600 })
    const there = ['--api', api, '--ca', ca]
    const env = { TSALT_API: api, TSALT_CA: ca }
    const pinged = { code: 0, out: 'web1:\n    web1\n' }
    expect(await at.tsalt([...there, '--token', path, 'web1', 'test.ping'])).toMatchObject(pinged)
    expect(await at.tsalt(['web1', 'test.ping', ...there, '--auth-token', path])).toMatchObject(pinged)
    expect(await at.tsalt(['web1', 'test.ping'], { env: { ...env, TSALT_TOKEN: token } })).toMatchObject(
      pinged,
    )
    expect((await at.tsalt([...there, '--token', path, 'key', '-L'])).code).toBe(0)
    const keys = await at.typed(['tsalt-key', '-L', '--auth-token', path], { env })
    expect(keys.code).toBe(0)
    const inWords = await at.tsalt([...there, '--token', token, 'web1', 'test.ping'])
    expect(inWords).toMatchObject({ code: 64, err: expect.stringContaining('can be read by everybody') })
    const unknown = await at.tsalt(['web1', 'test.ping'], { env: { ...env, TSALT_TOKEN: 'b'.repeat(64) } })
    expect(unknown).toMatchObject({ code: 77, err: expect.stringContaining('the token of TSALT_TOKEN') })
    expect((await at.tsalt(['web1', 'test.ping'], { env })).err).toContain(`Nobody is logged in at ${api}`)
    chmodSync(path, 0o644)
    expect((await at.tsalt([...there, '--token', path, 'web1', 'test.ping'])).code).toBe(77)
  })

  it('by a certificate as tsalt auth certificate make writes it', async () => {
    const at = await elsewhere.home('admin')
    const made = await at.tsalt(['auth', 'certificate', 'make', 'webmaster', '--folder', at.folder])
    expect(made.code).toBe(0)
    const pair = [
      '--client-cert',
      join(at.folder, 'webmaster.crt'),
      '--client-key',
      join(at.folder, 'webmaster.key'),
    ]
    const there = ['--api', api, '--ca', ca, ...pair]
    const empty = await elsewhere.home()
    expect((await empty.tsalt(['session', ...there])).out).toMatch(/^webmaster at /)
    expect((await empty.tsalt(['web1', 'test.ping', ...there])).out).toBe('web1:\n    web1\n')
    const serial = /revoke (\S+)/.exec(made.err)?.[1] ?? ''
    await at.tsalt(['auth', 'certificate', 'revoke', serial])
    const revoked = await empty.tsalt(['web1', 'test.ping', ...there])
    expect(revoked).toMatchObject({ code: 77, err: expect.stringContaining('does not take the certificate') })
    const half = await empty.tsalt(['web1', 'test.ping', ...there.slice(0, -2)])
    expect(half).toMatchObject({ code: 64, err: expect.stringContaining('belong together') })
  })

  it('with -a for one command, whose login ends with it; with -T it is remembered', async () => {
    const at = await elsewhere.home()
    const before = (await elsewhere.tokens()).length
    const there = ['--api', api, '--ca', ca]
    const answers = [passwords.webmaster ?? '']
    const once = await at.tsalt(['-a', 'local', ...there, 'web1', 'test.ping'], { answers })
    expect(once).toMatchObject({ code: 0, out: 'web1:\n    web1\n' })
    expect(existsSync(at.file)).toBe(false)
    expect(await elsewhere.tokens()).toHaveLength(before)
    const typedIt = ['--username', 'admin', '--password', passwords.admin ?? '']
    const shown = await at.typed(['tsalt-run', '--eauth', 'auto', ...typedIt, ...there, 'manage.up'])
    expect(shown).toMatchObject({ code: 0, err: expect.stringContaining('can be read by everybody here') })
    const kept = await at.tsalt(['-a', 'auto', '-T', ...there, 'web1', 'test.ping'], { answers })
    expect(kept).toMatchObject({ code: 0, err: expect.stringContaining('webmaster is logged in') })
    expect((await at.tsalt(['web1', 'test.ping'])).code).toBe(0)
    const both = await at.tsalt(['-a', 'local', '--token', 'x', ...there, 'web1', 'test.ping'])
    expect(both).toMatchObject({ code: 64, err: expect.stringContaining('exclude each other') })
  })

  it('acts with its own rights where the socket would give all', async () => {
    const words = [
      '--root-dir',
      elsewhere.master.folder,
      '-a',
      'local',
      '--api',
      api,
      '--ca',
      ca,
      '*',
      'test.ping',
    ]
    const refused = await home.tsalt(words, { answers: [passwords.webmaster ?? ''] })
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('webmaster may not') })
    const all = await home.tsalt(['--root-dir', elsewhere.master.folder, '*', 'test.ping'])
    expect(all.code).toBe(0)
  })
})

describe('another user of this machine', () => {
  const uid = 65_534
  const own = (path: string): void => {
    chownSync(path, uid, uid)
    if (statSync(path).isDirectory()) for (const name of readdirSync(path)) own(join(path, name))
  }
  /** As this user, for whom root's socket is closed. */
  async function asOther(folder: string, words: readonly string[]) {
    const child = spawn(process.execPath, [join(folder, 'tsalt.cjs'), ...words], {
      uid,
      gid: uid,
      env: { HOME: folder, PATH: process.env.PATH },
      cwd: folder,
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => {
      out += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      err += String(chunk)
    })
    const [code] = (await once(child, 'close')) as [number]
    return { code, out, err }
  }

  it.skipIf(process.getuid?.() !== 0)('is told of the socket what to do, and acts with a login', async () => {
    const { folder } = await elsewhere.home('webmaster')
    for (const file of ['tsalt.cjs', 'tsalt.parts']) cpSync(join(programs, file), join(folder, file))
    own(folder)
    const socket = await asOther(folder, ['--root-dir', elsewhere.master.folder, 'web1', 'test.ping'])
    expect(socket).toMatchObject({ code: 77, err: expect.stringContaining('You may not use the socket') })
    expect(socket.err).toContain('tsalt login NAME --api')
    const saved = await asOther(folder, ['web1', 'test.ping'])
    expect(saved).toEqual({ code: 0, out: 'web1:\n    web1\n', err: '' })
    const refused = await asOther(folder, ['db1', 'test.ping'])
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('webmaster may not') })
    expect((await asOther(folder, ['logout'])).out).toContain('webmaster is logged out')
  })
})
