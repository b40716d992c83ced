import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BlobCache, hashOf } from '../../../../minion/files/blob-cache.ts'
import { FolderFiles } from '../../../../minion/files/folder-files.ts'
import { ManifestFiles } from '../../../../minion/files/manifest-files.ts'
import { RemoteTrees } from '../../../../minion/files/remote-trees.ts'
import { parseSourceUrl } from '../../../../minion/files/source-url.ts'
import { makeSources } from '../../../../minion/files/sources.ts'
import type { TreeFiles } from '../../../../minion/files/tree-files.ts'
import { processorTime } from '../../processor-time.ts'
import { silent, standingClock } from '../jobs/jobs-fixture.ts'
import { FakeMaster } from './fake-master.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const link = 0o120_777
function remote(master: FakeMaster): RemoteTrees {
  return new RemoteTrees(master.link, new BlobCache(folder, standingClock()), folder, silent)
}
async function open(master: FakeMaster, trees = remote(master)): Promise<ManifestFiles> {
  return new ManifestFiles(trees, new Map([['base', await trees.update('base', master.hash('base'))]]))
}
const text = async (files: TreeFiles, path: string) => (await files.read('base', path))?.text

describe('the trees of a master', () => {
  test('come in one round trip; the second run asks for nothing; a change brings only itself', async () => {
    const master = new FakeMaster()
    master.attachUpTo = 100
    for (let number = 0; number < 20; number++) master.put('base', `f${number}`, `text ${number}`)
    const trees = remote(master)
    expect(await text(await open(master, trees), 'f7')).toBe('text 7')
    expect(master.asked).toEqual(['manifest base'])
    expect(await text(await open(master, trees), 'f8')).toBe('text 8')
    expect(await text(await open(master), 'f9')).toBe('text 9')
    expect(master.asked).toHaveLength(1)
    master.put('base', 'f7', 'changed')
    master.trees.get('base')?.delete('f8')
    const files = await open(master)
    expect(await text(files, 'f7')).toBe('changed')
    expect(await text(files, 'f8')).toBeUndefined()
    expect(master.asked).toHaveLength(2)
  })

  test('contents that did not come along are fetched together', async () => {
    const master = new FakeMaster()
    for (let number = 0; number < 300; number++) master.put('base', `d/f${number}`, `text ${number}`)
    master.put('base', 'large', Buffer.alloc(20_000_000, 7))
    const files = await open(master)
    for (let number = 0; number < 300; number++)
      expect(await text(files, `d/f${number}`)).toBe(`text ${number}`)
    expect(master.asked).toEqual(['manifest base', 'blobs 300'])
    expect((await files.fetch('base', 'large'))?.content.length).toBe(20_000_000)
    expect(master.asked.slice(2)).toEqual(['blobs 1', 'blobs 1', 'blobs 1'])
  })

  test('a deleted or damaged cache costs only a fetch', async () => {
    const master = new FakeMaster()
    master.put('base', 'a', 'one')
    await text(await open(master), 'a')
    const blobs = join(folder, 'blobs')
    const file = join(blobs, hashOf(Buffer.from('one')).slice(0, 2), hashOf(Buffer.from('one')))
    writeFileSync(file, 'two')
    expect(await text(await open(master), 'a')).toBe('one')
    expect(readFileSync(file, 'utf8')).toBe('one')
    const trees = remote(master)
    const files = await open(master, trees)
    expect(trees.has(hashOf(Buffer.from('one')))).toBe(true)
    rmSync(folder, { recursive: true })
    expect(await text(files, 'a')).toBe('one')
  })

  test('content that is not what its hash says is refused', async () => {
    const master = new FakeMaster()
    master.attachUpTo = 100
    master.put('base', 'a', 'one')
    master.tamper = (attachment) => {
      attachment[0] = 0
    }
    await expect(open(master)).rejects.toThrow('does not match its hash')
    master.attachUpTo = 0
    const files = await open(master)
    await expect(files.read('base', 'a')).rejects.toThrow('does not match its hash')
    expect(() => readdirSync(join(folder, 'blobs'))).toThrow()
  })

  test('what the master no longer has is said, with its name', async () => {
    const master = new FakeMaster()
    master.put('base', 'a', 'one')
    const files = await open(master)
    master.trees.clear()
    await expect(files.fetch('base', 'a')).rejects.toThrow('no longer has the content of salt://a')
  })

  test('links are followed inside the tree and never out of it', async () => {
    const master = new FakeMaster()
    master.put('base', 'd/real', 'real')
    master.put('base', 'd/link', 'real', link)
    master.put('base', 'up', 'd/link', link)
    master.put('base', 'out', '../../etc/passwd', link)
    master.put('base', 'absolute', '/etc/passwd', link)
    master.put('base', 'round', 'round', link)
    const files = await open(master)
    expect(await text(files, 'up')).toBe('real')
    expect(await text(files, 'out')).toBeUndefined()
    expect(await text(files, 'absolute')).toBeUndefined()
    await expect(files.read('base', 'round')).rejects.toThrow('links lead to each other')
    expect(await files.under('base', 'd')).toMatchObject([
      { path: 'link', target: 'real' },
      { path: 'real', size: 4 },
    ])
  })

  test('any sequence of changes arrives whole', async () => {
    const change = fc.tuple(
      fc.constantFrom('a', 'b', 'c/d', 'c/e'),
      fc.option(fc.string(), { nil: undefined }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        const master = new FakeMaster()
        master.attachUpTo = 4
        const trees = remote(master)
        for (const [path, content] of changes) {
          if (content === undefined) master.trees.get('base')?.delete(path)
          else master.put('base', path, content)
          const files = await open(master, trees)
          for (const one of ['a', 'b', 'c/d', 'c/e']) {
            const there = master.trees.get('base')?.get(one)
            const read = await files.fetch('base', one)
            expect(read && Buffer.from(read.content)).toEqual(there?.content)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  test('fetching what is in the cache does not ask the master, and costs next to nothing', async () => {
    const master = new FakeMaster()
    for (let number = 0; number < 1000; number++) master.put('base', `f${number}`, `text ${number}`)
    const files = await open(master)
    for (let number = 0; number < 1000; number++) await files.fetch('base', `f${number}`)
    const from = processorTime()
    for (let number = 0; number < 1000; number++) await files.fetch('base', `f${number}`)
    expect(processorTime() - from).toBeLessThan(1_000)
  })
})

describe('the cache on disk', () => {
  test('is trimmed, what was not used for longest first, what is in use last', () => {
    const clock = standingClock()
    const cache = new BlobCache(folder, clock)
    const blobs = ['a', 'b', 'c'].map((letter) => Buffer.from(letter.repeat(1000)))
    for (const blob of blobs) cache.store(hashOf(blob), blob)
    cache.release()
    const [a, b, c] = blobs.map(hashOf)
    if (!a || !b || !c) throw new Error('no hashes')
    cache.trim(1500, new Set([a]))
    cache.release()
    expect([cache.has(a), cache.has(b) && cache.has(c)]).toEqual([true, false])
  })
})

describe('folders of this machine', () => {
  const write = (path: string, content: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  test('a path through a file is no file', () => {
    writeFileSync(join(folder, 'apt'), '')
    const files = new FolderFiles({ base: [folder] })
    expect(files.has('base', 'apt/init.sls')).toBe(false)
    expect(files.has('base', 'apt')).toBe(true)
  })

  test('what lies behind a link to a folder is listed below it, as by Salt', async () => {
    write('one/config/certs/init.sls', 'x')
    symlinkSync('config/certs', join(folder, 'one/certs'))
    symlinkSync('..', join(folder, 'one/config/round'))
    const files = new FolderFiles({ base: [join(folder, 'one')] })
    expect(files.list('base')).toEqual(['certs/init.sls', 'config/certs/init.sls', 'config/round'])
    expect(await files.under('base', 'certs')).toMatchObject([{ path: 'init.sls', size: 1 }])
    expect(await text(files, 'certs/init.sls')).toBe('x')
  })

  test('the first root wins, litter is not served, paths stay inside', async () => {
    write('one/a.sls', 'one')
    write('two/a.sls', 'two')
    write('two/b/c', 'c')
    write('two/b/c~', 'litter')
    write('two/.git/config', 'litter')
    symlinkSync('c', join(folder, 'two/b/l'))
    const files = new FolderFiles({
      dev: [],
      base: [join(folder, 'one'), join(folder, 'two'), join(folder, 'none')],
    })
    expect(files.environments).toEqual(['base', 'dev'])
    expect(await text(files, 'a.sls')).toBe('one')
    expect(files.has('base', 'b')).toBe(false)
    expect(files.list('base')).toEqual(['a.sls', 'b/c', 'b/l'])
    expect(files.has('base', '../one/a.sls')).toBe(false)
    expect(await files.fetch('base', '../one/a.sls')).toBeUndefined()
    expect(await files.under('base', 'b')).toMatchObject([
      { path: 'c', size: 1 },
      { path: 'l', target: 'c' },
    ])
  })
})

describe('sources', () => {
  test.each([
    ['salt://a/b', { kind: 'tree', environment: 'base', path: 'a/b' }],
    ['salt://a/b?saltenv=dev', { kind: 'tree', environment: 'dev', path: 'a/b' }],
    ['salt://', { kind: 'tree', environment: 'base', path: '' }],
    ['/etc/x', { kind: 'local', path: '/etc/x' }],
    ['file:///etc/x', { kind: 'local', path: '/etc/x' }],
  ])('%s', (url, expected) => {
    expect(parseSourceUrl(url, 'base')).toEqual(expected)
  })
  test.each(['http://x', 'a/b', 'salt://a/../b'])('%s is refused', (url) => {
    expect(() => parseSourceUrl(url, 'base')).toThrow()
  })

  test('a missing one is named with what it may have meant; templates see their place', async () => {
    const master = new FakeMaster()
    master.put('base', 'redis/redis.conf', 'port {{pillar.port}} {{slspath}} {{tpldir}} {{extra}}')
    master.put('base', 'redis/init.yaml', '')
    const [grains, opts] = [new Map(), new Map()]
    const sources = makeSources({
      files: await open(master),
      grains,
      opts,
      pillar: new Map([['port', 6379]]),
    })
    const error = await sources.fetch('salt://redis/redis.cnf', 'base').catch((reason) => reason)
    expect(error).toMatchObject({ code: 'source-missing', hint: 'Did you mean salt://redis/redis.conf?' })
    expect(await sources.exists('salt://redis', 'base')).toBe(true)
    expect(await sources.exists('salt://rediss', 'base')).toBe(false)
    const source = await sources.fetch('salt://redis/redis.conf', 'base')
    const render = {
      text: Buffer.from(source.content).toString(),
      name: 'salt://redis/redis.conf',
      environment: 'base',
      sls: 'redis',
    }
    expect(await sources.render('handlebars', render, { extra: 'x' })).toBe('port 6379 redis redis x')
  })
})
