/** The API over the network: TLS, logins, rights, streams, budgets. A real master, real sockets, simulated minions. */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpsAnswer, HttpsClient } from './https-client.ts'
import { NetworkMaster } from './network-master.ts'

let master: NetworkMaster
let admin: string
let webmaster: string
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const target = (expression: string) => ({ kind: 'glob', expression })
const job = (expression: string, fun: string) => ({ target: target(expression), fun, args: [], kwargs: {} })
const codeOf = ({ body }: HttpsAnswer): unknown => (body as { code?: unknown }).code

beforeAll(async () => {
  master = await NetworkMaster.start({ minions: ['web1', 'web2', 'db1'] })
  admin = await master.login('admin')
  webmaster = await master.login('webmaster')
})
afterAll(() => master.stop())

describe('TLS', () => {
  it('is 1.3 or nothing', async () => {
    const outcome = await new Promise((done) => {
      const socket = connect({
        host: '127.0.0.1',
        port: master.https.port,
        maxVersion: 'TLSv1.2',
        rejectUnauthorized: false,
      })
      socket.once('secureConnect', () => done('connected'))
      socket.once('error', () => done('refused'))
    })
    expect(outcome).toBe('refused')
  })

  it('comes with the headers that browsers heed, and without CORS', async () => {
    const { headers } = await master.https.get('/api/v1/status', {
      ...bearer(admin),
      origin: 'https://evil.example',
    })
    expect(headers).toMatchObject({
      'strict-transport-security': expect.stringContaining('max-age'),
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('who asks', () => {
  it.each([
    ['without a token', {}],
    ['with one that is none', { 'x-auth-token': 'f'.repeat(64) }],
    ['with one that has another form', { authorization: 'Bearer nonsense' }],
    ['with a cookie that is none', { cookie: 'session_id=abc' }],
  ])('is asked to log in %s', async (_name, headers) => {
    const answer = await master.https.get('/api/v1/jobs', headers)
    expect(answer.status).toBe(401)
    expect(codeOf(answer)).toBe('login-needed')
  })

  it('is known by either header', async () => {
    for (const headers of [bearer(admin), { 'x-auth-token': admin }])
      expect((await master.https.get('/api/v1/session', headers)).body).toMatchObject({ name: 'admin' })
  })

  it('may show the certificate of an operator instead, until it is revoked', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const made = await master.client.post<{ certificate: string; serial: string }>('/auth/certificates', {
      name: 'webmaster',
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
      days: 1,
    })
    const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const with_certificate = new HttpsClient(master.https.port, { cert: made.certificate, key })
    const ask = () => with_certificate.get('/api/v1/session')
    expect((await ask()).body).toMatchObject({ name: 'webmaster' })
    expect((await with_certificate.post('/api/v1/jobs', job('db1', 'test.ping'))).status).toBe(403)
    // A token that is none is not made good by it.
    expect((await with_certificate.get('/api/v1/session', { 'x-auth-token': 'x' })).status).toBe(401)
    await revoke(made.serial)
    // On the same connection.
    expect((await ask()).status).toBe(401)
    with_certificate.close()
  })

  it('is nobody with the certificate of a minion', async () => {
    const folder = join(master.folder, 'simulated/web1')
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
    const minion = new HttpsClient(master.https.port, { cert: read('minion.crt'), key: read('minion.key') })
    expect((await minion.get('/api/v1/session')).status).toBe(401)
    minion.close()
  })

  it('gets one answer for an unknown name and a wrong password', async () => {
    const answers = await Promise.all(
      [
        { username: 'admin', password: 'wrong' },
        { username: 'mallory', password: 'wrong' },
      ].map((credentials) => master.https.post('/api/v1/login', credentials)),
    )
    expect(answers.map(({ status }) => status)).toEqual([401, 401])
    expect(answers[0]?.text).toBe(answers[1]?.text)
  })

  it('may not put a token into a URL', async () => {
    const answer = await master.https.get(`/api/v1/jobs?token=${admin}`)
    expect([answer.status, codeOf(answer)]).toEqual([400, 'token-in-url'])
    expect(answer.text).not.toContain(admin)
  })

  it('is nobody after the logout, and streams opened with the token end', async () => {
    const token = await master.login('admin')
    const stream = await master.https.open('/api/v1/events', {
      headers: { ...bearer(token), accept: 'text/event-stream' },
    })
    const ended = new Promise((done) => {
      stream.on('end', () => done('ended')).on('error', () => done('ended'))
      stream.resume()
    })
    expect((await master.https.post('/api/v1/logout', undefined, bearer(token))).status).toBe(200)
    expect(await ended).toBe('ended')
    expect((await master.https.get('/api/v1/status', bearer(token))).status).toBe(401)
  })

  it('is not heard with the cookie from a page of another site', async () => {
    const cookie = `session_id=${admin}`
    const from = (headers: Record<string, string>) =>
      master.https.get('/api/v1/status', { cookie, ...headers })
    expect((await from({})).status).toBe(200)
    expect((await from({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect(codeOf(await from({ 'sec-fetch-site': 'cross-site' }))).toBe('cross-site')
    expect(codeOf(await from({ origin: 'https://evil.example' }))).toBe('cross-site')
  })
})

describe('what may be done', () => {
  it('is everything for whom everything is allowed', async () => {
    const answer = await master.https.post('/api/v1/jobs', job('*', 'test.ping'), bearer(admin))
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({ targets: ['db1', 'web1', 'web2'] })
  })

  it.each([
    ['web*', 'test.ping', 201],
    ['*', 'test.ping', 403],
    ['db1', 'test.ping', 403],
    ['web*', 'cmd.run', 403],
  ])('is what the rules say for others: %s %s → %i', async (expression, fun, status) => {
    const answer = await master.https.post('/api/v1/jobs', job(expression, fun), bearer(webmaster))
    expect(answer.status).toBe(status)
    if (status === 403) expect(codeOf(answer)).toBe('access-denied')
  })

  it.each([
    ['GET', '/api/v1/pillar/web1'],
    ['GET', '/api/v1/states'],
    ['POST', '/api/v1/keys', { action: 'delete', match: '*' }],
    ['POST', '/api/v1/tokens', { idGlob: '*', seconds: 60 }],
    ['POST', '/api/v1/runners', { fun: 'manage.up', args: [], kwargs: {} }],
  ])('is refused without a rule: %s %s', async (method, path, body?: object) => {
    const answer = await master.https.ask(path, { method, headers: bearer(webmaster), body })
    expect([answer.status, codeOf(answer)]).toEqual([403, 'access-denied'])
  })

  it('shows to others no more than their own jobs', async () => {
    const secret = await master.https.post('/api/v1/jobs', job('db1', 'test.ping'), bearer(admin))
    const { jid } = secret.body as { jid: string }
    const list = await master.https.get('/api/v1/jobs?limit=100', bearer(webmaster))
    const operators = new Set((list.body as { operator: string }[]).map(({ operator }) => operator))
    expect(operators).toEqual(new Set(['webmaster']))
    expect((await master.https.get(`/api/v1/jobs/${jid}`, bearer(webmaster))).status).toBe(403)
    expect((await master.https.get(`/api/v1/jobs/${jid}/follow`, bearer(webmaster))).status).toBe(403)
    expect((await master.https.get(`/api/v1/jobs/${jid}`, bearer(admin))).status).toBe(200)
  })

  it('shows no key, minion or event that is about others', async () => {
    const ask = async <Body>(path: string) => (await master.https.get(path, bearer(webmaster))).body as Body
    const { keys } = await ask<{ keys: { id: string }[] }>('/api/v1/keys')
    expect(keys.map(({ id }) => id)).not.toContain('db1')
    const { minions } = await ask<{ minions: { id: string }[] }>('/api/v1/minions')
    expect(minions.map(({ id }) => id).sort()).toEqual(['web1', 'web2'])
    expect((await master.https.get('/api/v1/minions/db1', bearer(webmaster))).status).toBe(403)
    const events = await master.https.get('/api/v1/events', bearer(webmaster))
    expect(events.text).not.toContain('db1')
    expect((await master.https.get('/api/v1/events', bearer(admin))).text).toContain('db1')
  })

  it('is in the audit log', () => {
    const log = readFileSync(join(master.folder, 'var/log/tsalt/audit'), 'utf8')
    const entries = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(entries).toContainEqual(
      expect.objectContaining({ actor: 'operator:webmaster', verdict: 'refused' }),
    )
    expect(entries).toContainEqual(expect.objectContaining({ actor: 'operator:admin', kind: 'login' }))
    expect(log).not.toContain(admin)
  })
})

describe('what is looked at', () => {
  it('is a minion with its grains', async () => {
    const answer = await master.https.get('/api/v1/minions/web1', bearer(admin))
    expect(answer.body).toMatchObject({ id: 'web1', connected: true, grains: { id: 'web1' } })
  })

  it.each([
    ['/api/v1/minions/nobody', 404, 'target-unknown'],
    ['/api/v1/minions/-bad-', 400, 'id-invalid'],
    ['/api/v1/jobs/123', 400, 'jid-invalid'],
    ['/api/v1/jobs/20200101000000000000', 404, 'job-unknown'],
    ['/api/v1/jobs?limit=0', 400, 'request-malformed'],
    ['/api/v1/jobs?limt=1', 400, 'request-malformed'],
    ['/api/v1/nonsense', 404, 'request-unknown'],
    ['/api/v1/%ff', 400, 'request-malformed'],
  ])('%s is %i %s', async (path, status, code) => {
    const answer = await master.https.get(path, bearer(admin))
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
  })

  it('goes on with an event stream where it was', async () => {
    const accept = { ...bearer(admin), accept: 'text/event-stream' }
    const first = await read(await master.https.open('/api/v1/events?after=0', { headers: accept }), 3)
    const ids = [...first.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
    expect(ids.length).toBeGreaterThanOrEqual(2)
    const again = await read(
      await master.https.open('/api/v1/events', { headers: { ...accept, 'last-event-id': String(ids[0]) } }),
      1,
    )
    expect(Number(/^id: (\d+)$/m.exec(again)?.[1])).toBe(ids[1])
  })
})

function revoke(serial: string): Promise<void> {
  return new Promise((done, failed) => {
    const path = `/api/v1/auth/certificates/${serial}`
    const asked = request({ socketPath: master.client.where, method: 'DELETE', path }, (answer) => {
      answer.resume()
      answer.once('end', () =>
        answer.statusCode === 200 ? done() : failed(new Error(String(answer.statusCode))),
      )
    })
    asked.once('error', failed)
    asked.end()
  })
}

/** So many events of a stream. */
async function read(stream: NodeJS.ReadableStream & { destroy(): unknown }, count: number): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    if ([...text.matchAll(/^id: /gm)].length >= count && text.endsWith('\n\n')) break
  }
  stream.destroy()
  return text
}
