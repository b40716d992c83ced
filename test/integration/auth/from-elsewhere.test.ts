/** The programs over the API, as somebody types them who is not root: with few rights, with many, and with none. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ran } from '../../unit/master/cli/recorded-console.ts'
import { NetworkMaster, passwords, selfSigned } from '../api/network-master.ts'

const rules = `access:
  - {who: webmaster, target: 'web*', functions: [test.ping, 'state.*'], see: [minions], runner: jobs.list_jobs}
  - {who: admin, target: '*', functions: '*', runner: '*', wheel: '*', see: '*', root_equivalent: true}
`

let master: NetworkMaster
let home: string
let api: string
let ca: string
beforeAll(async () => {
  master = await NetworkMaster.start({ minions: ['web1', 'db1'], rules })
  home = mkdtempSync(join(tmpdir(), 'tsalt-home-'))
  api = `https://127.0.0.1:${master.https.port}`
  ca = join(master.folder, 'api.crt')
})
afterAll(async () => {
  await master.stop()
  rmSync(home, { recursive: true })
})

interface Typed {
  readonly answers?: string[]
  readonly env?: Record<string, string>
  readonly home?: string
}

/** No configuration is named, and there is no socket: what counts are options, environment, and what was saved. */
const typed = (words: readonly string[], { answers = [], env = {}, home: at = home }: Typed = {}) =>
  ran('', words, { nowhere: true, answers, env: { HOME: at, USER: 'webmaster', ...env } })
const tsalt = (words: readonly string[], more?: Typed) => typed(['tsalt', ...words], more)
const file = (folder = home) => join(folder, '.config/tsalt/session.json')
const logIn = (name: string, at = home) =>
  tsalt(['login', name, '--api', api, '--ca', ca], { answers: [passwords[name] ?? ''], home: at })

describe('tsalt login', () => {
  it('remembers a login for its owner alone, and tsalt session tells of it', async () => {
    const done = await logIn('webmaster')
    expect(done).toMatchObject({
      code: 0,
      out: expect.stringContaining(`webmaster is logged in at ${api} until`),
    })
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(statSync(join(home, '.config/tsalt')).mode & 0o777).toBe(0o700)
    const saved = JSON.parse(readFileSync(file(), 'utf8'))
    expect(saved).toMatchObject({ api, user: 'webmaster', eauth: 'local', ca: readFileSync(ca, 'utf8') })
    const who = await tsalt(['whoami'])
    expect(who.out).toMatch(/^webmaster at https:\/\/127\.0\.0\.1:\d+, until .* left\)$/m)
    expect(who.out).toContain('test.ping')
    expect(JSON.parse((await tsalt(['session', '--out', 'json'])).out)).toMatchObject({
      name: 'webmaster',
      master: api,
      see: ['minions'],
    })
  })
  it('may do what the rules say, and is told what they do not', async () => {
    const ping = await tsalt(['web*', 'test.ping'])
    expect(ping).toEqual({ code: 0, out: 'web1:\n    web1\n', err: '' })
    const all = await tsalt(['*', 'test.ping'])
    expect(all).toMatchObject({ code: 77, out: '', err: expect.stringContaining('access-denied') })
  })
})
