/** cp.push as the gateway sees it, over real sockets: what is kept, where, how much, and what is refused. */
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ModuleContext } from '../../../minion/modules/contract.ts'
import { pushing } from '../../../minion/modules/cp-push.ts'
import { FakeMachine } from '../../fake-machine/fake-machine.ts'
import { type Master, startMaster } from '../gateway/master-fixture.ts'
import { connected, enrolled } from '../gateway/peer.ts'

const masters: Master[] = []
afterEach(async () => {
  for (const master of masters.splice(0)) await master.stop()
})

const megabyte = 1024 * 1024
type Part = { path: string; push?: string; offset?: number; size?: number; content?: Buffer }

async function begin(fileRecv = true) {
  const master = await startMaster({ fileRecv })
  masters.push(master)
  const { channel } = await connected(master, await enrolled(master, 'web1'))
  const home = join(master.folder, 'cache/minions/web1')
  const send = async (part: Part) => {
    const { path, push = randomBytes(16).toString('hex'), offset = 0, content = Buffer.alloc(0) } = part
    const size = part.size ?? offset + content.length
    const answer = await channel.request('file.push', { push, path, offset, size }, { attachment: content })
    return answer.body.complete
  }
  const refused = (part: Part) => expect(send(part).catch((error: Error) => error.message)).resolves
  const audited = () =>
    readFileSync(master.auditFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('file.push'))
  return { master, channel, home, send, refused, audited, file: (path: string) => join(home, 'files', path) }
}

describe('files that a minion pushes', () => {
  it('are off unless the master wants them', async () => {
    const { refused, audited, home } = await begin(false)
    await refused({ path: 'etc/motd' }).toContain('takes no files of minions')
    expect(existsSync(home)).toBe(false)
    expect(audited().map((line) => JSON.parse(line))).toMatchObject([
      { actor: 'minion:web1', verdict: 'refused', reason: 'This master takes no files of minions.' },
    ])
  })

  it('are kept below the folder of whom the certificate names, whole, for the master alone', async () => {
    const { send, file, home } = await begin()
    const content = randomBytes(2 * megabyte + 5)
    const push = 'ab'.repeat(16)
    const part = (offset: number) => ({
      path: 'var/log/error.log',
      push,
      offset,
      size: content.length,
      content: content.subarray(offset, offset + megabyte),
    })
    expect(await send(part(0))).toBe(false)
    expect(await send(part(megabyte))).toBe(false)
    // Once more, as after a connection that broke before the answer.
    expect(await send(part(megabyte))).toBe(false)
    expect(existsSync(file('var/log/error.log'))).toBe(false)
    expect(await send(part(2 * megabyte))).toBe(true)
    expect(readFileSync(file('var/log/error.log')).equals(content)).toBe(true)
    expect(statSync(file('var/log/error.log')).mode & 0o777).toBe(0o600)
    expect(statSync(file('var/log')).mode & 0o777).toBe(0o700)
    expect(await send({ path: 'empty' })).toBe(true)
    expect(await send({ path: 'empty', content: Buffer.from('no more') })).toBe(true)
    expect(readFileSync(file('empty'), 'utf8')).toBe('no more')
    expect(readdirSync(join(home, 'parts'))).toEqual([])
  })

  it('lead nowhere else, by steps or by links', async () => {
    const { master, channel, refused, send, file, audited } = await begin()
    for (const path of ['../web2/files/x', '/etc/passwd', 'a/../../x', 'a//b', '', '.'])
      await expect(
        channel.request('file.push', { push: 'ab'.repeat(16), path, offset: 0, size: 0 }),
      ).rejects.toMatchObject({ code: 'message-unsendable' })
    const outside = join(master.folder, 'outside')
    mkdirSync(outside)
    expect(await send({ path: 'first' })).toBe(true)
    symlinkSync(outside, file('out'))
    await refused({ path: 'out/x' }).toContain('a part of the path is a')
    writeFileSync(join(outside, 'kept'), 'kept')
    symlinkSync(join(outside, 'kept'), file('link'))
    // The link itself is replaced, not what it leads to.
    expect(await send({ path: 'link', content: Buffer.from('new') })).toBe(true)
    expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('kept')
    await refused({ path: 'first/x' }).toContain('a part of the path is a file or a link')
    await refused({ path: 'a'.repeat(300) }).toContain('a name in it is too long')
    await refused({ path: 'a\nb' }).toContain('control characters')
    expect(await send({ path: 'folder/x' })).toBe(true)
    await refused({ path: 'folder' }).toContain('there is a folder of that name')
    expect(readdirSync(outside)).toEqual(['kept'])
    expect(audited()).toHaveLength(5)
  })

  it('take no more room than they may, with all that the minion has there', async () => {
    const { send, refused, file, home } = await begin()
    const content = randomBytes(megabyte)
    for (const path of ['a', 'b', 'c']) expect(await send({ path, content })).toBe(true)
    await refused({ path: 'deep/d', content }).toContain('more than 4 MB')
    await refused({ path: 'd', content: content.subarray(0, 9), size: 2 ** 40 }).toContain('more than 4 MB')
    // What is replaced makes room.
    expect(await send({ path: 'a', content })).toBe(true)
    // Announced as little, and then more and more.
    const push = 'cd'.repeat(16)
    const half = content.subarray(0, megabyte / 2)
    expect(await send({ path: 'd', push, content: half, size: half.length + 1 })).toBe(false)
    await refused({ path: 'd', push, content, offset: half.length, size: 2 ** 40 }).toContain('4 MB')
    rmSync(file('a'))
    rmSync(join(home, 'parts'), { recursive: true })
    await refused({ path: 'd', push, content: half, offset: half.length }).toContain('not here any more')
  })

  it('have parts that make sense', async () => {
    const { refused } = await begin()
    const large = Buffer.alloc(megabyte + 1)
    await refused({ path: 'a', content: large }).toContain('a part has at most 1048576 bytes')
    await refused({ path: 'a', content: Buffer.from('long'), size: 2 }).toContain('does not fit')
    await refused({ path: 'a', size: 2 }).toContain('does not fit')
    await refused({ path: 'a', offset: 5, content: Buffer.from('x') }).toContain('not here any more')
  })
})

describe('cp.push', () => {
  async function minion(files: Record<string, string | { type: 'symlink'; target: string }>) {
    const { channel, file } = await begin()
    const machine = new FakeMachine({ files })
    const context = {
      look: machine.reader,
      act: machine.changer,
      services: {
        push: async (part: never, attachment: Uint8Array) =>
          void (await channel.request('file.push', part, { attachment })),
      },
    } as unknown as ModuleContext
    const call = (name: keyof typeof pushing, given: object) =>
      pushing[name].run({ keep_symlinks: false, remove_source: false, ...given } as never, context)
    return { machine, call, file, text: (path: string) => readFileSync(file(path), 'utf8') }
  }

  it('brings files, under the name that is behind links, or as given', async () => {
    const large = 'x'.repeat(megabyte + 3)
    const { machine, call, text, file } = await minion({
      '/var/log/app.1': large,
      '/var/log/app': { type: 'symlink', target: 'app.1' },
    })
    expect(await call('push', { path: '/var/log/app' })).toBe(true)
    expect(text('var/log/app.1')).toBe(large)
    await call('push', { path: '/var/log/app', keep_symlinks: true })
    await call('push', { path: '/var/log/app.1', upload_path: '/kept/as', remove_source: true })
    expect([text('var/log/app'), text('kept/as')]).toEqual([large, large])
    expect([...machine.files.inodes.keys()]).not.toContain('/var/log/app.1')
    expect(existsSync(file('var/log/app.1'))).toBe(true)
    await expect(call('push', { path: '/var/log/none' })).rejects.toThrow('/var/log/none does not exist')
    await expect(call('push', { path: '/var/log' })).rejects.toThrow('is a directory')
    await expect(call('push', { path: 'var/log' })).rejects.toThrow('no absolute path')
    await expect(call('push', { path: '/var/log/app', upload_path: '../x' })).rejects.toThrow('no path below')
  })

  it('brings the files of folders, without those that links lead to', async () => {
    const { call, text, file } = await minion({
      '/etc/nginx/nginx.conf': 'a',
      '/etc/nginx/sites/one.conf': 'b',
      '/etc/nginx/mime.types': 'c',
      '/etc/nginx/loop': { type: 'symlink', target: '/etc' },
    })
    expect(await call('push_dir', { path: '/etc/nginx', glob: '*.conf' })).toBe(true)
    expect([text('etc/nginx/nginx.conf'), text('etc/nginx/sites/one.conf')]).toEqual(['a', 'b'])
    expect(readdirSync(file('etc/nginx')).sort()).toEqual(['nginx.conf', 'sites'])
    expect(await call('push_dir', { path: '/etc/nginx', upload_path: '/old' })).toBe(true)
    expect(text('old/mime.types')).toBe('c')
    expect(await call('push_dir', { path: '/etc/nginx', glob: '*.none' })).toBe(false)
  })
})
