/** A local user who may write a folder that root manages: links and hard links lead root nowhere. Needs root. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openMachine } from '../../../minion/system/machine.ts'
import { makeChanger } from '../../../minion/system/os-changer.ts'
import { makeReader } from '../../../minion/system/os-reader.ts'
import { noJournal } from '../../../minion/system/undo-journal.ts'
import { systemClock } from '../../../shared/clock.ts'

const user = 65_534
const isRoot = process.geteuid?.() === 0
if (!isRoot) process.stderr.write('SKIPPED: attacks of local users need root\n')

describe.skipIf(!isRoot)('in a folder of another user', () => {
  let root: string
  let home: string
  let secret: string
  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'tsalt-user-'))
    fs.chmodSync(root, 0o755)
    home = join(root, 'home')
    fs.mkdirSync(home)
    fs.chownSync(home, user, user)
    secret = join(root, 'shadow')
    fs.writeFileSync(secret, 'of root\n', { mode: 0o600 })
    fs.mkdirSync(join(root, 'etc'))
  })
  afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

  const changer = () => {
    const { signal } = new AbortController()
    const machine = openMachine({ grains: new Map(), providers: {} })
    const sources = { read: async () => undefined } as never
    const reader = makeReader({ machine, grains: new Map(), pillar: new Map(), sources, signal })
    return makeChanger({ machine, reader, journal: noJournal, clock: systemClock, signal }).files
  }
  const ofUser = (path: string): void => fs.lchownSync(path, user, user)
  const untouched = (): void => {
    const stat = fs.statSync(secret)
    expect([fs.readFileSync(secret, 'utf8'), stat.mode & 0o777, stat.uid]).toEqual(['of root\n', 0o600, 0])
    expect(fs.readdirSync(join(root, 'etc'))).toEqual([])
  }

  it('a link as a parent is not followed', async () => {
    fs.symlinkSync(join(root, 'etc'), join(home, 'conf'))
    ofUser(join(home, 'conf'))
    const files = changer()
    const path = join(home, 'conf/cron')
    await expect(files.write(path, Buffer.from('x'))).rejects.toMatchObject({ code: 'path-unsafe' })
    await expect(files.makeDirectory(path)).rejects.toMatchObject({ code: 'path-unsafe' })
    await expect(files.makeDirectory(`${path}/deeper`, { parents: true })).rejects.toMatchObject({
      code: 'path-unsafe',
    })
    await expect(files.symlink(path, '/x')).rejects.toMatchObject({ code: 'path-unsafe' })
    untouched()
  })

  it('a link in the place of the file is replaced, and what it led to stays', async () => {
    const path = join(home, 'app.conf')
    fs.symlinkSync(secret, path)
    ofUser(path)
    const files = changer()
    await expect(files.setMode(path, 0o666)).rejects.toMatchObject({ code: 'path-unsafe' })
    await files.setOwner(path, { user, group: user })
    untouched()
    await files.write(path, Buffer.from('new'))
    expect(fs.lstatSync(path).isFile()).toBe(true)
    untouched()
  })

  it('a hard link gets neither owner nor mode; replacing it leaves the other name', async () => {
    const path = join(home, 'app.conf')
    fs.linkSync(secret, path)
    const files = changer()
    await expect(files.setOwner(path, { user, group: user })).rejects.toMatchObject({
      code: 'path-hard-linked',
    })
    await expect(files.setMode(path, 0o666)).rejects.toMatchObject({ code: 'path-hard-linked' })
    untouched()
    await files.write(path, Buffer.from('new'))
    untouched()
    const own = join(root, 'etc-own')
    fs.linkSync(secret, own)
    await files.setMode(own, 0o640)
    expect(fs.statSync(secret).mode & 0o777).toBe(0o640)
  })

  it('a removal takes what is there and follows nothing', async () => {
    fs.mkdirSync(join(home, 'old'))
    fs.symlinkSync(root, join(home, 'old/up'))
    fs.linkSync(secret, join(home, 'old/hard'))
    await changer().remove(join(home, 'old'))
    expect(fs.existsSync(join(home, 'old'))).toBe(false)
    untouched()
  })

  it('a folder swapped for a link while root writes leads nowhere', async () => {
    const files = changer()
    const folder = join(home, 'swap')
    const aside = join(home, 'aside')
    let stop = false
    const racing = (async () => {
      while (!stop) {
        fs.rmSync(folder, { recursive: true, force: true })
        fs.mkdirSync(folder)
        ofUser(folder)
        await new Promise((resolve) => setImmediate(resolve))
        fs.renameSync(folder, aside)
        fs.symlinkSync(join(root, 'etc'), folder)
        ofUser(folder)
        await new Promise((resolve) => setImmediate(resolve))
        fs.unlinkSync(folder)
        fs.rmSync(aside, { recursive: true, force: true })
      }
    })()
    for (let count = 0; count < 200; count++) {
      await files.write(join(folder, 'x'), Buffer.from('x')).catch(() => undefined)
      await files.makeDirectory(join(folder, 'd')).catch(() => undefined)
      await files.remove(join(folder, 'd')).catch(() => undefined)
      await new Promise((resolve) => setImmediate(resolve))
    }
    stop = true
    await racing
    untouched()
  })
})
