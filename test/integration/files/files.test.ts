import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestHash } from '../../../shared/protocol/manifest-hash.ts'
import { type Master, startMaster } from '../gateway/master-fixture.ts'
import { connected, enrolled } from '../gateway/peer.ts'

describe('files over real sockets', () => {
  let folder: string
  let master: Master
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsalt-states-'))
    mkdirSync(join(folder, 'states/nginx'), { recursive: true })
    writeFileSync(join(folder, 'states/top.sls'), 'base: {}\n')
    writeFileSync(join(folder, 'states/nginx/init.sls'), 'nginx: {pkg: [installed]}\n')
    writeFileSync(join(folder, 'states/large'), Buffer.alloc(9 * 1024 * 1024, 7))
    writeFileSync(join(folder, 'secret'), 'secret')
    symlinkSync('../secret', join(folder, 'states/link'))
    master = await startMaster({ roots: { base: [join(folder, 'states')] } })
  })
  afterAll(async () => {
    await master.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('one round trip brings the manifest and the small files, slices bring the large ones', async () => {
    const { channel } = await connected(master, await enrolled(master, 'web1'))
    const { body, attachment } = await channel.request('file.manifest', { environment: 'base' })
    expect(body.put.map(([path]) => path)).toEqual(['large', 'nginx/init.sls', 'top.sls'])
    expect(manifestHash(body.put)).toBe(body.hash)
    expect(Buffer.from(attachment ?? []).toString()).toBe('nginx: {pkg: [installed]}\nbase: {}\n')
    const large = body.put[0]
    if (large === undefined) throw new Error('missing')
    const [, sha256, size] = large
    const half = Math.ceil(size / 2)
    const slices = [
      { sha256, offset: 0, length: half },
      { sha256, offset: half, length: half },
    ]
    const blobs = await channel.request('file.get', { environment: 'base', slices })
    expect(blobs.attachment?.length).toBe(size)
    writeFileSync(join(folder, 'states/top.sls'), 'base: {"*": [nginx]}\n')
    const next = await channel.request('file.manifest', { environment: 'base', have: body.hash })
    expect(next.body).toMatchObject({ base: body.hash, drop: [] })
    expect(next.body.put.map(([path]) => path)).toEqual(['top.sls'])
    expect(Buffer.from(next.attachment ?? []).toString()).toBe('base: {"*": [nginx]}\n')
    channel.close('done')
  })

  it('has no way to ask for a path, and refuses environments that are none', async () => {
    const { channel } = await connected(master, await enrolled(master, 'web2'))
    for (const environment of ['../..', '/etc', 'base/../..', 'a/b', ''])
      await expect(channel.request('file.manifest', { environment })).rejects.toMatchObject({
        code: 'message-unsendable',
      })
    await expect(channel.request('file.manifest', { environment: 'prod' })).rejects.toMatchObject({
      parameters: { code: 'environment-unknown' },
    })
    const slices = [{ sha256: 'ab'.repeat(32) as never, offset: 0, length: 10 }]
    const { body } = await channel.request('file.get', { environment: 'base', slices })
    expect(body.slices[0]?.size).toBe(-1)
    channel.close('done')
  })
})
