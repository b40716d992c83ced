import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { brokenLink } from '../../../master/audit/audit-log.ts'
import { startMaster } from '../../../master/server.ts'
import { systemClock } from '../../../shared/clock.ts'
import { loadOptions } from '../../../shared/config/load.ts'
import { masterOptions } from '../../../shared/config/master-options.ts'
import { silentLogger } from '../../../shared/log.ts'

describe('the master as a whole', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tsalt-master-'))
    mkdirSync(join(root, 'etc/tsalt'), { recursive: true })
    writeFileSync(join(root, 'etc/tsalt/master'), 'interface: 127.0.0.1\nport: 0\n')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  const start = () =>
    startMaster({
      options: loadOptions(masterOptions, join(root, 'etc/tsalt/master'), { root_dir: root }),
      clock: systemClock,
      logger: silentLogger(),
    })

  it('starts below a root of its own, answers operators, stops in order, and is the same after', async () => {
    const master = await start()
    expect(master.socket).toBe(join(root, 'run/tsalt/master.sock'))
    expect(statSync(master.socket).mode & 0o777).toBe(0o660)
    expect(statSync(join(root, 'var/lib/tsalt')).mode & 0o777).toBe(0o700)
    const keys = await get(master.socket, '/api/v1/keys')
    expect(keys).toMatchObject({ keys: [], masterFingerprint: master.fingerprint })
    await master.stop()
    const again = await start()
    expect(again.fingerprint).toBe(master.fingerprint)
    await again.stop()
    expect(brokenLink(readFileSync(join(root, 'var/log/tsalt/audit'), 'utf8'))).toBeUndefined()
  })

  it('a second one refuses at once and names the first; a failed start leaves nothing locked', async () => {
    const master = await start()
    await expect(start()).rejects.toMatchObject({
      code: 'master-already-running',
      message: expect.stringContaining(`process ${process.pid}`),
    })
    expect(await get(master.socket, '/api/v1/keys')).toMatchObject({ keys: [] })
    await master.stop()
    chmodSync(join(root, 'var/lib/tsalt/pki/ca.key'), 0o644)
    await expect(start()).rejects.toMatchObject({ code: 'secret-file-loose' })
    chmodSync(join(root, 'var/lib/tsalt/pki/ca.key'), 0o600)
    await (await start()).stop()
  })

  it('says which port is taken', async () => {
    const first = await start()
    const other = mkdtempSync(join(tmpdir(), 'tsalt-master-'))
    const options = loadOptions(masterOptions, undefined, {
      root_dir: other,
      interface: '127.0.0.1',
      port: first.address.port,
    })
    await expect(startMaster({ options, clock: systemClock, logger: silentLogger() })).rejects.toMatchObject({
      code: 'listen-failed',
      message: expect.stringContaining(`127.0.0.1:${first.address.port}`),
    })
    await first.stop()
    rmSync(other, { recursive: true, force: true })
  })
})

function get(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve(JSON.parse(body)))
    })
    asked.on('error', reject)
    asked.end()
  })
}
