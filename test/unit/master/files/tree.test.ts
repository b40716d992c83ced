import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBeneath } from '../../../../master/files/beneath-root.ts'
import { Coalesced } from '../../../../master/files/coalesced.ts'
import type { FileService } from '../../../../master/files/file-service.ts'
import { openFolderTree } from '../../../../master/files/folder-tree.ts'
import { difference } from '../../../../master/files/manifest.ts'
import { openFileService } from '../../../../master/files/tree-file-service.ts'
import { systemClock } from '../../../../shared/clock.ts'
import type { Sha256 } from '../../../../shared/ids.ts'
import { comparePaths, manifestHash } from '../../../../shared/protocol/manifest-hash.ts'
import type { ManifestEntry } from '../../../../shared/protocol/messages/manifest-request.ts'

const logger = pino({ level: 'silent' })
const hashOf = (text: string): Sha256 => createHash('sha256').update(text).digest('hex') as Sha256

describe('trees of files', () => {
  let folder: string
  let files: FileService
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsalt-files-'))
    mkdirSync(join(folder, 'one'))
    files = serve(['one', 'two'])
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const serve = (roots: string[], cacheFile?: string): FileService =>
    openFileService({
      roots: { base: roots.map((root) => join(folder, root)), empty: [join(folder, 'none')] },
      clock: systemClock,
      logger,
      ...(cacheFile === undefined ? {} : { cacheFile }),
    })
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const all = async (service = files) => (await service.delta({ environment: 'base' })).body
  const paths = async (service = files): Promise<string[]> => (await all(service)).put.map(([path]) => path)

  it('lists files with hash, size and mode, sorted, the first root wins, litter and version control left out', async () => {
    put('one/top.sls', 'one')
    put('two/top.sls', 'two')
    put('two/b/init.sls', 'b')
    put('one/a-b.sls', 'x')
    put('one/a/x', 'x')
    chmodSync(join(folder, 'one/a/x'), 0o755)
    for (const litter of ['.git/config', 'b/.svn/entries', 'x.swp', 'x~', '.#lock', '#save#', 'm.pyc'])
      put(`one/${litter}`, 'litter')
    const { put: entries, hash } = await all()
    expect(entries.map(([path]) => path)).toEqual(['a-b.sls', 'a/x', 'b/init.sls', 'top.sls'])
    expect(entries.find(([path]) => path === 'top.sls')?.[1]).toBe(hashOf('one'))
    expect(entries.find(([path]) => path === 'a/x')).toEqual(['a/x', hashOf('x'), 1, 0o755])
    expect(manifestHash(entries)).toBe(hash)
    expect((await files.treeHashes()).base).toBe(hash)
  })

  it('a file of a later root does not take the place of a folder, nor the other way round', async () => {
    put('one/a/x', 'x')
    put('two/a', 'file')
    put('one/b', 'file')
    put('two/b/x', 'x')
    expect(await paths()).toEqual(['a/x', 'b'])
  })

  it('sees every change made before the call, whatever it is', async () => {
    put('one/a', '1')
    const seen = new Set([(await files.treeHashes()).base])
    const changes: (() => void)[] = [
      () => put('one/a', '2'),
      () => put('one/b', '1'),
      () => chmodSync(join(folder, 'one/b'), 0o600),
      () => renameSync(join(folder, 'one/b'), join(folder, 'one/c')),
      () => put('one/c', '2'),
      () => rmSync(join(folder, 'one/c')),
      () => linkSync(join(folder, 'one/a'), join(folder, 'one/d')),
      () => symlinkSync('a', join(folder, 'one/link')),
    ]
    for (const [index, change] of changes.entries()) {
      change()
      // Deleting what was made brings an old hash back; everything else makes a new one.
      if (index !== 5) {
        const { base } = await files.treeHashes()
        expect(seen.has(base)).toBe(false)
        seen.add(base)
      }
    }
  })

  it('a change of the same size within the step of the clock is not missed', async () => {
    for (let round = 0; round < 50; round += 1) {
      put('one/a', `round ${round % 10}`)
      const { put: entries } = await all()
      expect(entries[0]?.[1]).toBe(hashOf(`round ${round % 10}`))
    }
  })

  it('a restored time does not hide a change', async () => {
    put('one/a', 'old')
    utimesSync(join(folder, 'one/a'), 1_000, 1_000)
    await files.treeHashes()
    put('one/a', 'new')
    utimesSync(join(folder, 'one/a'), 1_000, 1_000)
    expect((await all()).put[0]?.[1]).toBe(hashOf('new'))
  })

  it('links are entries, unless they lead out of the root', async () => {
    put('one/real/x', 'x')
    put('secret', 's')
    put('one-more/secret', 's')
    symlinkSync('real/x', join(folder, 'one/inside'))
    symlinkSync('../secret', join(folder, 'one/outside'))
    symlinkSync('../one-more/secret', join(folder, 'one/sibling'))
    symlinkSync('/etc/passwd', join(folder, 'one/absolute'))
    symlinkSync('gone', join(folder, 'one/dangling'))
    symlinkSync('../gone', join(folder, 'one/dangling-out'))
    const { put: entries } = await all()
    expect(entries.map(([path]) => path)).toEqual(['dangling', 'inside', 'real/x'])
    expect(entries[1]).toEqual(['inside', hashOf('real/x'), 6, 0o120_777])
    const blob = await files.blobs({
      environment: 'base',
      slices: [{ sha256: hashOf('real/x'), offset: 0, length: 6 }],
    })
    expect(Buffer.from(blob.attachment).toString()).toBe('real/x')
  })

  it('what is neither file nor link is left out, and nothing hangs on a FIFO', async () => {
    execFileSync('mkfifo', [join(folder, 'one/pipe')])
    put('one/a', 'a')
    expect(await paths()).toEqual(['a'])
    expect(() => openBeneath(join(folder, 'one'), 'pipe')).toThrow(
      expect.objectContaining({ code: 'tree-file-unreadable' }),
    )
  })

  it('opens nothing outside of the root', () => {
    put('secret', 's')
    put('one-secret/x', 's')
    symlinkSync('..', join(folder, 'one/up'))
    symlinkSync(join(folder, 'one-secret'), join(folder, 'one/next'))
    const attempts = [
      '../secret',
      '/etc/passwd',
      'up/secret',
      'next/x',
      'a/../../secret',
      './x',
      '',
      'a//b',
      'a\0b',
    ]
    for (const path of attempts)
      expect(() => openBeneath(join(folder, 'one'), path)).toThrow(
        expect.objectContaining({ code: 'path-outside-root' }),
      )
  })

  it('a delta brings what changed, with its contents', async () => {
    put('one/same', 'same')
    put('one/gone', 'gone')
    put('one/changed', 'before')
    const first = await all()
    put('one/changed', 'after')
    put('one/new', 'new')
    put('one/copy', 'same')
    put('one/big', 'x'.repeat(70_000))
    rmSync(join(folder, 'one/gone'))
    const { body, attachment } = await files.delta({ environment: 'base', have: first.hash })
    expect(body.base).toBe(first.hash)
    expect(body.drop).toEqual(['gone'])
    expect(body.put.map(([path]) => path)).toEqual(['big', 'changed', 'copy', 'new'])
    expect(body.blobs).toEqual([
      [hashOf('after'), 5],
      [hashOf('new'), 3],
    ])
    expect(Buffer.from(attachment).toString()).toBe('afternew')
    const none = await files.delta({ environment: 'base', have: body.hash, want: body.hash })
    expect(none.body).toMatchObject({ base: body.hash, put: [], drop: [], blobs: [] })
    const unknown = await files.delta({ environment: 'base', have: hashOf('never') })
    expect(unknown.body.base).toBeUndefined()
    expect(unknown.body.put).toHaveLength(5)
  })

  it('serves slices of what the newest manifest names, and nothing else', async () => {
    put('one/a', '0123456789')
    put('secret', 'secret')
    await files.treeHashes()
    const ask = async (text: string, offset: number, length: number, environment = 'base') => {
      const { body, attachment } = await files.blobs({
        environment,
        slices: [{ sha256: hashOf(text), offset, length }],
      })
      return { size: body.slices[0]?.size, text: Buffer.from(attachment).toString() }
    }
    expect(await ask('0123456789', 2, 3)).toEqual({ size: 10, text: '234' })
    expect(await ask('0123456789', 8, 100)).toEqual({ size: 10, text: '89' })
    expect(await ask('0123456789', 100, 5)).toEqual({ size: 10, text: '' })
    expect(await ask('secret', 0, 6)).toEqual({ size: -1, text: '' })
    expect(await ask('0123456789', 0, 10, 'empty')).toEqual({ size: -1, text: '' })
    await expect(ask('x', 0, 1, 'bsae')).rejects.toMatchObject({
      code: 'environment-unknown',
      hint: 'Did you mean "base"?',
    })
    // Changed since: the old name has no content any more, and never another one.
    put('one/a', '9876543210')
    expect(await ask('0123456789', 0, 10)).toEqual({ size: -1, text: '' })
  })

  it('hashes survive a restart, and a damaged cache is only slow', async () => {
    put('one/a', 'a')
    utimesSync(join(folder, 'one/a'), 1_000, 1_000)
    await new Promise((resolve) => setTimeout(resolve, 150))
    const cache = join(folder, 'cache')
    const { base } = await serve(['one'], cache).treeHashes()
    expect((await serve(['one'], cache).treeHashes()).base).toBe(base)
    writeFileSync(cache, 'tsalt-hashes 1\nnonsense\n\0\0\0')
    expect((await serve(['one'], cache).treeHashes()).base).toBe(base)
  })

  it('as the tree of the language: environments in order, texts, links to files and folders', async () => {
    put('one/top.sls', 'base')
    put('one/real/init.sls', 'real')
    symlinkSync('top.sls', join(folder, 'one/start.sls'))
    symlinkSync('real', join(folder, 'one/alias'))
    symlinkSync('/etc', join(folder, 'one/etc'))
    put('two/x.sls', 'dev')
    const roots = { dev: [join(folder, 'two')], base: [join(folder, 'one')] }
    const tree = openFolderTree({ roots, order: [], clock: systemClock, logger })
    expect(tree.environments).toEqual(['base', 'dev'])
    await tree.refresh()
    expect(tree.list('base')).toEqual(['alias/init.sls', 'real/init.sls', 'start.sls', 'top.sls'])
    expect(await tree.read('base', 'start.sls')).toMatchObject({ text: 'base', sha256: hashOf('base') })
    expect(await tree.read('base', 'alias/init.sls')).toMatchObject({ text: 'real' })
    expect(await tree.read('base', 'etc/passwd')).toBeUndefined()
    expect(await tree.read('base', '../two/x.sls')).toBeUndefined()
    expect(tree.has('dev', 'x.sls') && !tree.has('prod', 'x.sls')).toBe(true)
    put('one/top.sls', 'other')
    await tree.refresh()
    expect(await tree.read('base', 'top.sls')).toMatchObject({ text: 'other' })
  })
})

describe('coalesced work', () => {
  it('runs once at a time, and every caller gets a run that began after its call', async () => {
    let running = 0
    let runs = 0
    const work = new Coalesced(async () => {
      expect(running).toBe(0)
      running += 1
      runs += 1
      const number = runs
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      return number
    })
    const first = work.run()
    const waiting = [work.run(), work.run(), work.run()]
    expect(await first).toBe(1)
    const late = work.run()
    expect(await Promise.all(waiting)).toEqual([2, 2, 2])
    expect(await late).toBeGreaterThanOrEqual(2)
    expect(await work.run()).toBe(runs)
  })
})

describe('difference of manifests', () => {
  const entries = fc
    .uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), fc.nat(3)), {
      selector: ([path]) => path,
    })
    .map((items) =>
      items
        .map(([path, content]): ManifestEntry => [path, hashOf(String(content)), content, 0o644])
        .sort(([a], [b]) => comparePaths(a, b)),
    )

  it('turns one into the other', () => {
    fc.assert(
      fc.property(entries, entries, (from, to) => {
        const { put, drop } = difference(from, to)
        const applied = new Map(from.map((entry) => [entry[0], entry]))
        for (const path of drop) expect(applied.delete(path)).toBe(true)
        for (const entry of put) applied.set(entry[0], entry)
        expect([...applied.values()].sort(([a], [b]) => comparePaths(a, b))).toEqual(to)
      }),
    )
  })
})
