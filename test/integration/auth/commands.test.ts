/** `tsalt auth` and `tsalt audit` as they are typed, against a master that runs. */
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ran } from '../../unit/master/cli/recorded-console.ts'
import { NetworkMaster } from '../api/network-master.ts'

const rules = `access:
  - {who: alice, target: 'web*', functions: [test.ping, 'state.*']}
  - {who: '%ops', target: '*', functions: cmd.run, args: [uptime], root_equivalent: true}
`

let master: NetworkMaster
beforeAll(async () => {
  master = await NetworkMaster.start({ minions: ['web1', 'db1'], rules })
})
afterAll(() => master.stop())

/** @param typed lines of standard input */
const tsalt = (words: readonly string[], answers: string[] = []) =>
  ran(join(master.folder, 'etc/tsalt/master'), ['tsalt', '--root-dir', master.folder, ...words], { answers })

describe('tsalt auth', () => {
  it('adds a user whose password comes on standard input, and who can log in then', async () => {
    const added = await tsalt(['auth', 'user', 'add', 'alice', '--group', 'web'], ['correct horse battery'])
    expect(added).toMatchObject({
      code: 0,
      out: 'alice is added; rules of the master let alice act already.\n',
    })
    const other = await tsalt(['auth', 'user', 'add', 'zoe', '--no-password'])
    expect(other.out).toContain('zoe is added; until a rule names this user')
    const login = { username: 'alice', password: 'correct horse battery' }
    expect((await master.https.post('/api/v1/login', login)).status).toBe(200)
    expect((await tsalt(['auth', 'user', 'list'])).out).toMatch(/^alice +web +active/m)
    const data = JSON.parse((await tsalt(['auth', 'user', 'list', '--out', 'json'])).out)
    expect(JSON.stringify(data)).not.toContain('scrypt')
    expect(await tsalt(['auth', 'user', 'disable', 'alice'])).toMatchObject({ code: 0 })
    expect((await master.https.post('/api/v1/login', login)).status).toBe(401)
    expect(await tsalt(['auth', 'user', 'enable', 'alice'])).toMatchObject({ code: 0 })
    expect((await master.https.post('/api/v1/login', login)).status).toBe(200)
  })

  it('says what is wrong with what was typed', async () => {
    for (const [words, code, said] of [
      [['auth'], 64, 'What is to be done is missing'],
      [['auth', 'users'], 64, 'There is no "tsalt auth users"'],
      [['auth', 'user', 'add'], 64, 'takes a name'],
      [['auth', 'user', 'add', 'a', 'b'], 64, 'takes one name'],
      [['auth', 'user', 'frobnicate', 'a'], 64, 'There is no "tsalt auth user frobnicate"'],
      [['auth', 'user', 'add', 'bob'], 64, 'No password came on standard input'],
      [['auth', 'user', 'add', 'root', '--no-password'], 64, 'cannot be the name'],
      [['auth', 'user', 'delete', 'nobody-here'], 1, 'There is no user "nobody-here"'],
      [['auth', 'token', 'make', 'nobody-here'], 1, 'There is no user'],
      [['auth', 'token', 'make', 'alice', '--ttl', '2000d'], 64, 'lasts 1 second to 365 days'],
      [['auth', 'token', 'revoke', 'xyz'], 1, 'There is no token'],
      [['auth', 'certificate', 'revoke', 'abc'], 1, 'There is no certificate'],
      [['auth', 'check', 'alice'], 64, 'What alice is to be asked about is missing.'],
      [['auth', 'check', 'alice', 'test.ping'], 64, 'On which minions test.ping is to run is missing.'],
      [['auth', 'check', 'alice', 'test.ping', 'nope*'], 2, 'No minions matched'],
      [['auth', 'check', 'alice', 'test.ping', 'web1 and'], 64, 'web1 and'],
    ] as const) {
      const { code: exit, err } = await tsalt(words)
      expect([exit, err], words.join(' ')).toEqual([code, expect.stringContaining(said)])
    }
  })

  it('explains by which rule somebody may do something, or what is in the way', async () => {
    const line = (number: number) => `etc/tsalt/master:${number + readLine('access:')}`
    const may = await tsalt(['auth', 'check', 'alice', 'state.apply', 'web*', 'nginx', 'test=True'])
    expect(may).toMatchObject({
      code: 0,
      out: expect.stringContaining('allowed: alice state.apply web* nginx test=True'),
    })
    expect(may.out).toContain(line(1))
    const target = await tsalt(['auth', 'check', 'alice', 'state.apply', '*', 'nginx'])
    expect(target.code).toBe(1)
    expect(target.out).toContain('covers 1 of 2 minions: its target is web*')
    const nature = await tsalt(['auth', 'check', 'alice', 'state.single', 'web1', 'cmd.run', 'id'])
    expect(nature.out).toContain('state.single is root on the minion by its nature')
    await tsalt(['auth', 'user', 'groups', 'alice', 'ops'])
    expect((await tsalt(['auth', 'check', 'alice', 'cmd.run', 'db1', 'uptime'])).code).toBe(0)
    const argument = await tsalt(['auth', 'check', 'alice', 'cmd.run', 'db1', 'uptime; id'])
    expect(argument.out).toContain('argument 1 does not match "uptime"')
    const misspelt = await tsalt(['auth', 'check', 'alice', 'test.pin', 'web1'])
    expect(misspelt.out).toContain(
      'tsalt has no function test.pin; it would have to be one of your own modules. Did you mean "test.ping"?',
    )
    const runner = await tsalt(['auth', 'check', 'alice', 'manage.upp', '--runner'])
    expect(runner.out).toContain('The master has no runner function manage.upp. Did you mean "manage.up"?')
    const known = await tsalt(['auth', 'check', 'alice', 'test.ping,state.apply,cmd.run', 'web1'])
    expect(known.out).not.toContain('tsalt has no function')
    expect((await tsalt(['auth', 'check', 'mallory', 'test.ping', 'web1'])).out).toContain(
      'No rule is for them',
    )
  })

  it('makes a certificate in a folder, with a key that nobody else can read', async () => {
    const folder = join(master.folder, 'mine')
    const made = await tsalt(['auth', 'certificate', 'make', 'alice', '--folder', folder, '--days', '1'])
    expect(made.code).toBe(0)
    expect(statSync(join(folder, 'alice.key')).mode & 0o777).toBe(0o600)
    expect((await tsalt(['auth', 'certificate', 'list'])).out).toMatch(/alice .* good/)
    const again = await tsalt(['auth', 'certificate', 'make', 'alice', '--folder', folder])
    expect(again).toMatchObject({ code: 64, err: expect.stringContaining('already') })
  })

  it('reads the rules of the files as they are, and shows the line of a mistake', async () => {
    expect(await tsalt(['auth', 'check'])).toMatchObject({ code: 0, out: expect.stringContaining('2 rules') })
    const file = join(master.folder, 'etc/tsalt/master')
    const before = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      before.replace("functions: [test.ping, 'state.*']", 'functions: [test.ping, cmd.run]'),
    )
    const { code, err } = await tsalt(['auth', 'check'])
    writeFileSync(file, before)
    expect(code).toBe(64)
    expect(err).toContain('cmd.run is root on the minions by its nature')
    expect(err).toContain(`etc/tsalt/master:${readLine('access:') + 1}`)
  })

  const readLine = (text: string): number =>
    readFileSync(join(master.folder, 'etc/tsalt/master'), 'utf8')
      .split('\n')
      .findIndex((line) => line.startsWith(text)) + 1
})

describe('tsalt audit', () => {
  it('lists who did what, by filters', async () => {
    const all = await tsalt(['audit', 'list', '--count', '500'])
    expect(all.out).toMatch(/allowed {2}operator:\w+ {2}user\.add {2}alice/)
    const refused = await tsalt(['audit', 'list', '--refused', '--kind', 'login'])
    expect(
      refused.out
        .trim()
        .split('\n')
        .every((line) => line.includes('refused')),
    ).toBe(true)
    const one = JSON.parse(
      (await tsalt(['audit', 'list', '--kind', 'user.*', '--count', '1', '--out', 'json'])).out,
    )
    expect(one).toEqual([expect.objectContaining({ kind: 'user.groups', subject: 'alice' })])
    expect((await tsalt(['audit', 'list', '--since', '2099-01-01'])).out).toBe('No entry fits.\n')
    expect(await tsalt(['audit', 'list', '--since', 'soon'])).toMatchObject({ code: 64 })
    expect(await tsalt(['audit', 'forge'])).toMatchObject({ code: 64 })
  })

  it('tells a whole log from one that was edited or cut, with the line', async () => {
    const whole = await tsalt(['audit', 'verify'])
    expect(whole).toMatchObject({ code: 0, out: expect.stringContaining('each continues the one before') })
    const head = /^head ([0-9a-f]{64})$/m.exec(whole.out)?.[1] ?? ''
    const copy = join(master.folder, 'copy')
    const lines = readFileSync(join(master.folder, 'var/log/tsalt/audit'), 'utf8').split('\n')
    writeFileSync(
      copy,
      lines.map((line, index) => (index === 2 ? line.replace('allowed', 'refused') : line)).join('\n'),
    )
    const edited = await tsalt(['audit', 'verify', '--file', copy])
    expect(edited).toMatchObject({
      code: 1,
      out: expect.stringContaining(`${copy}:4: this line does not continue line 3`),
    })
    writeFileSync(copy, `${lines.slice(0, 3).join('\n')}\n`)
    expect(await tsalt(['audit', 'verify', '--file', copy])).toMatchObject({ code: 0 })
    expect(await tsalt(['audit', 'verify', '--file', copy, '--head', head])).toMatchObject({ code: 1 })
    appendFileSync(copy, 'nonsense\n')
    expect(await tsalt(['audit', 'verify', '--file', copy])).toMatchObject({ code: 1 })
    expect(await tsalt(['audit', 'verify', '--file', '/nowhere/audit'])).toMatchObject({ code: 66 })
  })
})
