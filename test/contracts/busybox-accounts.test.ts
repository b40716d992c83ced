/**
 * The account provider of busybox against busybox itself, in a folder that is its root. Needs root and a busybox that
 * needs no libraries (Debian: busybox-static); BUSYBOX may name it.
 */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busybox } from '../../minion/providers/account/busybox/provider.ts'
import { AccountFiles } from '../../minion/system/account-files.ts'
import type { AccountChanger } from '../../minion/system/changer.ts'
import type { RunCommand } from '../../minion/system/command.ts'

const program = [process.env.BUSYBOX ?? '', '/bin/busybox', '/usr/bin/busybox'].find(
  (path) => path && existsSync(path),
)
const mayRun =
  process.getuid?.() === 0 &&
  program !== undefined &&
  spawnSync(program, ['--list'], { encoding: 'utf8' }).stdout.includes('adduser')

describe.skipIf(!mayRun)(
  'accounts of busybox (needs root and a static busybox with adduser; BUSYBOX=path)',
  () => {
    let root: string
    let accounts: AccountFiles
    let act: AccountChanger

    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), 'tsalt-busybox-'))
      for (const folder of ['bin', 'etc', 'home', 'srv']) mkdirSync(join(root, folder))
      copyFileSync(program ?? '', join(root, 'bin/busybox'))
      for (const name of ['sh', 'adduser', 'deluser', 'addgroup', 'delgroup', 'chpasswd', 'passwd'])
        symlinkSync('busybox', join(root, 'bin', name))
      writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
      writeFileSync(join(root, 'etc/group'), 'root:x:0:\nwheel:x:10:\naudio:x:18:\n')
      writeFileSync(join(root, 'etc/shadow'), 'root:*:19000:0:99999:7:::\n', { mode: 0o600 })
      writeFileSync(join(root, 'etc/shells'), '/bin/sh\n')
      const run: RunCommand = async (command, options) => {
        const argv = typeof command === 'string' ? ['sh', '-c', command] : [...command]
        const found = existsSync(join(root, 'bin', argv[0] ?? ''))
        const input = options?.stdin === undefined ? '' : String(options.stdin)
        const env = { PATH: '/bin' }
        const chroot = spawnSync('/usr/sbin/chroot', [root, ...argv], { encoding: 'utf8', input, env })
        const code = found ? (chroot.status ?? 1) : 127
        return { code, stdout: chroot.stdout, stderr: chroot.stderr, pid: 1, timedOut: false, dropped: 0 }
      }
      accounts = new AccountFiles(root)
      act = busybox.open({ query: run, accounts, root }).change(run)
    })
    afterAll(() => rmSync(root, { recursive: true, force: true }))

    const line = (file: string, name: string): string =>
      readFileSync(join(root, 'etc', file), 'utf8')
        .split('\n')
        .find((one) => one.startsWith(`${name}:`)) ?? ''

    test('adds a group and a user with all that they are to have', async () => {
      await act.addGroup('web', { gid: 900, system: true })
      await act.addUser('app', {
        uid: 901,
        primaryGroup: 900,
        home: '/srv/app',
        shell: '/bin/sh',
        fullname: 'The App',
        groups: ['wheel'],
        passwordHash: '$6$salt$hash',
      })
      expect(line('passwd', 'app')).toBe('app:x:901:900:The App:/srv/app:/bin/sh')
      expect(line('group', 'wheel')).toBe('wheel:x:10:app')
      expect(line('shadow', 'app')).toMatch(/^app:\$6\$salt\$hash:/)
      expect(existsSync(join(root, 'srv/app'))).toBe(true)
    })

    test('changes groups, members and the password', async () => {
      await act.changeUser('app', { groups: ['audio'], passwordHash: '!' })
      expect([line('group', 'wheel'), line('group', 'audio')]).toEqual(['wheel:x:10:', 'audio:x:18:app'])
      expect(line('shadow', 'app')).toMatch(/^app:!:/)
      await act.changeGroup('wheel', { members: ['app', 'root'] })
      expect(line('group', 'wheel')).toBe('wheel:x:10:app,root')
      await act.changeGroup('wheel', { members: [] })
      expect(line('group', 'wheel')).toBe('wheel:x:10:')
    })

    test('a system account has no home made, where it is to have none', async () => {
      await act.addUser('daemon', { system: true, createHome: false, home: '/nowhere' })
      expect(line('passwd', 'daemon')).toMatch(/^daemon:x:\d+:\d+:.*:\/nowhere:/)
      expect(existsSync(join(root, 'nowhere'))).toBe(false)
    })

    test('what the applets cannot do is said with the program that can', async () => {
      await expect(act.changeUser('app', { shell: '/bin/false' })).rejects.toMatchObject({
        code: 'provider-command-missing',
        message: expect.stringContaining('usermod'),
      })
      await expect(act.changeUser('nobody-here', {})).rejects.toMatchObject({ code: 'user-unknown' })
      await expect(act.addUser('--help', {})).rejects.toMatchObject({ code: 'account-failed' })
      await expect(act.addUser('app', {})).rejects.toMatchObject({ code: 'account-failed' })
    })

    test('removes what it made', async () => {
      await act.removeUser('app', { purge: true })
      await act.removeGroup('web')
      expect([line('passwd', 'app'), line('group', 'web'), line('group', 'audio')]).toEqual([
        '',
        '',
        'audio:x:18:',
      ])
      expect(existsSync(join(root, 'srv/app'))).toBe(false)
    })
  },
)
