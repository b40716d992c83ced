/** The API over the network is opened where all that it needs is there, and otherwise the master says what is not. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningMaster, startMaster } from '../../../master/server.ts'
import { systemClock } from '../../../shared/clock.ts'
import { loadOptions } from '../../../shared/config/load.ts'
import { masterOptions } from '../../../shared/config/master-options.ts'
import { silentLogger } from '../../../shared/log.ts'
import { HttpsClient } from './https-client.ts'
import { selfSigned } from './network-master.ts'

let folder: string
const rules = "external_auth: {local: {alice: ['test.ping']}}\n"
const api = 'api: {host: 127.0.0.1, port: 0, certificate: api.crt, key: api.key}\n'

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-opening-'))
  mkdirSync(join(folder, 'etc/tsalt'), { recursive: true })
  selfSigned(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function start(more: string): Promise<RunningMaster> {
  const file = join(folder, 'etc/tsalt/master')
  writeFileSync(file, `interface: 127.0.0.1\nport: 0\n${more}`, { mode: 0o600 })
  const options = loadOptions(masterOptions, file, { root_dir: folder })
  return startMaster({ options, clock: systemClock, logger: silentLogger() })
}

describe('the API over the network', () => {
  it('is closed unless it is configured', async () => {
    const master = await start(rules)
    expect(master.api).toBeUndefined()
    await master.stop()
  })

  it('is open with a certificate and rules, and closes with the master', async () => {
    const master = await start(api + rules)
    const https = new HttpsClient(master.api?.port ?? 0)
    expect((await https.get('/api/v1/openapi.json')).body).toMatchObject({ openapi: '3.1.0' })
    expect((await https.get('/')).body).toMatchObject({ return: 'Welcome' })
    await master.stop()
    await expect(https.get('/')).rejects.toThrow()
    https.close()
  })

  it('shows a page and its files to browsers, and nothing beside them', async () => {
    mkdirSync(join(folder, 'page/static'), { recursive: true })
    writeFileSync(join(folder, 'page/index.html'), '<p>page</p>')
    writeFileSync(join(folder, 'page/static/one.js'), 'one()')
    writeFileSync(join(folder, 'page/secret'), 'secret')
    const master = await start(
      `${api.trim().slice(0, -1)}, app: page/index.html, static: page/static}\n${rules}`,
    )
    const https = new HttpsClient(master.api?.port ?? 0)
    const page = await https.get('/', { accept: 'text/html,*/*;q=0.8' })
    expect([page.text, page.headers['content-type']]).toEqual(['<p>page</p>', 'text/html; charset=utf-8'])
    expect((await https.get('/', { accept: 'application/json' })).body).toMatchObject({ return: 'Welcome' })
    expect((await https.get('/static/one.js')).text).toBe('one()')
    expect((await https.get('/static/salt-auth.txt')).text).toBe('CLEAR\nlocal\n')
    for (const path of [
      '/static/../secret',
      '/static/..%2fsecret',
      '/static/',
      '/static/none',
      '/static/%00',
    ])
      expect((await https.get(path)).text, path).not.toContain('secret"')
    expect((await https.get('/static/..%2fsecret')).status).toBeGreaterThanOrEqual(400)
    https.close()
    await master.stop()
  })

  it.each([
    ['no rules', api, 'api-unusable', 'there are no rules'],
    ['no certificate', `api: {certificate: none.crt, key: api.key}\n${rules}`, 'api-unusable', 'none.crt'],
    ['no key', `api: {certificate: api.crt, key: none.key}\n${rules}`, 'api-unusable', 'none.key'],
    ['no page', `${api.trim().slice(0, -1)}, app: none.html}\n${rules}`, 'api-unusable', 'none.html'],
    [
      'an address of another machine',
      `${api.replace('127.0.0.1', '192.0.2.1')}${rules}`,
      'listen-failed',
      '192.0.2.1',
    ],
    ['half of its options', `api: {certificate: api.crt}\n${rules}`, 'config-option-invalid', 'key'],
    ['a misspelt option', `${api.replace('host', 'hst')}${rules}`, 'config-option-invalid', 'hst'],
  ])('does not start with %s', async (_name, text, code, said) => {
    await expect(start(text)).rejects.toMatchObject({ code, message: expect.stringContaining(said) })
  })

  it('does not start with a key that others may read, or that is of another certificate', async () => {
    chmodSync(join(folder, 'api.key'), 0o644)
    await expect(start(api + rules)).rejects.toMatchObject({ code: 'secret-file-loose' })
    copyFileSync(join(folder, 'api.crt'), join(folder, 'old.crt'))
    selfSigned(folder)
    chmodSync(join(folder, 'api.key'), 0o600)
    copyFileSync(join(folder, 'old.crt'), join(folder, 'api.crt'))
    await expect(start(api + rules)).rejects.toMatchObject({
      code: 'api-unusable',
      message: expect.stringContaining('do not fit'),
    })
  })
})
