import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BusyboxChanger } from '../../../../minion/providers/account/busybox/change.ts'
import { AccountFiles } from '../../../../minion/system/account-files.ts'
import type { CommandOptions } from '../../../../minion/system/reader.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tsalt-busybox-'))
  mkdirSync(join(root, 'etc'))
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\napp:x:901:900:App:/srv/app:/bin/sh\n',
  )
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nwheel:x:10:app,old\naudio:x:18:\nweb:x:900:\n')
  writeFileSync(join(root, 'etc/shadow'), '')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function changer(codes: Readonly<Record<string, number>> = {}) {
  const ran: string[] = []
  const inputs: unknown[] = []
  const run = async (command: string | readonly string[], options: CommandOptions = {}) => {
    const argv = typeof command === 'string' ? [command] : command
    ran.push(argv.join(' '))
    if (options.stdin !== undefined) inputs.push(options.stdin)
    const code = codes[argv[0] ?? ''] ?? 0
    return { code, stdout: '', stderr: code === 0 ? '' : 'no', pid: 1, timedOut: false, dropped: 0 }
  }
  return { ran, inputs, act: new BusyboxChanger(run, new AccountFiles(root), () => undefined) }
}

describe('accounts by busybox', () => {
  it('adds a user with all its options, the hash never in argv', async () => {
    const { ran, inputs, act } = changer()
    await act.addUser('new', {
      uid: 902,
      primaryGroup: 900,
      groups: ['wheel'],
      system: true,
      createHome: false,
      home: '/srv/new',
      shell: '/bin/false',
      fullname: 'New One',
      passwordHash: '$6$salt$hash',
    })
    expect(ran).toEqual([
      'adduser -D -S -H -u 902 -G web -h /srv/new -s /bin/false -g New One new',
      'addgroup new wheel',
      'chpasswd -e',
    ])
    expect(inputs).toEqual(['new:$6$salt$hash\n'])
  })

  it('joins and leaves groups, and nothing else of an account', async () => {
    const { ran, act } = changer()
    await act.changeUser('app', { groups: ['audio'] })
    await act.changeGroup('wheel', { members: ['app', 'more'] })
    await act.changeUser('app', {})
    expect(ran).toEqual([
      'delgroup app wheel',
      'addgroup app audio',
      'delgroup old wheel',
      'addgroup more wheel',
    ])
  })

  it('says which program changes what the applets cannot', async () => {
    const { ran, act } = changer({ usermod: 127 })
    await expect(act.changeUser('app', { shell: '/bin/false' })).rejects.toMatchObject({
      code: 'provider-command-missing',
      message: expect.stringContaining('usermod'),
    })
    expect(ran).toEqual(['usermod --shell=/bin/false -- app'])
  })

  it('removes, and refuses what would be an option or is not there', async () => {
    const { ran, act } = changer({ delgroup: 1 })
    await act.removeUser('app', { purge: true })
    await expect(act.removeGroup('web')).rejects.toMatchObject({ code: 'account-failed' })
    await expect(act.addUser('-D', {})).rejects.toMatchObject({ code: 'account-failed' })
    await expect(act.addUser('x', { primaryGroup: 'none' })).rejects.toThrow(/there is no group none/)
    await expect(act.addUser('x', { fullname: 'a:b' })).rejects.toThrow(/colon/)
    expect(ran).toEqual(['deluser --remove-home app', 'delgroup web'])
  })
})
