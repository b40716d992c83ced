/** Downloads are kept by their digest, and only as long as they have it. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { DownloadCache } from '../../../../minion/files/download-cache.ts'
import { makeSources } from '../../../../minion/files/sources.ts'
import type { TreeFiles } from '../../../../minion/files/tree-files.ts'
import { systemClock } from '../../../../shared/clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsalt-downloads-'))
afterEach(() => rmSync(join(folder, 'downloads'), { recursive: true, force: true }))

const digest = (algorithm: string, text: string) => ({
  algorithm,
  hex: createHash(algorithm).update(text).digest('hex'),
})

test.each(['md5', 'sha1', 'sha256', 'sha512'])('what has its %s is kept', (algorithm) => {
  const cache = new DownloadCache(folder, systemClock)
  cache.store(digest(algorithm, 'content'), Buffer.from('content'))
  expect(Buffer.from(cache.read(digest(algorithm, 'content')) ?? []).toString()).toBe('content')
  expect(cache.read(digest(algorithm, 'other'))).toBeUndefined()
})

test('what has another digest is not kept, and what was damaged is forgotten', () => {
  const cache = new DownloadCache(folder, systemClock)
  cache.store(digest('sha256', 'meant'), Buffer.from('served'))
  expect(cache.read(digest('sha256', 'meant'))).toBeUndefined()
  cache.store(digest('sha256', 'meant'), Buffer.from('meant'))
  const [name = ''] = readdirSync(join(folder, 'downloads'))
  writeFileSync(join(folder, 'downloads', name), 'forged')
  expect(cache.read(digest('sha256', 'meant'))).toBeUndefined()
  expect(readdirSync(join(folder, 'downloads'))).toEqual([])
})

test('a second run asks the server for nothing that the first one verified', async () => {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    response.end('content')
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`
  const run = () =>
    makeSources({
      files: {} as TreeFiles,
      grains: new Map(),
      pillar: new Map(),
      opts: new Map([['cachedir', folder]]),
    })
  try {
    const wanted = digest('sha512', 'content')
    for (let times = 0; times < 3; times++)
      expect(Buffer.from((await run().download(url, wanted)).content).toString()).toBe('content')
    const later = run()
    await later.download(url, wanted)
    // Whoever asks again in the same run need not know the digest.
    await later.download(url)
    expect(asked).toBe(1)
    await run().download(url)
    await run().download(url, digest('sha512', 'another'))
    await run().download(url, digest('sha512', 'another'))
    expect(asked).toBe(4)
  } finally {
    server.close()
  }
})
