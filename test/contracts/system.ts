/**
 * What every Reader and Changer must do, the fake machine as the real one. `open` gives a fresh machine and a
 * directory on it that exists and is empty.
 */
import { describe, expect, it } from 'vitest'
import type { Changer } from '../../minion/system/changer.ts'

export interface ContractMachine {
  readonly act: Changer
  /** An absolute path. */
  readonly directory: string
  close(): void
}

const text = (value: string) => new Uint8Array(Buffer.from(value))
const read = async (act: Changer, path: string) =>
  Buffer.from(await act.look.files.read(path)).toString('utf8')

export function systemContract(name: string, open: () => ContractMachine): void {
  const on = (what: string, work: (machine: ContractMachine) => Promise<void>) =>
    it(what, async () => {
      const machine = open()
      try {
        await work(machine)
      } finally {
        machine.close()
      }
    })
  describe(`files of ${name}`, () => {
    contentContract(on)
    directoryContract(on)
    linkContract(on)
    removalContract(on)
    nameContract(on)
  })
  describe(`commands and accounts of ${name}`, () => commandContract(on))
}

type On = (what: string, work: (machine: ContractMachine) => Promise<void>) => void

function contentContract(on: On): void {
  on(
    'writes a file with 0644 by default, and keeps mode and owner of the one it replaces',
    async ({ act, directory }) => {
      const path = `${directory}/f`
      expect(await act.look.files.info(path)).toBeUndefined()
      await act.files.write(path, text('one'))
      expect(await act.look.files.info(path)).toMatchObject({
        type: 'file',
        mode: 0o644,
        size: 3,
        user: 'root',
      })
      await act.files.setMode(path, 0o600)
      await act.files.write(path, text('three'))
      expect(await act.look.files.info(path)).toMatchObject({ mode: 0o600, size: 5 })
      expect(await read(act, path)).toBe('three')
      expect(await act.look.files.readPart(path, 1, 3)).toEqual(text('hre'))
      expect(await act.look.files.readPart(path, 3, 9)).toEqual(text('ee'))
      expect(await act.look.files.readPart(path, 9, 9)).toEqual(text(''))
      expect(await act.look.files.hash(path)).toBe(
        '8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f',
      )
      await act.files.write(path, text('x'), { mode: 0o4755 })
      expect((await act.look.files.info(path))?.mode).toBe(0o4755)
    },
  )

  on('gives owners by name and by id, and refuses names that do not exist', async ({ act, directory }) => {
    const path = `${directory}/f`
    await act.files.write(path, text(''), { user: 54321, group: 'root' })
    expect(await act.look.files.info(path)).toMatchObject({
      uid: 54321,
      user: '54321',
      gid: 0,
      group: 'root',
    })
    await act.files.setOwner(path, { user: 'root' })
    expect((await act.look.files.info(path))?.uid).toBe(0)
    await expect(act.files.setOwner(path, { user: 'no-such-user' })).rejects.toMatchObject({
      code: 'user-unknown',
    })
    await expect(act.files.write(path, text('x'), { group: 'no-such-group' })).rejects.toMatchObject({
      code: 'group-unknown',
    })
    expect(await read(act, path)).toBe('')
  })

  on('refuses a missing parent, a directory in the place, a relative path', async ({ act, directory }) => {
    await act.files.makeDirectory(`${directory}/d`)
    for (const path of [`${directory}/no/f`, `${directory}/d`, 'relative']) {
      await expect(act.files.write(path, text('x'))).rejects.toMatchObject({ code: 'file-unwritable' })
    }
    await expect(act.files.setMode(`${directory}/no`, 0o600)).rejects.toMatchObject({
      code: 'file-unwritable',
    })
  })

  on('reads regular files up to a limit, and says what it cannot read', async ({ act, directory }) => {
    await act.files.write(`${directory}/f`, text('12345'))
    await expect(act.look.files.read(`${directory}/f`, 4)).rejects.toMatchObject({ code: 'file-too-large' })
    expect(await act.look.files.read(`${directory}/f`, 5)).toHaveLength(5)
    for (const path of [directory, `${directory}/no`]) {
      await expect(act.look.files.read(path)).rejects.toMatchObject({ code: 'file-unreadable' })
      await expect(act.look.files.hash(path)).rejects.toMatchObject({ code: 'file-unreadable' })
    }
    await expect(act.look.files.list(`${directory}/f`)).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  on('does not write what a check command refuses', async ({ act, directory }) => {
    const path = `${directory}/f`
    await act.files.write(path, text('old'))
    await expect(act.files.write(path, text('new'), { checkCommand: 'false' })).rejects.toMatchObject({
      code: 'check-command-failed',
    })
    expect(await read(act, path)).toBe('old')
    await act.files.write(path, text('new'), { checkCommand: 'true' })
    expect(await read(act, path)).toBe('new')
  })

  on(
    'checks a copy in a folder of its own where that is wanted, and leaves nothing there',
    async ({ act, directory }) => {
      const path = `${directory}/f`
      await act.files.makeDirectory(`${directory}/checks`)
      const checkCopy = { folder: `${directory}/checks`, ending: '.conf' }
      await act.files.write(path, text('new'), { checkCommand: 'true', checkCopy })
      expect(await read(act, path)).toBe('new')
      await expect(
        act.files.write(path, text('newer'), { checkCommand: 'false', checkCopy }),
      ).rejects.toMatchObject({ code: 'check-command-failed' })
      expect(await act.look.files.list(`${directory}/checks`)).toEqual([])
      await expect(
        act.files.write(path, text('newer'), {
          checkCommand: 'true',
          checkCopy: { folder: `${directory}/none` },
        }),
      ).rejects.toMatchObject({ code: 'file-unwritable' })
      expect(await read(act, path)).toBe('new')
    },
  )

  on('keeps what it replaces where a backup is wanted', async ({ act, directory }) => {
    await act.files.makeDirectory(`${directory}/backup`)
    await act.files.write(`${directory}/f`, text('old'))
    await act.files.write(`${directory}/f`, text('new'), { backupTo: `${directory}/backup` })
    const kept = `${directory}/backup${directory}`
    const [name = ''] = await act.look.files.list(kept)
    expect(name).toMatch(/^f_/)
    expect(await read(act, `${kept}/${name}`)).toBe('old')
    expect((await act.look.files.info(`${kept}/${name}`))?.mode).toBe(0o600)
  })
}

function directoryContract(on: On): void {
  on('makes directories, with parents where wanted', async ({ act, directory }) => {
    await expect(act.files.makeDirectory(`${directory}/a/b`)).rejects.toMatchObject({
      code: 'file-unwritable',
    })
    await act.files.makeDirectory(`${directory}/a/b`, { parents: true, mode: 0o2750, user: 54321 })
    for (const path of [`${directory}/a`, `${directory}/a/b`]) {
      expect(await act.look.files.info(path)).toMatchObject({ type: 'directory', mode: 0o2750, uid: 54321 })
    }
    await act.files.makeDirectory(`${directory}/plain`)
    expect((await act.look.files.info(`${directory}/plain`))?.mode).toBe(0o755)
    await act.files.makeDirectory(`${directory}/plain`, { mode: 0o700 })
    expect((await act.look.files.info(`${directory}/plain`))?.mode).toBe(0o700)
    await act.files.write(`${directory}/f`, text(''))
    await expect(act.files.makeDirectory(`${directory}/f`)).rejects.toMatchObject({ code: 'file-unwritable' })
  })

  on('lists names sorted', async ({ act, directory }) => {
    for (const name of ['b', 'a', 'B', 'ä', '.c']) await act.files.write(`${directory}/${name}`, text(''))
    expect(await act.look.files.list(directory)).toEqual(['.c', 'B', 'a', 'b', 'ä'])
  })
}

function linkContract(on: On): void {
  on('makes and replaces links, and looks at and through them', async ({ act, directory }) => {
    const link = `${directory}/link`
    await act.files.write(`${directory}/f`, text('content'), { mode: 0o640 })
    await act.files.symlink(link, 'f')
    expect(await act.look.files.info(link)).toMatchObject({ type: 'symlink', target: 'f' })
    expect(await act.look.files.infoFollowed(link)).toMatchObject({ type: 'file', mode: 0o640 })
    expect(await read(act, link)).toBe('content')
    await act.files.setMode(link, 0o600)
    expect((await act.look.files.info(`${directory}/f`))?.mode).toBe(0o600)
    await act.files.setOwner(link, { user: 54321 })
    expect((await act.look.files.info(link))?.uid).toBe(54321)
    expect((await act.look.files.info(`${directory}/f`))?.uid).toBe(0)
    await act.files.symlink(link, 'nowhere')
    expect(await act.look.files.infoFollowed(link)).toBeUndefined()
    await expect(act.look.files.read(link)).rejects.toMatchObject({ code: 'file-unreadable' })
    await act.files.write(link, text('a file now'))
    expect((await act.look.files.info(link))?.type).toBe('file')
    expect(await act.look.files.info(`${directory}/nowhere`)).toBeUndefined()
  })

  on('survives links in a circle, and works below a linked directory', async ({ act, directory }) => {
    await act.files.symlink(`${directory}/a`, 'b')
    await act.files.symlink(`${directory}/b`, 'a')
    expect(await act.look.files.infoFollowed(`${directory}/a`)).toBeUndefined()
    await act.files.makeDirectory(`${directory}/real`)
    await act.files.symlink(`${directory}/linked`, `${directory}/real`)
    await act.files.write(`${directory}/linked/f`, text('x'))
    expect(await read(act, `${directory}/real/f`)).toBe('x')
  })
}

function removalContract(on: On): void {
  on('removes all of a tree and nothing that its links lead to', async ({ act, directory }) => {
    await act.files.makeDirectory(`${directory}/keep`)
    await act.files.write(`${directory}/keep/f`, text('kept'))
    await act.files.makeDirectory(`${directory}/tree/deep`, { parents: true })
    await act.files.write(`${directory}/tree/deep/f`, text(''))
    await act.files.symlink(`${directory}/tree/out`, `${directory}/keep`)
    await act.files.remove(`${directory}/tree`)
    expect(await act.look.files.list(directory)).toEqual(['keep'])
    expect(await read(act, `${directory}/keep/f`)).toBe('kept')
    await act.files.symlink(`${directory}/link`, 'keep')
    await act.files.remove(`${directory}/link`)
    await act.files.remove(`${directory}/not-there`)
    expect(await act.look.files.list(`${directory}/keep`)).toEqual(['f'])
    await expect(act.files.remove('/')).rejects.toMatchObject({ code: 'file-unwritable' })
  })
}

function commandContract(on: On): void {
  on('runs commands and names what is missing', async ({ act }) => {
    expect(await act.commands.run('true')).toMatchObject({ code: 0, timedOut: false, dropped: 0 })
    expect(await act.look.commands.guard('false')).toMatchObject({ code: 1 })
    expect(await act.look.commands.query(['echo', 'hello'])).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(await act.look.commands.query(['no-such-program'])).toMatchObject({ code: 127 })
    expect(await act.look.commands.which('sh')).toMatch(/^\/.*\/sh$/)
    expect(await act.look.commands.which('no-such-program')).toBeUndefined()
    await expect(act.commands.run('true', { runas: 'no-such-user' })).rejects.toMatchObject({
      code: 'command-user-unknown',
    })
  })

  on('knows root, and not what is not there', async ({ act }) => {
    expect(await act.look.accounts.user('root')).toMatchObject({
      name: 'root',
      uid: 0,
      gid: 0,
      home: '/root',
    })
    expect(await act.look.accounts.group('root')).toMatchObject({ name: 'root', gid: 0 })
    expect(await act.look.accounts.user('no-such-user')).toBeUndefined()
    expect(await act.look.accounts.group('no-such-group')).toBeUndefined()
    expect((await act.look.accounts.users()).map(({ name }) => name)).toContain('root')
    await expect(act.accounts.changeUser('no-such-user', { shell: '/bin/sh' })).rejects.toMatchObject({
      code: 'user-unknown',
    })
  })
}

function nameContract(on: On): void {
  on('moves an entry with all it holds, and never over another', async ({ act, directory }) => {
    await act.files.makeDirectory(`${directory}/a/b`, { parents: true })
    await act.files.write(`${directory}/a/b/f`, text('x'), { mode: 0o600 })
    expect(await act.files.move(`${directory}/a`, `${directory}/c`)).toBe(true)
    expect(await read(act, `${directory}/c/b/f`)).toBe('x')
    expect(await act.look.files.info(`${directory}/a`)).toBeUndefined()
    await act.files.write(`${directory}/d`, text('d'))
    for (const [from, to] of [
      ['c', 'd'],
      ['nothing', 'e'],
      ['d', 'nowhere/e'],
    ])
      await expect(act.files.move(`${directory}/${from}`, `${directory}/${to}`)).rejects.toMatchObject({
        code: 'file-unwritable',
      })
  })

  on('gives a file a further name, in place of another', async ({ act, directory }) => {
    await act.files.write(`${directory}/f`, text('f'))
    await act.files.write(`${directory}/g`, text('g'))
    await act.files.hardLink(`${directory}/g`, `${directory}/f`)
    const [f, g] = [await act.look.files.info(`${directory}/f`), await act.look.files.info(`${directory}/g`)]
    expect(g).toMatchObject({ identity: f?.identity, links: 2 })
    await act.files.symlink(`${directory}/l`, 'f')
    await expect(act.files.hardLink(`${directory}/h`, `${directory}/l`)).rejects.toMatchObject({
      code: 'file-unwritable',
    })
    expect(await act.look.files.list(directory)).toEqual(['f', 'g', 'l'])
  })

  on('sets one time or both', async ({ act, directory }) => {
    await act.files.write(`${directory}/f`, text('f'))
    await act.files.setTimes(`${directory}/f`, { accessed: 5_000, modified: 6_000 })
    await act.files.setTimes(`${directory}/f`, { modified: 7_000 })
    expect(await act.look.files.info(`${directory}/f`)).toMatchObject({ accessed: 5_000, modified: 7_000 })
  })
}

/** A server behind a Unix socket: `GET /ping` answers 200 and "pong", `POST /made` 201, anything else 404. */
export function socketContract(
  name: string,
  open: () => Promise<{ act: Changer; socket: string; close(): void }>,
): void {
  it(`${name} asks a server behind a Unix socket, and sends it something`, async () => {
    const { act, socket, close } = await open()
    try {
      const pong = await act.look.http.ask({ url: 'http://engine/ping', socket })
      expect([pong.status, Buffer.from(pong.body).toString('utf8')]).toEqual([200, 'pong'])
      expect(
        (await act.http.send({ url: 'http://engine/made', socket, method: 'POST', body: '{}' })).status,
      ).toBe(201)
      expect((await act.look.http.ask({ url: 'http://engine/none', socket })).status).toBe(404)
    } finally {
      close()
    }
  })
  it(`${name} says what cannot be reached`, async () => {
    const { act, close } = await open()
    try {
      await expect(act.look.http.ask({ url: 'http://127.0.0.1:9/', timeout: 5000 })).rejects.toMatchObject({
        code: 'url-unreachable',
      })
    } finally {
      close()
    }
  })
}
