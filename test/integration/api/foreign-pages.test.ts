/** Pages of other sites in the browser of an operator, strangers at /run, and what `auth/check` tells of minions. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpsAnswer, HttpsClient } from './https-client.ts'
import { NetworkMaster, passwords } from './network-master.ts'

let master: NetworkMaster
let webmaster: string
const codeOf = ({ body }: HttpsAnswer): unknown => (body as { code?: unknown }).code
const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
const form = 'application/x-www-form-urlencoded'

beforeAll(async () => {
  master = await NetworkMaster.start({ minions: ['web1', 'db1'] })
  webmaster = await master.login('webmaster')
})
afterAll(() => master.stop())

describe('a page of another site', () => {
  it('cannot use the certificate that a browser shows by itself', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const made = await master.client.post<{ certificate: string }>('/auth/certificates', {
      name: 'webmaster',
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
      days: 1,
    })
    const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const browser = new HttpsClient(master.https.port, { cert: made.certificate, key })
    const body = 'client=local_async&tgt=web1&fun=test.ping'
    const post = (headers: Record<string, string>) =>
      browser.post('/', body, { 'content-type': form, ...headers })
    expect((await post({})).status).toBe(200)
    expect(codeOf(await post(foreign))).toBe('cross-site')
    expect(codeOf(await browser.get('/minions/web1', { 'sec-fetch-site': 'cross-site' }))).toBe('cross-site')
    // A link to the page itself is no harm.
    expect((await browser.get('/', { 'sec-fetch-site': 'cross-site' })).status).toBe(200)
    browser.close()
  })

  it('cannot log a browser in as somebody of its own choice', async () => {
    const body = `username=webmaster&password=${encodeURIComponent(passwords.webmaster ?? '')}&eauth=local`
    const post = (headers: Record<string, string>) =>
      master.https.post('/login', body, { 'content-type': form, ...headers })
    const refused = await post(foreign)
    expect(codeOf(refused)).toBe('cross-site')
    expect(refused.headers['set-cookie']).toBeUndefined()
    expect((await post({})).status).toBe(200)
  })
})

it('asks at /run who it is before anything of the commands is looked at', async () => {
  const wrong = { client: 'local', fun: 'no function', tgt: '*' }
  const logged = { username: 'webmaster', password: passwords.webmaster, eauth: 'local' }
  expect(codeOf(await master.https.post('/run', [wrong]))).toBe('login-needed')
  expect(codeOf(await master.https.post('/run', [{ ...wrong, ...logged, password: 'x' }]))).toBe(
    'login-refused',
  )
  expect(codeOf(await master.https.post('/run', [{ ...wrong, ...logged }]))).toBe('low-invalid')
})

it('names of the minions of a question only those that may be seen', async () => {
  const ask = (fun: string, target?: object) =>
    master.https.post(
      '/api/v1/auth/check',
      {
        name: 'webmaster',
        kind: fun === 'jobs' ? 'see' : 'job',
        fun,
        args: [],
        kwargs: {},
        ...(target && { target }),
      },
      { authorization: `Bearer ${webmaster}` },
    )
  for (const target of [undefined, { kind: 'glob', expression: '*' }])
    expect((await ask('test.ping', target)).body).toMatchObject({ allowed: false, minions: ['web1'] })
  expect((await ask('jobs', { kind: 'glob', expression: '*' })).text).not.toContain('db1')
})

it('reads of an address that is nobody only so much in a while', async () => {
  const body = JSON.stringify([{ note: 'x'.repeat(1_000_000) }])
  const json = { 'content-type': 'application/json' }
  const statuses: number[] = []
  while (statuses.length < 6) statuses.push((await master.https.post('/run', body, json)).status)
  expect(statuses.slice(0, 2)).toEqual([401, 401])
  expect(statuses.at(-1)).toBe(429)
  // Those who are somebody are not touched by it.
  expect((await master.https.get('/api/v1/session', { authorization: `Bearer ${webmaster}` })).status).toBe(
    200,
  )
})
