/**
 * The contract suites of the package and service providers on a real Debian host: our code outside, its commands
 * inside, dpkg's database read from the host's root.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shadow } from '../../minion/providers/account/shadow/provider.ts'
import { apt } from '../../minion/providers/package/apt/provider.ts'
import { systemd } from '../../minion/providers/service/systemd/provider.ts'
import { AccountFiles } from '../../minion/system/account-files.ts'
import type { RunCommand } from '../../minion/system/command.ts'
import { packageProviderContract } from '../contracts/package-provider.ts'
import { serviceProviderContract } from '../contracts/service-provider.ts'
import { makePackage } from './harness/debian-root.ts'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'

let fleet: Fleet | undefined
let host: Host

const run: RunCommand = async (command, options = {}) => {
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  const environment = Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`)
  const input = options.stdin === undefined ? {} : { input: Buffer.from(options.stdin).toString('utf8') }
  const { code, stdout, stderr } = await host.exec(['env', ...environment, ...argv], {
    timeout: 120_000,
    ...input,
  })
  return { code, stdout, stderr, pid: 0, timedOut: false, dropped: 0 }
}

const unit = (exec: string) =>
  `[Service]\nType=exec\nExecStart=${exec}\n[Install]\nWantedBy=multi-user.target\n`

beforeAll(async () => {
  fleet = await Fleet.boot(['prov'])
  host = fleet.host('prov')
  await makePackage(fleet.repository, 'tsalt-probe', '1.0-1')
  await makePackage(fleet.repository, 'tsalt-probe', '1.0-2')
  // Where packages put units: systemd refuses to mask one of /etc.
  host.write('/usr/lib/systemd/system/probe-good.service', unit('/bin/sleep infinity'))
  host.write('/usr/lib/systemd/system/probe-broken.service', unit('/no/such/program'))
  // The host's own /run is not seen from outside; this stands for it.
  host.write('/run/systemd/system/.seen-from-outside', '')
  await host.sh('apt-get -q update && systemctl daemon-reload')
})
afterAll(async () => {
  await fleet?.halt()
})

const machine = () => ({ query: run, accounts: new AccountFiles(host.root), root: host.root })

packageProviderContract('a Debian host', () => {
  const opened = apt.open(machine())
  const act = opened.change(run)
  return { look: opened.look, act, name: 'tsalt-probe', versions: ['1.0-2', '1.0-1'], unknown: 'tsalt-prob' }
})

serviceProviderContract('a Debian host', () => {
  const opened = systemd.open(machine())
  return { look: opened.look, act: opened.change(run), good: 'probe-good', broken: 'probe-broken' }
})

describe('a Debian host', () => {
  it('shows the log of what does not start, and names a typo', async () => {
    const act = systemd.open(machine()).change(run)
    await expect(act.start('probe-broken')).rejects.toThrow(/no\/such\/program/)
    await expect(act.start('probe-god')).rejects.toMatchObject({ hint: 'Did you mean "probe-good"?' })
  })

  it('says that a source cannot be fetched, and comes back when it can', async () => {
    const act = apt.open(machine()).change(run)
    await act.refresh()
    host.write('/etc/apt/sources.list.d/dead.list', 'deb [trusted=yes] file:/srv/no-such ./\n')
    await expect(act.refresh()).rejects.toMatchObject({ code: 'package-failed' })
    await host.sh('rm /etc/apt/sources.list.d/dead.list')
    await act.refresh()
  })

  it('adds, changes and removes users and groups', async () => {
    const accounts = new AccountFiles(host.root)
    const act = shadow.open({ ...machine(), accounts }).change(run)
    await act.addGroup('docs', { gid: 4_400 })
    await act.addUser('web', {
      uid: 4_401,
      groups: ['docs'],
      shell: '/bin/false',
      home: '/srv/web',
      fullname: 'Web',
      passwordHash: '$6$a$b',
    })
    expect(await accounts.user('web')).toMatchObject({
      uid: 4_401,
      shell: '/bin/false',
      home: '/srv/web',
      fullname: 'Web',
    })
    expect(accounts.supplementary('web').map(({ name }) => name)).toEqual(['docs'])
    expect(accounts.passwordHash('web')).toBe('$6$a$b')
    await act.changeUser('web', { shell: '/bin/sh', groups: [] })
    expect((await accounts.user('web'))?.shell).toBe('/bin/sh')
    expect(accounts.supplementary('web')).toEqual([])
    await act.changeGroup('docs', { members: ['web'] })
    expect((await accounts.group('docs'))?.members).toEqual(['web'])
    await act.removeUser('web', { purge: true })
    await act.removeGroup('docs')
    expect(await accounts.user('web')).toBeUndefined()
    expect(await accounts.group('docs')).toBeUndefined()
  })
})
