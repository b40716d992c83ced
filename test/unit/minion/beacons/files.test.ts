/** Beacons that watch files: what is told of each change, and what of a log's lines. */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Watch } from '../../../../minion/beacons/contract.ts'
import { FollowedFile } from '../../../../minion/beacons/kinds/followed-file.ts'
import type { Plain } from '../../../../shared/data/value.ts'
import { opened, seen, TestSurroundings } from './around.ts'

let root: string
let around: TestSurroundings
let watch: Watch | undefined
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsalt-watched-'))
  around = new TestSurroundings()
})
afterEach(() => {
  watch?.close?.()
  rmSync(root, { recursive: true, force: true })
})

const at = (path: string): string => join(root, path)
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function watching(path: string, config: Plain = {}): Promise<void> {
  watch = await opened('inotify', { files: { [path]: config } }, around)
  expect(await seen(watch)).toEqual([])
}

/** `IN_CREATE name`, sorted. The kernel tells a moment later. */
async function changes(): Promise<string[]> {
  await pause(80)
  const sights = (await watch?.look()) ?? []
  return sights
    .map(({ data }) => `${data.get('change')} ${String(data.get('path')).slice(root.length + 1)}`)
    .sort()
}

describe('a folder', () => {
  it('tells what is made, written, removed, with the folder as its tag', async () => {
    writeFileSync(at('old'), 'x')
    await watching(root)
    writeFileSync(at('new'), 'x')
    appendFileSync(at('old'), 'y')
    mkdirSync(at('folder'))
    await pause(80)
    const sights = await seen(watch as Watch)
    expect(sights).toHaveLength(3)
    expect(sights).toContainEqual([root, { path: at('old'), change: 'IN_MODIFY' }])
    expect(sights).toContainEqual([root, { path: at('folder'), change: 'IN_CREATE|IN_ISDIR' }])
    expect(await changes()).toEqual([])
    rmSync(at('new'))
    rmSync(at('folder'), { recursive: true })
    expect(await changes()).toEqual(['IN_DELETE new', 'IN_DELETE|IN_ISDIR folder'])
  })

  it('tells of a file that came and went between two looks', async () => {
    await watching(root)
    for (let count = 0; count < 50; count++) {
      writeFileSync(at(`short${count}`), 'x')
      rmSync(at(`short${count}`))
    }
    const told = await changes()
    expect(told.filter((line) => line.startsWith('IN_CREATE'))).toHaveLength(50)
    expect(told.filter((line) => line.startsWith('IN_DELETE'))).toHaveLength(50)
  })

  it('tells in the order in which it happened, where one goes and another comes in its place', async () => {
    writeFileSync(at('a'), 'x')
    writeFileSync(at('keeps-the-inode-busy'), 'x')
    await watching(root)
    rmSync(at('a'))
    await pause(80)
    writeFileSync(at('other'), 'x')
    writeFileSync(at('a'), 'y')
    await pause(80)
    const told = ((await watch?.look()) ?? []).map(({ data }) => `${data.get('change')} ${data.get('path')}`)
    expect(told.indexOf(`IN_DELETE ${at('a')}`)).toBeGreaterThanOrEqual(0)
    expect(told.indexOf(`IN_DELETE ${at('a')}`)).toBeLessThan(told.indexOf(`IN_CREATE ${at('a')}`))
  })

  it('tells what is asked for only', async () => {
    writeFileSync(at('a'), 'x')
    await watching(root, { mask: ['attrib', 'close_write'] })
    chmodSync(at('a'), 0o600)
    writeFileSync(at('b'), 'x')
    expect(await changes()).toEqual(['IN_ATTRIB a', 'IN_CLOSE_WRITE b'])
    appendFileSync(at('b'), 'y')
    await changes()
    expect(await changes()).toEqual([])
  })

  it('knows what was renamed, and what takes the place of another', async () => {
    writeFileSync(at('a'), 'x')
    writeFileSync(at('conf'), 'x')
    await watching(root, { mask: ['create', 'delete', 'moved_from', 'moved_to', 'modify'] })
    renameSync(at('a'), at('b'))
    expect(await changes()).toEqual(['IN_MOVED_FROM a', 'IN_MOVED_TO b'])
    writeFileSync(at('.tmp'), 'new')
    await changes()
    renameSync(at('.tmp'), at('conf'))
    expect(await changes()).toEqual(['IN_MOVED_FROM .tmp', 'IN_MOVED_TO conf'])
  })

  it('calls a file modified that is replaced, where nothing finer is asked for', async () => {
    writeFileSync(at('conf'), 'x')
    await watching(root, { mask: ['modify'] })
    writeFileSync(at('.tmp'), 'new')
    renameSync(at('.tmp'), at('conf'))
    expect(await changes()).toEqual(['IN_MODIFY conf'])
  })

  it('leaves out what is excluded, in three ways', async () => {
    mkdirSync(at('skipped'))
    await watching(root, {
      recurse: true,
      exclude: [at('skipped'), '*.swp', { 'x[a-m]$': { regex: true } }],
    })
    for (const name of ['skipped/a', 'b.swp', 'xc', 'told']) writeFileSync(at(name), 'x')
    expect(await changes()).toEqual(['IN_CREATE told'])
  })

  it('watches what is below it, folders that come among it', async () => {
    mkdirSync(at('one/two'), { recursive: true })
    await watching(root, { recurse: true })
    writeFileSync(at('one/two/a'), 'x')
    expect(await changes()).toEqual(['IN_CREATE one/two/a'])
    mkdirSync(at('three/four'), { recursive: true })
    writeFileSync(at('three/four/b'), 'x')
    expect(await changes()).toEqual([
      'IN_CREATE three/four/b',
      'IN_CREATE|IN_ISDIR three',
      'IN_CREATE|IN_ISDIR three/four',
    ])
    appendFileSync(at('three/four/b'), 'y')
    expect(await changes()).toEqual(['IN_MODIFY three/four/b'])
    renameSync(at('three'), at('five'))
    await changes()
    writeFileSync(at('five/four/c'), 'x')
    expect(await changes()).toEqual(['IN_CREATE five/four/c'])
    rmSync(at('five'), { recursive: true })
    expect(await changes()).toContain('IN_DELETE|IN_ISDIR five')
  })

  it('without recurse or auto_add looks no deeper', async () => {
    mkdirSync(at('one'))
    await watching(root)
    writeFileSync(at('one/a'), 'x')
    expect((await changes()).filter((line) => line.includes('one/a'))).toEqual([])
    watch?.close?.()
    await watching(root, { recurse: true, auto_add: false })
    mkdirSync(at('two'))
    await changes()
    writeFileSync(at('two/b'), 'x')
    expect((await changes()).filter((line) => line.includes('two/b'))).toEqual([])
  })

  it('that comes later, goes, and comes again', async () => {
    await watching(at('later'), { mask: ['create', 'delete', 'delete_self'] })
    mkdirSync(at('later'))
    expect(await changes()).toEqual(['IN_CREATE|IN_ISDIR later'])
    writeFileSync(at('later/a'), 'x')
    expect(await changes()).toEqual(['IN_CREATE later/a'])
    rmSync(at('later'), { recursive: true })
    expect(await changes()).toContain('IN_DELETE_SELF|IN_ISDIR later')
    mkdirSync(at('later'))
    await changes()
    writeFileSync(at('later/a'), 'x')
    expect(await changes()).toEqual(['IN_CREATE later/a'])
  })

  it('keeps quiet about what a state run does', async () => {
    await watching(root)
    around.held = true
    writeFileSync(at('by-state'), 'x')
    await pause(80)
    watch?.skip?.()
    around.held = false
    writeFileSync(at('by-hand'), 'x')
    expect(await changes()).toEqual(['IN_CREATE by-hand'])
  })

  it('is told of to a limit, and the rest is counted', async () => {
    await watching(root)
    for (let count = 0; count < 2_100; count++) writeFileSync(at(`f${count}`), '')
    await pause(300)
    expect((await seen(watch as Watch)).length).toBe(2_000)
    expect(watch?.lost?.()).toBe(100)
  })
})

describe('a file', () => {
  it('is written, replaced as editors do it, removed, and comes again', async () => {
    writeFileSync(at('conf'), 'x')
    await watching(at('conf'), { mask: ['modify', 'create', 'delete', 'attrib'] })
    appendFileSync(at('conf'), 'y')
    expect(await changes()).toEqual(['IN_MODIFY conf'])
    writeFileSync(at('.tmp'), 'xyz')
    renameSync(at('.tmp'), at('conf'))
    expect(await changes()).toEqual(['IN_MODIFY conf'])
    chmodSync(at('conf'), 0o600)
    expect(await changes()).toEqual(['IN_ATTRIB conf'])
    rmSync(at('conf'))
    expect(await changes()).toEqual(['IN_DELETE conf'])
    writeFileSync(at('conf'), 'x')
    expect(await changes()).toEqual(['IN_CREATE conf'])
    utimesSync(at('conf'), 1, 1)
    expect(await changes()).toEqual(['IN_MODIFY conf'])
  })

  it('once, where that is asked for', async () => {
    writeFileSync(at('conf'), 'x')
    await watching(at('conf'), { mask: ['modify', 'oneshot'] })
    appendFileSync(at('conf'), 'y')
    expect(await changes()).toEqual(['IN_MODIFY conf'])
    appendFileSync(at('conf'), 'y')
    expect(await changes()).toEqual([])
  })
})

describe('a log', () => {
  const config = (path: string): Plain => [
    { file: path },
    { tags: { 'disk/bad': { regex: '.*I/O error.*' }, start: { regex: 'began' } } },
  ]

  it('tells lines that match from their start, from where it was when the watch began', async () => {
    writeFileSync(at('log'), 'began long ago\n')
    watch = await opened('log', config(at('log')))
    expect(await seen(watch)).toEqual([])
    appendFileSync(at('log'), 'sda: I/O error\nit began\nbegan ')
    expect(await seen(watch)).toEqual([['disk/bad', { match: 'yes', raw: 'sda: I/O error', error: '' }]])
    appendFileSync(at('log'), 'now\n')
    expect(await seen(watch)).toEqual([['start', { match: 'yes', raw: 'began now', error: '' }]])
  })

  it('is read through its rotation and its truncation', () => {
    writeFileSync(at('log'), 'old\n')
    const file = new FollowedFile(at('log'))
    expect(file.newLines()).toEqual([])
    appendFileSync(at('log'), 'one\n')
    renameSync(at('log'), at('log.1'))
    appendFileSync(at('log.1'), 'two\n')
    expect(file.newLines()).toEqual(['one', 'two'])
    appendFileSync(at('log.1'), 'three')
    writeFileSync(at('log'), 'four\n')
    expect(file.newLines()).toEqual(['three', 'four'])
    truncateSync(at('log'), 0)
    appendFileSync(at('log'), 'a\n')
    expect(file.newLines()).toEqual(['a'])
    file.close()
  })

  it('that comes later is read from its start', () => {
    const file = new FollowedFile(at('log'))
    expect(file.newLines()).toEqual([])
    writeFileSync(at('log'), 'first\nsecond')
    expect(file.newLines()).toEqual(['first'])
    file.toEnd()
    appendFileSync(at('log'), ' half\nthird\n')
    expect(file.newLines()).toEqual([' half', 'third'])
    file.close()
  })

  it('that grows too fast is read on from further down, and a line that is too long is cut', () => {
    writeFileSync(at('log'), '')
    const file = new FollowedFile(at('log'), { atOnce: 100, behind: 250, line: 20 })
    expect(file.newLines()).toEqual([])
    appendFileSync(at('log'), `${'x'.repeat(9)}\n`.repeat(100))
    expect(file.newLines()).toHaveLength(10)
    expect(file.skipped()).toBe(750)
    expect(file.skipped()).toBe(0)
    for (let look = 0; look < 2; look++) file.newLines()
    expect(file.newLines()).toEqual([])
    appendFileSync(at('log'), `${'y'.repeat(90)}\nz\n`)
    expect(file.newLines()).toEqual(['y'.repeat(20), 'z'])
    file.close()
  })
})
