import { describe, expect, it } from 'vitest'
import { ShadowChanger } from '../../../../minion/providers/account/shadow/change.ts'
import { AccountFiles } from '../../../../minion/system/account-files.ts'
import type { CommandOptions } from '../../../../minion/system/reader.ts'

function changer(code = 0, stderr = '') {
  const ran: string[] = []
  const inputs: (CommandOptions['stdin'] | undefined)[] = []
  const run = async (command: string | readonly string[], options: CommandOptions = {}) => {
    ran.push(typeof command === 'string' ? command : command.join(' '))
    if (options.stdin !== undefined) inputs.push(options.stdin)
    return { code, stdout: '', stderr, pid: 1, timedOut: false, dropped: 0 }
  }
  return { ran, inputs, act: new ShadowChanger(run, new AccountFiles(), () => undefined) }
}

describe('accounts by the shadow suite', () => {
  it('adds a user with all its options, the hash never in argv', async () => {
    const { ran, inputs, act } = changer()
    await act.addUser('web', {
      uid: 900,
      primaryGroup: 'www',
      groups: ['adm', 'docs'],
      system: true,
      createHome: true,
      home: '/srv/web',
      shell: '/bin/false',
      fullname: 'Web App',
      passwordHash: '$6$salt$hash',
    })
    expect(ran).toEqual([
      'useradd --system --create-home --uid=900 --gid=www --comment=Web App --home-dir=/srv/web --shell=/bin/false --groups=adm,docs -- web',
      'chpasswd --encrypted',
    ])
    expect(inputs).toEqual(['web:$6$salt$hash\n'])
  })

  it('changes only what is asked', async () => {
    const { ran, act } = changer()
    await act.changeUser('root', { shell: '/bin/sh' })
    await act.changeUser('root', { groups: [] })
    await act.changeUser('root', {})
    expect(ran).toEqual(['usermod --shell=/bin/sh -- root', 'usermod --groups= -- root'])
    await expect(act.changeUser('no-such-user', {})).rejects.toMatchObject({ code: 'user-unknown' })
  })

  it('sees to groups', async () => {
    const { ran, act } = changer()
    await act.addGroup('docs', { gid: 800, system: true })
    await act.changeGroup('docs', { gid: 801, members: ['alice', 'bob'] })
    await act.removeGroup('docs')
    expect(ran).toEqual([
      'groupadd --system --gid=800 -- docs',
      'groupmod --gid=801 -- docs',
      'gpasswd --members alice,bob docs',
      'groupdel -- docs',
    ])
  })

  it('refuses what would be an option or break the file', async () => {
    const { ran, act } = changer()
    for (const name of ['-r', 'a:b', 'a b', '', 'a\nb']) {
      await expect(act.addUser(name, {})).rejects.toMatchObject({ code: 'account-failed' })
    }
    await expect(act.addUser('web', { fullname: 'a:b' })).rejects.toMatchObject({ code: 'account-failed' })
    await expect(act.addUser('web', { uid: -1 })).rejects.toMatchObject({ code: 'account-failed' })
    await expect(act.addUser('web', { groups: ['-x'] })).rejects.toMatchObject({ code: 'account-failed' })
    expect(ran).toEqual([])
  })

  it("passes on the program's own words", async () => {
    const { act } = changer(9, "useradd: user 'web' already exists\n")
    await expect(act.addUser('web', {})).rejects.toThrow(
      /Could not add the user "web": useradd: user 'web' already exists/,
    )
  })

  it('does not mind a home that could not be removed', async () => {
    await expect(changer(12, 'no home').act.removeUser('web', { purge: true })).resolves.toBeUndefined()
  })
})
