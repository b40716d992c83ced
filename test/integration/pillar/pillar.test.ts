/** Pillars of a real master for a real minion: keys, sources, decryption, grains, and what breaks. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../../shared/data/codec.ts'
import {
  ageEncrypt,
  hasAge,
  hasGpg,
  indented,
  Keyring,
  makeAgeIdentity,
} from '../../unit/shared/pillar-machine/keyring.ts'
import { Stage } from '../stage/stage.ts'

const secret = 'gpg-geheim-4711'
const ageSecret = 'age-geheim-4712'

describe.skipIf(!hasGpg || !hasAge)('pillars (skipped without gpg and age)', () => {
  const keys = new Keyring()
  let stage: Stage
  let server: Server
  const asked: string[] = []
  const put = (path: string, text: string): void => {
    const file = join(stage.folder, 'pillars', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const call = async (fun: string, args: Json[] = [], kwargs: { [key: string]: Json } = {}) => {
    const jid = stage.newJid()
    await stage.submit(jid, fun, args, { kwargs })
    const { return: result } = await stage.ended(jid)
    return { ret: result?.ret, retcode: result?.retcode }
  }

  /** Not waited for in this thread, which is the server too. */
  const run = async (...args: string[]) => stage.follow('tsalt-run', args)

  beforeAll(async () => {
    keys.makeKey('master')
    server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end('web:\n  from: http\n')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const identity = join(keys.folder, 'age-identity')
    const recipient = makeAgeIdentity(identity)
    stage = await Stage.open({
      master: `ext_pillar_timeout: 5
ext_pillar:
  - cmd_yaml: 'echo "cmd: {id: %s}"'
  - http_yaml: {url: 'http://127.0.0.1:${port}/%s/<level>', with_grains: true}
  - file_tree: {root_dir: '${join(keys.folder, 'tree')}'}
decrypt_pillar: ['late:value']
trusted_grains: [level]
`,
      minion: 'grains: {level: staging, role: db}\n',
      states: { 'show.sls': 'show:\n  cmd.run:\n    - name: echo {{ pillar.db.word }}\n' },
    })
    const folder = join(stage.folder, 'm/etc/tsalt')
    keys.copyTo(join(folder, 'gpgkeys'))
    copyFileSync(identity, join(folder, 'age-identities'))
    mkdirSync(join(keys.folder, 'tree/hosts/one/tree'), { recursive: true })
    writeFileSync(join(keys.folder, 'tree/hosts/one/tree/file'), 'from a file\n')
    put('top.sls', "base:\n  'one': [keys, late]\n  'G@level:staging': [staging]\n")
    put('staging.sls', 'staging: {token: of-staging-1}\n')
    put(
      'keys.sls',
      `#!jinja|yaml|gpg|age\ndb:\n  word: |\n${indented(keys.encrypt(secret, 'master'), 4)}\n  age: |\n${indented(ageEncrypt(ageSecret, recipient, '-a').toString(), 4)}\n  port: 1\n`,
    )
    put('late.sls', `late:\n  value: |\n${indented(keys.encrypt('late-geheim-1', 'master'), 4)}\n`)
  })
  afterAll(async () => {
    await stage?.close()
    await new Promise((done) => server.close(done))
    keys.close()
  })

  it('hold what gpg, age and the sources gave, opened for the operator and masked for everybody else', async () => {
    const shown = await run('pillar.show_pillar', 'one', '--out=json')
    expect([shown.status, JSON.parse(shown.text)]).toEqual([
      0,
      {
        db: { word: secret, age: ageSecret, port: 1 },
        late: { value: 'late-geheim-1' },
        staging: { token: 'of-staging-1' },
        cmd: { id: 'one' },
        web: { from: 'http' },
        tree: { file: 'from a file' },
      },
    ])
    expect(asked[0]).toBe('/one/staging')
    const { ret, retcode } = await call('pillar.items')
    expect(retcode).toBe(0)
    expect(ret).toMatchObject({
      db: { word: '**********', age: '**********', port: 1 },
      late: { value: '**********' },
      staging: { token: '**********' },
      tree: { file: 'from a file' },
    })
  })

  it('answer for several keys by position', async () => {
    expect((await call('pillar.items', ['web', 'db:port'])).ret).toEqual({
      web: { from: 'http' },
      'db:port': 1,
    })
    expect((await call('pillar.item', ['web:from', 'nope'])).ret).toEqual({ 'web:from': 'http', nope: '' })
    expect((await call('pillar.get', ['nope'], { default: 3 })).ret).toBe(3)
  })

  it('give states the clear values, and no output has them', async () => {
    const { ret, retcode } = await call('state.apply', ['show'])
    expect(retcode).toBe(0)
    const text = JSON.stringify(ret)
    expect(text).toContain('**********')
    for (const daemon of [stage.master, stage.minion])
      for (const value of [secret, ageSecret, 'late-geheim-1', 'of-staging-1'])
        expect([text.includes(value), readFileSync(daemon.log, 'utf8').includes(value)]).toEqual([
          false,
          false,
        ])
  })

  it('say where values come from', async () => {
    const { text: stdout } = await run('pillar.why', 'one', 'db', '--out=json')
    expect(JSON.parse(stdout)).toEqual({
      'db:word': { value: '**********', from: 'keys.sls:4:1' },
      'db:age': { value: '**********', from: expect.stringMatching(/^keys\.sls:\d+:1$/) },
      'db:port': { value: 1, from: expect.stringMatching(/^keys\.sls:\d+:9$/) },
    })
    const top = await run('pillar.show_top', 'one', '--out=json')
    expect(JSON.parse(top.text)).toEqual({ base: ['keys', 'late', 'staging'] })
  })

  it('withhold secrets that a grain chose, until the operator trusts it', async () => {
    put('top.sls', "base:\n  'one': [keys]\n  'G@role:db': [staging]\n")
    const { ret, retcode } = await call('pillar.items')
    expect([retcode, ret]).toEqual([
      5,
      { _errors: [expect.stringContaining("Pillar SLS 'staging' is withheld.")] },
    ])
    const lint = await run('pillar.lint')
    expect([lint.status, lint.text]).toEqual([1, expect.stringContaining('trusted_grains: [role]')])
    put('top.sls', "base:\n  'one': [keys]\n")
    expect((await run('pillar.lint')).status).toBe(0)
  })

  it('that break are said to be broken, by every function, with words of their own for the minion', async () => {
    put('top.sls', "base:\n  'one': [broken]\n")
    put('broken.sls', `x: {{ salt['cmd.run']('id') }}\n`)
    await stage.minion.end('SIGTERM')
    await stage.restart(stage.minion)
    for (const [fun, ...args] of [
      ['pillar.get', 'x'],
      ['pillar.item', 'x'],
      ['pillar.ls'],
      ['pillar.keys', 'x'],
      ['pillar.raw'],
    ] as const)
      expect(await call(fun, args)).toEqual({
        retcode: 5,
        ret: { _errors: [expect.stringContaining("Rendering pillar SLS 'broken' failed.")] },
      })
    expect((await call('state.apply', ['show'])).retcode).toBe(5)
    const shown = await run('pillar.show_pillar', 'one')
    expect([shown.status, shown.text]).toEqual([1, expect.stringContaining('pillar_functions: [cmd.run]')])
  })

  it('name a source that fails, and end waiting for one', async () => {
    put('top.sls', "base:\n  'one': [keys]\n")
    await new Promise((done) => server.close(done))
    const { ret, retcode } = await call('pillar.items')
    expect([retcode, ret]).toEqual([
      5,
      { _errors: [expect.stringContaining('The pillar source http_yaml failed.')] },
    ])
    const shown = await run('pillar.show_pillar', 'one')
    expect(shown.text).toMatch(/ext_pillar source "http_yaml": http:\/\/127\.0\.0\.1:\d+ cannot be asked/)
  })
})
