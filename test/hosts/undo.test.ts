/** undo.job on a real host, from the master: what a deployment changed comes back, and what cannot is named. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePackage } from './harness/debian-root.ts'
import { Fleet } from './harness/fleet.ts'
import { Site } from './harness/site.ts'

const id = 'web1.example'
const deploy = `/etc/undo:
  file.directory:
    - mode: '0750'
/etc/undo/app.conf:
  file.managed:
    - contents: port = 8080
    - user: nobody
    - require: [{file: /etc/undo}]
/etc/motd:
  file.managed:
    - contents: deployed
/etc/undo/link:
  file.symlink:
    - target: app.conf
    - require: [{file: /etc/undo}]
cron:
  service.dead:
    - enable: False
`
const accounts = `site: {group.present: [gid: 4300]}
deploy:
  user.present:
    - uid: 4242
    - groups: [site]
    - shell: /bin/bash
    - password: '$6$x$y'
    - require: [{group: site}]
worker:
  user.present: [shell: /bin/sh, fullname: Changed]
old: {user.absent: [purge: True]}
tsalt-tool: {pkg.installed: [version: 2.0-1]}
tsalt-gone: {pkg.purged: []}
tsalt-new: {pkg.installed: []}
net.ipv4.ip_default_ttl: {sysctl.present: [value: 77, config: /etc/sysctl.d/60-t.conf]}
`
const command = 'note:\n  cmd.run:\n    - name: touch /etc/undo-note\n'

interface Entry {
  readonly result: boolean | null
  readonly comment: string
  readonly changes: object
}

describe('undo.job', () => {
  let fleet: Fleet
  let site: Site

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'web'])
    site = await Site.install(fleet, {
      states: { 'deploy.sls': deploy, 'command.sls': command, 'accounts.sls': accounts },
      pillars: {},
    })
    for (const [name, version] of [
      ['tsalt-tool', '1.0-1'],
      ['tsalt-tool', '2.0-1'],
      ['tsalt-gone', '1.0-1'],
      ['tsalt-new', '1.0-1'],
    ] as const)
      await makePackage(fleet.repository, name, version)
    await site.join({ host: 'web', id })
    await fleet
      .host('web')
      .sh(
        'systemctl cat cron.service >/dev/null 2>&1 || printf "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n" > /etc/systemd/system/cron.service; systemctl daemon-reload; systemctl enable --now cron.service',
      )
  })
  afterAll(() => fleet?.halt())

  const picture = (): Promise<string> =>
    fleet
      .host('web')
      .sh(
        'cat /etc/motd 2>/dev/null; stat -c "%n %a %U" /etc/motd /etc/undo /etc/undo/* 2>/dev/null; systemctl is-active cron; systemctl is-enabled cron; true',
      )

  async function call(...words: string[]): Promise<{ code: number; entries: Record<string, Entry> }> {
    const run = await site.tsalt([id, ...words, '--out', 'json', '--static'])
    return { code: run.code, entries: JSON.parse(run.stdout)[id] }
  }

  async function newestJob(): Promise<string> {
    const listed = await site.tsalt([id, 'undo.list', '--out', 'json', '--static'])
    return Object.keys(JSON.parse(listed.stdout)[id]).sort().at(-1) ?? ''
  }

  let before = ''
  let deployed = ''
  let job = ''

  test('a deployment can be undone', async () => {
    before = await picture()
    expect((await call('state.apply', 'deploy')).code).toBe(0)
    deployed = await picture()
    expect(deployed).not.toBe(before)
    job = await newestJob()
    const dry = await call('undo.job', job, 'test=True')
    expect(dry.code).toBe(0)
    expect(Object.values(dry.entries).map(({ result }) => result)).toEqual([null, null, null, null, null])
    expect(await picture()).toBe(deployed)
    const real = await call('undo.job', job)
    expect(real.code).toBe(0)
    expect(Object.values(real.entries).map(({ changes }) => changes)).toEqual(
      Object.values(dry.entries).map(({ changes }) => changes),
    )
    expect(await picture()).toBe(before)
  })

  test('and the undo be undone', async () => {
    expect((await call('undo.job', await newestJob())).code).toBe(0)
    expect(await picture()).toBe(deployed)
  })

  test('what somebody changed since keeps it from being begun', async () => {
    await fleet.host('web').sh('echo mine > /etc/motd')
    const changed = await picture()
    const { code, entries } = await call('undo.job', await newestJob())
    expect(code).not.toBe(0)
    expect(Object.values(entries)).toMatchObject([
      { result: false, comment: expect.stringContaining('it was changed since') },
    ])
    expect(await picture()).toBe(changed)
  })

  test('packages, accounts and kernel parameters come back, and the undo of that brings them again', async () => {
    const host = fleet.host('web')
    await host.sh(`apt-get update -q && apt-get install -qy tsalt-tool=1.0-1 tsalt-gone
      useradd --create-home --uid 4400 old && echo 'old:$6$a$b' | chpasswd -e && echo mine > /home/old/file
      useradd --create-home --uid 4500 --comment Before --shell /bin/bash worker`)
    const picture2 = () =>
      host.sh(`dpkg-query -W -f '\${Package} \${Version} \${Status}\\n' 'tsalt-*' 2>/dev/null | grep -v ' not-installed' | sort
        getent passwd old deploy worker; getent group site old deploy; grep -E '^(old|deploy|worker):' /etc/shadow | cut -d: -f1,2 | sort
        sysctl -n net.ipv4.ip_default_ttl; ls -ln /home /home/old /etc/sysctl.d/60-t.conf 2>/dev/null | grep -v ^total | sed 's/ [0-9:]* \\([^ ]*\\)$/ \\1/'; cat /home/old/file 2>/dev/null; true`)
    const was = await picture2()
    const applied = await call('state.apply', 'accounts')
    expect(Object.values(applied.entries).filter(({ result }) => result !== true)).toEqual([])
    const made = await picture2()
    expect(made).toContain('tsalt-tool 2.0-1')
    expect(made).not.toContain('old:')
    const jobs = await newestJob()
    const dry = await call('undo.job', jobs, 'purge=True', 'test=True')
    expect(Object.values(dry.entries).filter(({ result }) => result === false)).toEqual([])
    const real = await call('undo.job', jobs, 'purge=True')
    expect(Object.values(real.entries).filter(({ result }) => result !== true)).toEqual([])
    expect(await picture2()).toBe(was)
    expect((await call('undo.job', await newestJob(), 'purge=True')).code).toBe(0)
    expect(await picture2()).toBe(made)
  })

  test('a command is named', async () => {
    await call('state.apply', 'command')
    const { code, entries } = await call('undo.job', await newestJob())
    expect(code).not.toBe(0)
    expect(Object.values(entries)).toMatchObject([
      { result: false, comment: 'Cannot be put back: a command ran' },
    ])
  })
})
