/**
 * An operator limited to web* and state.*, who may call any runner and any wheel function that is not root, tries to get
 * at more: by everything that runs something inside something, over the API and over salt-api. A real master with
 * simulated minions; what reached them is looked at in the end.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobAccount } from '../../../master/api/schemas.ts'
import { verifyAudit } from '../../../master/audit/verify-audit.ts'
import type { IssuedCertificate } from '../../../master/auth/operator-desk.ts'
import type { WrittenAct } from '../../unit/master/auth/desk.ts'
import { HttpsClient } from '../api/https-client.ts'
import { NetworkMaster } from '../api/network-master.ts'
import { until } from '../stage/stage.ts'

const rules = `
access:
  - {who: admin, target: '*', functions: '*', runner: '*', wheel: '*', see: '*', root_equivalent: true}
  - {who: webmaster, target: 'web*', functions: ['state.*', test.ping], runner: '*', wheel: [key.list, key.list_all]}
`

const orchestrations: Readonly<Record<string, string>> = {
  'inner-command': `a:\n  salt.function:\n    - name: cmd.run\n    - tgt: web1\n    - arg: [id]\n`,
  'inner-target': `a:\n  salt.function:\n    - name: test.ping\n    - tgt: db1\n`,
  'inner-state': `a:\n  salt.state:\n    - tgt: '*'\n    - sls: nginx\n`,
  'inner-pillar': `a:\n  salt.state:\n    - tgt: web1\n    - sls: nginx\n    - pillar: {cmd: id}\n`,
  'inner-runner': `a:\n  salt.runner:\n    - name: pillar.show_pillar\n    - minion: db1\n`,
  'inner-parallel': `a:\n  salt.parallel_runners:\n    - runners:\n        one:\n          - name: pillar.show_pillar\n          - kwarg: {minion: db1}\n`,
  'inner-wheel': `a:\n  salt.wheel:\n    - name: key.delete\n    - match: db1\n`,
  allowed: `a:\n  salt.function:\n    - name: test.ping\n    - tgt: web1\n`,
}

let master: NetworkMaster
let admin: Readonly<Record<string, string>>
let webmaster: Readonly<Record<string, string>>

beforeAll(async () => {
  master = await NetworkMaster.start({ minions: ['web1', 'web2', 'db1'], rules })
  for (const [name, text] of Object.entries(orchestrations))
    writeFileSync(join(master.folder, 'states', `${name}.sls`), text)
  writeFileSync(join(master.folder, 'states/nginx.sls'), 'a: {test.nop: []}\n')
  admin = { 'x-auth-token': await master.login('admin') }
  webmaster = { 'x-auth-token': await master.login('webmaster') }
})
afterAll(() => master.stop())

const post = (path: string, body: unknown, who = webmaster) => master.https.post(`/api/v1${path}`, body, who)
const job = (expression: string, fun: string, more: object = {}) => ({
  target: { kind: 'list', expression },
  fun,
  args: [],
  kwargs: {},
  ...more,
})
const runner = (fun: string, args: readonly unknown[] = [], kwargs: object = {}) =>
  post('/runners', { fun, args, kwargs })
const auditLines = (fits: RegExp): string[] =>
  readFileSync(join(master.folder, 'var/log/tsalt/audit'), 'utf8')
    .split('\n')
    .filter((line) => fits.test(line))
const denied = (answer: { status: number; body: unknown }): void =>
  expect([answer.status, (answer.body as { code?: string }).code]).toEqual([403, 'access-denied'])

it('lets the operator do what was meant', async () => {
  expect((await post('/jobs', job('web1,web2', 'test.ping'))).status).toBe(201)
  expect((await post('/jobs', job('web1', 'state.apply', { args: ['nginx'] }))).status).toBe(201)
  expect((await runner('manage.up')).status).toBe(200)
})

const attacks = JSON.parse(
  readFileSync(new URL('../../cases/auth/attacks.json', import.meta.url), 'utf8'),
) as {
  readonly why: string
  readonly act: WrittenAct
}[]

it('refuses every attack of the list at the door that it comes to', async () => {
  const through: string[] = []
  for (const { why, act } of attacks) {
    const { ground = 'job', fun, args = [], kwargs = {}, minions = ['web1'] } = act
    if (ground === 'wheel' || ground === 'see') continue
    const target = minions.map((id) => id.replace('db2', 'db1')).join(',')
    const answer = await (ground === 'job'
      ? post('/jobs', job(target, fun, { args, kwargs }))
      : runner(fun, args, kwargs))
    // A function that nobody could call is no request at all.
    const isRefused =
      answer.status === 403 ||
      (answer.status >= 400 && answer.status < 500 && /malformed|unknown|argument/.test(answer.text))
    if (!isRefused) through.push(`${why}: ${answer.status} ${answer.text.slice(0, 200)}`)
  }
  expect(through).toEqual([])
})

describe('what runs inside', () => {
  it('a rollout: its gate, its canary and its targets', async () => {
    const wish = (more: object) => ({ batch: 1, ...more })
    denied(await post('/jobs', job('web1,web2', 'test.ping', { rollout: wish({ gate: 'id' }) })))
    denied(
      await post('/jobs', job('web1,web2', 'test.ping', { rollout: wish({ gate: 'http://localhost/' }) })),
    )
    denied(await post('/jobs', job('web1,db1', 'test.ping', { rollout: wish({}) })))
    const pillars = { kind: 'pillar', expression: 'password:a*' }
    denied(await post('/jobs', job('web1,web2', 'test.ping', { rollout: wish({ canary: pillars }) })))
    denied(await post('/jobs', job('web1,web2', 'test.ping', { rollout: wish({ stopOnChangeIn: pillars }) })))
    expect((await post('/jobs', job('web1,web2', 'test.ping', { rollout: wish({}) }))).status).toBe(201)
  })

  it("another's job and rollout: to end, run again, pause", async () => {
    const mine = await post('/jobs', job('db1', 'test.ping'), admin)
    const { jid } = mine.body as { jid: string }
    denied(await post(`/jobs/${jid}/kill`, { signal: 'TERM' }))
    denied(await post(`/jobs/${jid}/rerun`, { which: ['all'] }))
    denied(await master.https.get(`/api/v1/jobs/${jid}`, webmaster))
    const held = await post(
      '/jobs',
      job('db1,web1', 'test.ping', { rollout: { steps: [1, '100%'], pauseBetween: true } }),
      admin,
    )
    const rollout = (held.body as { jid: string }).jid
    for (const action of ['pause', 'resume', 'abort', 'retry-failed']) {
      const answer = await post(`/rollouts/${rollout}`, { action })
      // Where it is over already there is nothing to be steered.
      expect([403, 409]).toContain(answer.status)
    }
  })

  it('a command of an operator with more rights, run again on the same minions', async () => {
    const root = await post('/jobs', job('web1', 'cmd.run', { args: ['id'] }), admin)
    expect(root.status).toBe(201)
    const { jid } = root.body as { jid: string }
    denied(await post(`/jobs/${jid}/rerun`, { which: ['all'] }))
    denied(await post(`/jobs/${jid}/kill`, { signal: 'KILL' }))
    // The same submission once more is the same job: its answer would tell of it.
    denied(await post('/jobs', { ...job('web1', 'cmd.run', { args: ['id'] }), jid }))
  })

  it('runners that ask minions something', async () => {
    denied(await runner('survey.hash', ['web1', 'cmd.run', 'id']))
    denied(await runner('survey.hash', ['*', 'test.ping']))
    denied(await runner('survey.diff', ['db1', 'test.ping']))
    denied(await runner('mine.update', ['web1']))
    // Whom such a target means tells of pillars.
    denied(await runner('mine.get', ['password:a*', 'test.ping', 'pillar']))
    denied(await runner('mine.get', ['db1 and I@password:a*', 'test.ping'], { tgt_type: 'compound' }))
    expect((await runner('mine.get', ['*', 'test.ping'])).status).toBe(200)
    expect((await runner('survey.hash', ['web*', 'test.ping'])).status).toBe(200)
  })

  it.each(Object.keys(orchestrations).filter((name) => name !== 'allowed'))(
    'an orchestration: %s',
    async (name) => {
      const answer = await runner('state.orchestrate', [name])
      expect(answer.text).toMatch(/may not|access-denied/)
      expect(answer.text).not.toContain('"result":true')
    },
  )

  it('an orchestration of what is allowed goes through', async () => {
    const answer = await runner('state.orchestrate', ['allowed'])
    expect([answer.status, answer.text.includes('may not')]).toEqual([200, false])
    expect(answer.body).toMatchObject({ retcode: 0 })
  })

  it.each([
    { client: 'local', tgt: 'web1', fun: 'cmd.run', arg: ['id'] },
    { client: 'local', tgt: ['web1'], tgt_type: 'list', fun: ['cmd.run', 'test.ping'], arg: [['id'], []] },
    { client: 'local', tgt: 'web1', fun: 'cmd.run,test.ping', arg: [['id'], []] },
    { client: 'local', tgt: '*', fun: 'test.ping' },
    { client: 'local_async', tgt: 'db1', fun: 'test.ping' },
    { client: 'local_batch', tgt: '*', fun: 'test.ping', batch: '1' },
    {
      client: 'local',
      tgt: 'web1',
      fun: 'state.apply',
      arg: ['nginx', { __kwarg__: true, pillar: { cmd: 'id' } }],
    },
    { client: 'local', tgt: 'web1', fun: 'state.apply', arg: ['nginx', 'pillar={"cmd": "id"}'] },
    { client: 'local', tgt: 'web1', fun: 'state.apply', arg: ['nginx'], kwarg: { pillar: { cmd: 'id' } } },
    { client: 'local', tgt: 'web1', fun: 'state.apply', arg: ['nginx', 'saltenv=feature'] },
    { client: 'local', tgt: 'level:gold', tgt_type: 'pillar', fun: 'test.ping' },
    { client: 'runner', fun: 'pillar.show_pillar', minion: 'db1' },
    { client: 'runner', fun: 'survey.hash', tgt: 'web1', arg: ['web1', 'cmd.run', 'id'] },
    { client: 'wheel', fun: 'config.values' },
    { client: 'wheel', fun: 'key.accept', match: 'evil' },
    { client: 'wheel', fun: 'key.delete', match: 'db1' },
    { client: 'wheel_async', fun: 'file_roots.write', data: 'a', path: 'b' },
    { client: 'ssh', tgt: 'web1', fun: 'test.ping' },
  ])('salt-api: %j', async (low) => {
    for (const path of ['/', '/run']) {
      const answer = await master.https.post(path, [low], webmaster)
      expect([answer.status, answer.text]).not.toEqual([200, expect.stringContaining('"web1":')])
      expect(answer.text).not.toMatch(/"jid"|"return":\[true/)
    }
  })

  it('salt-api: a runner that is not waited for', async () => {
    const forged = { client: 'runner_async', fun: 'event.send', tag: 'salt/key', data: { act: 'forged' } }
    const shown = { client: 'runner_async', fun: 'pillar.show_pillar', minion: 'db1' }
    for (const low of [forged, shown]) await master.https.post('/', [low], webmaster)
    const told = async (): Promise<{ tag?: string; text: string }[]> =>
      (await master.https.get('/api/v1/events', admin)).text
        .split('\n')
        .filter((line) => line !== '')
        .map((text) => ({ ...(JSON.parse(text) as { tag?: string }), text }))
    await until('both to have failed', 10, async () => {
      const ended = (await told()).filter(
        ({ tag, text }) => /^salt\/run\/\d+\/ret$/.test(tag ?? '') && text.includes('webmaster'),
      )
      const failed = ended.filter(
        ({ text }) => /access-denied|may not/.test(text) && /"success":false/.test(text),
      )
      return failed.length >= 2 || undefined
    })
    expect((await told()).filter(({ tag, text }) => tag === 'salt/key' && text.includes('forged'))).toEqual(
      [],
    )
  })

  it('what is not written for operators: users, tokens, certificates, join tokens', async () => {
    denied(await post('/auth/users', { name: 'eve', password: 'long enough', groups: [] }))
    denied(await post('/auth/users/webmaster', { groups: ['ops'] }))
    denied(await post('/auth/tokens', { user: 'admin', seconds: 60 }))
    denied(await post('/auth/check', { name: 'admin', kind: 'see', fun: 'jobs', args: [], kwargs: {} }))
    denied(await post('/tokens', { idGlob: '*', seconds: 60 }))
    denied(await master.https.get('/api/v1/pillar/web1', webmaster))
    const own = await post('/auth/check', {
      name: 'webmaster',
      kind: 'job',
      fun: 'cmd.run',
      args: [],
      kwargs: {},
    })
    expect(own.body).toMatchObject({ allowed: false })
  })
})

it("takes an operator's certificate for the operator, and a minion's for nobody", async () => {
  const pem = (key: KeyObject, type: 'pkcs8' | 'spki'): string =>
    key.export({ type, format: 'pem' } as never).toString()
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const made = await master.client.post<IssuedCertificate>('/auth/certificates', {
    name: 'webmaster',
    days: 1,
    publicKey: pem(publicKey, 'spki'),
  })
  const folder = join(master.folder, 'simulated/web1')
  const minion = {
    key: readFileSync(join(folder, 'minion.key'), 'utf8'),
    cert: readFileSync(join(folder, 'minion.crt'), 'utf8'),
  }
  const operator = { key: pem(privateKey, 'pkcs8'), cert: made.certificate }
  for (const [tls, status] of [
    [operator, 201],
    [minion, 401],
    [{}, 401],
  ] as const) {
    const https = new HttpsClient(master.https.port, tls)
    const asked = () => https.post('/api/v1/jobs', job('web1', 'test.ping'))
    expect((await asked()).status).toBe(status)
    if (status === 201) {
      denied(await https.post('/api/v1/jobs', job('db1', 'test.ping')))
      await master.client.remove(`/auth/certificates/${made.serial}`)
      expect((await asked()).status).toBe(401)
    }
    https.close()
  }
})

it('nothing of it reached a minion, and each refusal is in the audit log, whose chain holds', async () => {
  const jobs = await master.client.get<JobAccount[]>('/jobs?limit=1000')
  const own = jobs.filter(({ operator }) => operator === 'webmaster')
  expect(own.length).toBeGreaterThan(3)
  const onMinions = own.filter(({ fun }) => !fun.startsWith('runner.'))
  for (const { fun, targets, kwargs } of onMinions) {
    expect(fun).toMatch(/^(?:test\.ping|state\.(?:apply|orchestrate))$/)
    expect(Object.keys(kwargs)).not.toContain('pillar')
    if (fun !== 'state.orchestrate') for (const { id } of targets) expect(id).toMatch(/^web/)
  }
  const file = join(master.folder, 'var/log/tsalt/audit')
  expect(await verifyAudit(file)).toMatchObject({ breaks: [] })
  expect(auditLines(/operator:webmaster.*refused/).length).toBeGreaterThan(100)
})
