/**
 * States of the system on a real Debian host: the dry run tells what the real run does, a second run is silent, and
 * the programs of Debian read what was written. undo.job brings all of it back, and the undo of that brings it again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePackage } from './harness/debian-root.ts'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site, type StateEntry } from './harness/site.ts'

const system = `backup:
  cron.present:
    - name: /usr/local/bin/backup --all
    - identifier: backup
    - minute: 30
    - hour: random
    - comment: every night
MAILTO: {cron.env_present: [value: ops@example.org]}
reboot: {cron.present: [name: echo up, special: '@reboot', user: daemon]}
net.ipv4.ip_forward: {sysctl.present: [value: 1]}
db.example.org: {host.present: [ip: [10.9.9.9, 'fd00::9']]}
127.0.1.1: {host.only: [hostnames: [one.example.org, one]]}
Europe/Berlin: {timezone.system: []}
editor-one: {alternatives.install: [name: tsalt-editor, link: /usr/bin/tsalt-editor, path: /bin/cat, priority: 10]}
editor-two: {alternatives.install: [name: tsalt-editor, link: /usr/bin/tsalt-editor, path: /bin/ls, priority: 20]}
tsalt-editor: {alternatives.set: [path: /bin/cat, require: [{alternatives: editor-two}]]}
rack:position: {grains.present: [value: 12]}
roles: {grains.list_present: [value: [web, db]]}
/opt/app:
  archive.extracted:
    - source: /srv/app.tar.gz
    - options: --strip-components=1
    - enforce_toplevel: False
    - user: daemon
/opt/xz: {archive.extracted: [source: /srv/app.tar.xz]}
called:
  module.run:
    - file.touch: [/srv/touched]
    - onchanges: [{archive: /opt/app}]
`
const repository = `extra:
  pkgrepo.managed:
    - name: deb file:/srv/extra ./
    - file: /etc/apt/sources.list.d/extra.sources
    - trusted: True
`
const gone = `backup: {cron.absent: [name: /usr/local/bin/backup --all, identifier: backup]}
MAILTO: {cron.env_absent: []}
db.example.org: {host.absent: [ip: [10.9.9.9, 'fd00::9']]}
tsalt-editor: {alternatives.auto: []}
editor-one: {alternatives.remove: [name: tsalt-editor, path: /bin/cat]}
rack:position: {grains.absent: [destructive: True]}
extra: {pkgrepo.absent: [name: 'deb file:/srv/extra ./']}
`

describe('states of the system', () => {
  let fleet: Fleet
  let site: Site
  let host: Host
  let before = ''

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const states = {
      'system.sls': system,
      'repository.sls': repository,
      'gone.sls': gone,
      'package.sls': 'tsalt-extra: {pkg.installed: []}\n',
      'evil.sls': '/opt/evil: {archive.extracted: [source: /srv/evil.tar, enforce_toplevel: False]}\n',
    }
    site = await Site.install(fleet, { states, pillars: {} })
    host = await site.join({ host: 'one', id: 'one' })
    await makePackage(fleet.repository, 'tsalt-extra', '1.0-1')
    await host.sh(`mkdir -p /usr/share/zoneinfo/Europe /srv/pack/app-1/etc /srv/extra
      touch /usr/share/zoneinfo/Europe/Berlin
      cp /srv/repository/tsalt-extra_1.0-1_all.deb /srv/extra/
      cd /srv/pack && echo a=1 > app-1/etc/a.conf && printf '#!/bin/sh\\necho ran\\n' > app-1/run && chmod 750 app-1/run && ln -s etc/a.conf app-1/latest
      tar -czf /srv/app.tar.gz app-1 && tar -cf /srv/app.tar app-1 && tar -cPf /srv/evil.tar ../pack/../pack/app-1/run`)
    await host.sh(
      'command -v xz >/dev/null && tar -C /srv/pack -cJf /srv/app.tar.xz app-1 || cp /srv/app.tar /srv/app.tar.xz',
    )
  })
  afterAll(() => fleet?.halt())

  test('are told, made, and silent the second time', async () => {
    before = await picture()
    const { real } = await holds(site, 'one', ['state.apply', 'system'])
    expect(Object.keys(real)).toHaveLength(15)
    expect(await host.sh('crontab -l -u root; crontab -l -u daemon')).toMatch(
      /# Lines below here are managed by Salt, do not edit\nMAILTO=ops@example\.org\n# every night SALT_CRON_IDENTIFIER:backup\n30 \d+ \* \* \* \/usr\/local\/bin\/backup --all\n[\s\S]*@reboot echo up/,
    )
    expect((await host.sh('stat -c "%a %U %G" /var/spool/cron/crontabs/daemon')).trim()).toBe(
      '600 daemon crontab',
    )
    expect(
      (await host.sh('sysctl -n net.ipv4.ip_forward; getent hosts db.example.org | head -1; date +%Z')).split(
        '\n',
      )[0],
    ).toBe('1')
    expect(await host.sh('getent ahosts db.example.org')).toContain('10.9.9.9')
    expect(
      (
        await host.sh('readlink /etc/alternatives/tsalt-editor; readlink /etc/localtime; cat /etc/timezone')
      ).trim(),
    ).toBe('/bin/cat\n/usr/share/zoneinfo/Europe/Berlin\nEurope/Berlin')
    expect(
      (
        await host.sh(
          '/opt/app/run; cat /opt/app/latest /opt/xz/app-1/etc/a.conf; stat -c "%a %U" /opt/app/run; ls /srv/touched',
        )
      ).trim(),
    ).toBe('ran\na=1\na=1\n750 daemon\n/srv/touched')
    expect((await site.tsalt(['one', 'grains.get', 'rack:position'])).stdout).toContain('12')
  })

  const picture = (): Promise<string> =>
    host.sh(`cat /etc/hosts /etc/timezone /etc/sysctl.d/99-salt.conf /etc/tsalt/grains 2>&1
      crontab -l -u root 2>&1; crontab -l -u daemon 2>&1; sysctl -n net.ipv4.ip_forward; readlink /etc/localtime
      update-alternatives --query tsalt-editor 2>&1; ls -R /opt /srv/touched 2>&1; true`)

  async function newestJob(): Promise<string> {
    const listed = await site.tsalt(['one', 'undo.list', '--out', 'json', '--static'])
    return Object.keys(JSON.parse(listed.stdout).one).sort().at(-1) ?? ''
  }

  test('are undone but for the call, and the undo is', async () => {
    const after = await picture()
    expect(after).not.toBe(before)
    const undone = await site.tsalt(['one', 'undo.job', await newestJob(), '--out', 'json', '--static'])
    const failed = Object.values(JSON.parse(undone.stdout).one as Record<string, StateEntry>).filter(
      ({ result }) => result !== true,
    )
    expect(failed).toEqual([])
    expect(await picture()).toBe(before)
    const again = await site.tsalt(['one', 'undo.job', await newestJob(), '--out', 'json', '--static'])
    expect(again.code, again.stdout).toBe(0)
    expect(await picture()).toBe(after)
  })

  test('a repository brings a package, and goes again', async () => {
    await host.sh(
      'cd /srv/extra && : > Packages && for deb in *.deb; do dpkg-deb -f "$deb" >> Packages; printf "Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n" "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d" " -f1)" >> Packages; done; : > /srv/empty; mount --bind /srv/empty /srv/repository/Packages',
    )
    await holds(site, 'one', ['state.apply', 'repository'])
    expect(host.read('/etc/apt/sources.list.d/extra.sources')).toBe(
      'Types: deb\nURIs: file:/srv/extra\nSuites: ./\nTrusted: yes\n',
    )
    await holds(site, 'one', ['state.apply', 'package'])
    expect(await host.sh('dpkg-query -W tsalt-extra')).toContain('1.0-1')
  })

  test('go again', async () => {
    await holds(site, 'one', ['state.apply', 'gone'])
    expect(await host.sh('crontab -l -u root; cat /etc/hosts; ls /etc/apt/sources.list.d')).not.toMatch(
      /backup|MAILTO|10\.9\.9\.9|extra/,
    )
  })

  test('an archive that leads out of its directory writes nothing', async () => {
    const entries = await apply(site, 'one', ['state.apply', 'evil'])
    expect(
      Object.values(entries).map(({ result, comment }) => [result, comment.includes('was not extracted')]),
    ).toEqual([[false, true]])
    expect(await host.sh('ls -d /opt/evil 2>/dev/null || echo none')).toBe('none\n')
  })
})
