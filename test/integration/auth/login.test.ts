/** `tsalt login`, what it keeps, what it trusts, and what is said of a login that is over. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passwords, selfSigned } from '../api/network-master.ts'
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

describe('tsalt login', () => {
  it('remembers a login for its owner alone, and tsalt session tells of it', async () => {
    const done = await home.logIn('webmaster')
    expect(done).toMatchObject({
      code: 0,
      out: expect.stringContaining(`webmaster is logged in at ${api} until`),
    })
    expect(statSync(home.file).mode & 0o777).toBe(0o600)
    expect(statSync(join(home.folder, '.config/tsalt')).mode & 0o777).toBe(0o700)
    expect(home.saved()).toMatchObject({
      api,
      user: 'webmaster',
      eauth: 'local',
      ca: readFileSync(ca, 'utf8'),
    })
    const who = await home.tsalt(['whoami'])
    expect(who.out).toMatch(/^webmaster at https:\/\/127\.0\.0\.1:\d+, until .* left\)$/m)
    expect(who.out).toContain('test.ping')
    expect(JSON.parse((await home.tsalt(['session', '--out', 'json'])).out)).toMatchObject({
      name: 'webmaster',
      master: api,
      see: ['minions'],
    })
  })

  it('is refused with a wrong password, and nothing is remembered then', async () => {
    const at = await elsewhere.home()
    const words = ['login', 'webmaster', '--api', api, '--ca', ca]
    const wrong = await at.tsalt(words, { answers: ['no'] })
    expect(wrong).toMatchObject({ code: 77, err: expect.stringContaining('login-refused') })
    expect(wrong.err).toContain('--eauth pam')
    expect(existsSync(at.file)).toBe(false)
    const kind = await at.tsalt([...words, '--eauth', 'pam'], { answers: ['x'] })
    expect(kind).toMatchObject({ code: 64, err: expect.stringContaining('This master takes: local') })
    expect((await at.tsalt(words)).err).toContain('No password came on standard input')
  })

  it('logs in again where and as whom it was before, and ends the login before', async () => {
    const at = await elsewhere.home()
    await at.logIn('webmaster')
    const before = at.saved()
    const again = await at.tsalt(['login'], { answers: [passwords.webmaster ?? ''] })
    expect(again.code).toBe(0)
    expect(at.saved()).toMatchObject({ api, user: 'webmaster', ca: before.ca })
    expect(at.saved().token).not.toBe(before.token)
    expect(await elsewhere.holds(before.token)).toBe(false)
  })

  it('ends with tsalt logout, on the master as well', async () => {
    const at = await elsewhere.home()
    await at.logIn('webmaster')
    const { token } = at.saved()
    expect(await at.tsalt(['logout'])).toMatchObject({ code: 0, out: expect.stringContaining('logged out') })
    expect(existsSync(at.file)).toBe(false)
    expect(await elsewhere.holds(token)).toBe(false)
    expect((await at.tsalt(['logout'])).out).toBe('Nobody is logged in.\n')
    const after = await at.tsalt(['*', 'test.ping'])
    expect(after).toMatchObject({ code: 2, err: expect.stringContaining('tsalt login NAME --api') })
  })

  it('finds the API in the configuration of a master that may be read', async () => {
    const at = await elsewhere.home()
    const { port } = elsewhere.master.https
    writeFileSync(
      join(at.folder, 'master'),
      `root_dir: ${elsewhere.master.folder}\napi: {certificate: api.crt, key: api.key, port: ${port}}\n`,
    )
    const found = await at.tsalt(['login', 'webmaster', '-c', at.folder], {
      answers: [passwords.webmaster ?? ''],
    })
    expect(found).toMatchObject({
      code: 0,
      out: expect.stringContaining(`at https://localhost:${port} until`),
    })
    const none = await (await elsewhere.home()).tsalt(['login', 'webmaster'])
    expect(none).toMatchObject({ code: 64, err: expect.stringContaining('api-missing') })
  })
})

it('a login that cannot be kept is ended: nobody has its token', async () => {
  const at = await elsewhere.home()
  mkdirSync(join(at.folder, '.config/tsalt'), { recursive: true })
  chmodSync(join(at.folder, '.config/tsalt'), 0o755)
  const before = (await elsewhere.tokens()).length
  expect(await at.logIn('webmaster')).toMatchObject({ code: 77, err: expect.stringContaining('chmod 0700') })
  expect(await elsewhere.tokens()).toHaveLength(before)
})

describe('what cannot be trusted', () => {
  let at: OperatorHome
  beforeAll(async () => {
    at = await elsewhere.home()
  })

  it.each([
    ['a certificate that nobody vouches for', [], 'Nothing was sent to', 'signed by itself'],
    ['another CA', ['--ca', 'other/api.crt'], 'Nothing was sent to', 'cannot be trusted'],
    ['no certificate', ['--ca', 'other/api.key'], 'there is a private key in it', '--ca'],
    ['no file', ['--ca', 'nothing'], 'there is no such file', '--ca'],
  ])('%s is refused in a sentence', async (_name, words, ...said) => {
    mkdirSync(join(elsewhere.master.folder, 'other'), { recursive: true })
    selfSigned(join(elsewhere.master.folder, 'other'))
    const placed = words.map((word) => (word.startsWith('--') ? word : join(elsewhere.master.folder, word)))
    const { code, err } = await at.tsalt(['login', 'webmaster', '--api', api, ...placed], { answers: ['x'] })
    expect([66, 77]).toContain(code)
    for (const text of said) expect(err).toContain(text)
  })

  it('an address without TLS, one that is more than an address, one where nobody is', async () => {
    for (const [typed, code, text] of [
      ['http://127.0.0.1:1', 64, 'not spoken over TLS'],
      ['https://a:b@127.0.0.1', 64, 'does not belong into --api'],
      ['https://127.0.0.1/api', 64, 'more than an address'],
      ['https://127.0.0.1:1', 2, 'nobody listens there'],
      ['https://no-such-host.invalid', 2, 'no-such-host.invalid:443'],
    ] as const) {
      const { code: exit, err } = await home.tsalt(['--api', typed, '--ca', ca, '*', 'test.ping'], {
        env: { TSALT_TOKEN: 'a'.repeat(64) },
      })
      expect([exit, err], typed).toEqual([code, expect.stringContaining(text)])
    }
  })

  it("a saved login that others can read, or that is another user's, is not used", async () => {
    await at.logIn('webmaster')
    chmodSync(at.file, 0o640)
    const loose = await at.tsalt(['web*', 'test.ping'])
    expect(loose).toMatchObject({ code: 77, err: expect.stringContaining('lets others in') })
    expect(loose.err).toContain(`chmod 0600 ${at.file}`)
    chmodSync(at.file, 0o600)
    chownSync(at.file, 1234, 1234)
    expect((await at.tsalt(['web*', 'test.ping'])).err).toContain('it belongs to user 1234')
    chownSync(at.file, 0, 0)
    writeFileSync(at.file, '{"api": 1}')
    expect(await at.tsalt(['web*', 'test.ping'])).toMatchObject({
      code: 65,
      err: expect.stringContaining('session-file-unusable'),
    })
    const anew = await at.logIn('webmaster')
    expect(anew).toMatchObject({ code: 0, err: expect.stringContaining('is written anew') })
  })
})

describe('a login that is over', () => {
  it('is told with the way to a new one, after its time and where the master ended it', async () => {
    const at = await elsewhere.home()
    await at.logIn('webmaster')
    const { expire, ...rest } = at.saved()
    writeFileSync(at.file, JSON.stringify({ ...rest, expire: Date.now() - 60_000 }))
    const late = await at.tsalt(['web*', 'test.ping'])
    expect(late.code).toBe(77)
    expect(late.err).toContain('1 min ago')
    expect(late.err).toContain('Log in again: tsalt login webmaster')
    writeFileSync(at.file, JSON.stringify({ ...rest, expire }))
    for (const { id, user, note } of await elsewhere.tokens())
      if (user === 'webmaster' && note.startsWith('login'))
        await elsewhere.master.client.remove(`/auth/tokens/${id}`)
    const revoked = await at.tsalt(['web*', 'test.ping'])
    expect(revoked).toMatchObject({ code: 77, err: expect.stringContaining('does not know it any more') })
    await home.logIn('webmaster')
  })
})
