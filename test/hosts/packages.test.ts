/**
 * Packages on a real Debian host: states of pkg and debconf with what goes wrong, and packages of Python, Ruby and Node.js.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePackage } from './harness/debian-root.ts'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const states = {
  'first.sls': `tsalt-asks:
  debconf.set:
    - data:
        tsalt-asks/name: {type: string, value: web1.example.org}
        tsalt-asks/secret: {type: password, value: hunter2}
  pkg.installed:
    - debconf: salt://asks.selections
    - cache_valid_time: 86400
    - require: [{debconf: tsalt-asks}]
kept: {pkg.downloaded: [name: tsalt-kept]}
old: {pkg.installed: [name: tsalt-old, version: 1.*, hold: True]}
from files: {pkg.installed: [sources: [{tsalt-file: 'salt://tsalt-file_2.0-1_all.deb'}]]}
`,
  'uptodate.sls': 'all: {pkg.uptodate: [refresh: True, dist_upgrade: True]}\n',
  'again.sls': 'tsalt-asks: {pkg.installed: [reinstall: True]}\n',
  'broken.sls': 'both: {pkg.installed: [pkgs: [tsalt-breaks, tsalt-fine]]}\n',
  'unknown.sls': 'tsalt-akss: {pkg.installed: []}\n',
  'version.sls': 'tsalt-asks: {pkg.installed: [version: 9.9]}\n',
  'extra.sls': 'tsalt-extra: {pkg.installed: []}\n',
  'python.sls': `/srv/app/venv:
  virtualenv.managed:
    - user: daemon
    - requirements: salt://requirements.txt
    - no_index: True
    - find_links: /srv/wheels
tools:
  pip.installed:
    - pkgs: [tsalt-two>=1]
    - bin_env: /srv/app/venv
    - user: daemon
    - no_index: True
    - find_links: /srv/wheels
    - require: [{virtualenv: /srv/app/venv}]
`,
  'python-upgrade.sls': `tsalt-one: {pip.installed: [bin_env: /srv/app/venv, upgrade: True, no_index: True, find_links: /srv/wheels, user: daemon]}
tsalt-two: {pip.removed: [bin_env: /srv/app/venv, user: daemon]}
`,
  'system-python.sls': 'tsalt-one: {pip.installed: [no_index: True, find_links: /srv/wheels]}\n',
  'others.sls': `tsalt-gem: {gem.installed: [name: /srv/tsalt-gem-1.2.0.gem]}
/srv/node-pack/tsalt-node-1.0.0.tgz: {npm.installed: []}
/srv/node-app: {npm.bootstrap: [user: app]}
`,
  'others-gone.sls': `tsalt-gem: {gem.removed: []}
tsalt-node: {npm.removed: []}
`,
  'asks.selections': '# of the tree\ntsalt-asks tsalt-asks/more boolean true\n',
  'requirements.txt': '# ours\ntsalt-one==1.0\n',
}

let fleet: Fleet
let site: Site
let host: Host

const wheels = `import zipfile
for name, version in [('tsalt_one', '1.0'), ('tsalt_one', '1.1'), ('tsalt_two', '2.0')]:
    with zipfile.ZipFile(f'/srv/wheels/{name}-{version}-py3-none-any.whl', 'w') as wheel:
        info = f'{name}-{version}.dist-info'
        wheel.writestr(f'{name}.py', f'version = "{version}"\\n')
        wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name.replace("_", "-")}\\nVersion: {version}\\n')
        wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr(f'{info}/RECORD', f'{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n')
`

beforeAll(async () => {
  fleet = await Fleet.boot(['master', 'one'])
  site = await Site.install(fleet, { states, pillars: {} })
  host = await site.join({ host: 'one', id: 'one' })
  const { repository } = fleet
  await makePackage(repository, 'tsalt-asks', '1.0-1')
  await makePackage(repository, 'tsalt-kept', '1.0-1')
  await makePackage(repository, 'tsalt-old', '1.5-1')
  await makePackage(repository, 'tsalt-old', '2.0-1')
  await makePackage(repository, 'tsalt-fine', '1.0-1')
  await makePackage(repository, 'tsalt-extra', '1.0-1')
  await makePackage(
    repository,
    'tsalt-breaks',
    '1.0-1',
    {},
    { postinst: '#!/bin/sh\necho no such device >&2\nexit 7\n' },
  )
  await makePackage(join(site.master.root, 'srv/tsalt'), 'tsalt-file', '2.0-1')
  const modules = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim()
  cpSync(join(modules, 'npm'), join(host.root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(host.root, 'usr/local/bin/npm'))
  // apt keeps no copy of what it reads in place.
  await host.sh(`sed -i 's/file:/copy:/' /etc/apt/sources.list && apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install python3-pip python3-venv virtualenv ruby debconf-utils
    mkdir -p /srv/wheels /srv/app /srv/node-pack /srv/node-app /srv/gem && chown daemon /srv/app
    useradd -m app && chown app /srv/node-app`)
  host.write('/srv/wheels.py', wheels)
  host.write(
    '/srv/gem/tsalt-gem.gemspec',
    "Gem::Specification.new { |s| s.name = 'tsalt-gem'; s.version = '1.2.0'; s.summary = 'x'; s.authors = ['x']; s.files = [] }\n",
  )
  host.write('/srv/node-pack/package.json', '{"name": "tsalt-node", "version": "1.0.0"}\n')
  host.write(
    '/srv/node-app/package.json',
    '{"name": "app", "version": "1.0.0", "dependencies": {"tsalt-node": "file:/srv/node-pack/tsalt-node-1.0.0.tgz"}}\n',
  )
  await host.sh(
    'python3 /srv/wheels.py; cd /srv/gem && gem build tsalt-gem.gemspec -o /srv/tsalt-gem-1.2.0.gem; cd /srv/node-pack && npm pack',
  )
})
afterAll(() => fleet?.halt())

const comments = async (sls: string): Promise<string> =>
  Object.values(await apply(site, 'one', ['state.apply', sls]))
    .map(({ result, comment, changes }) => `${result} ${comment} ${JSON.stringify(changes)}`)
    .join('\n')

describe('packages of Debian', () => {
  test('are told, installed, held, downloaded and answered for, and silent the second time', async () => {
    const { real } = await holds(site, 'one', ['state.apply', 'first'])
    expect(JSON.stringify(real)).not.toContain('hunter2')
    expect(await host.sh('debconf-get-selections | grep tsalt-asks | sort')).toBe(
      'tsalt-asks\ttsalt-asks/more\tboolean\ttrue\ntsalt-asks\ttsalt-asks/name\tstring\tweb1.example.org\ntsalt-asks\ttsalt-asks/secret\tpassword\thunter2\n',
    )
    expect(
      await host.sh(
        "dpkg-query -W -f '${Package} ${Version} ${db:Status-Want}\\n' tsalt-asks tsalt-file tsalt-old",
      ),
    ).toBe('tsalt-asks 1.0-1 install\ntsalt-file 2.0-1 install\ntsalt-old 1.5-1 hold\n')
  })

  test('are brought up to date, all that are not held', async () => {
    await makePackage(fleet.repository, 'tsalt-asks', '1.1-1')
    await host.sh('apt-get -q update')
    const { dry } = await holds(site, 'one', ['state.apply', 'uptodate'])
    expect(Object.values(dry)[0]?.changes).toMatchObject({ 'tsalt-asks': { old: '1.0-1', new: '1.1-1' } })
    expect(await host.sh("dpkg-query -W -f '${Version}' tsalt-old")).toBe('1.5-1')
  })

  test('are installed again where that is asked for', async () => {
    await host.sh('rm /usr/share/tsalt-asks/version')
    expect(await comments('again')).toContain('{"tsalt-asks":{"old":"1.1-1","new":"1.1-1"}}')
    expect(host.read('/usr/share/tsalt-asks/version').trim()).toBe('1.1-1')
  })

  test('that break are told with their words, what is left of them, and what was installed all the same', async () => {
    const said = await comments('broken')
    expect(said).toContain('false')
    expect(said).toContain('no such device')
    expect(said).toContain('Not finished, neither installed nor gone: tsalt-breaks')
    expect(said).toContain('"tsalt-fine":{"old":"","new":"1.0-1"}')
    await host.sh('apt-get -qy purge tsalt-breaks')
  })

  test('that cannot be had are named with what is near', async () => {
    expect(await comments('unknown')).toContain('Did you mean "tsalt-asks"?')
    expect(await comments('version')).toContain(
      'not to be had in version 9.9; the sources offer 1.1-1, 1.0-1',
    )
  })

  test('wait for a lock, and finish what an interrupted dpkg left', async () => {
    host.write(
      '/srv/lock.py',
      "import fcntl, time\nlock = open('/var/lib/dpkg/lock-frontend', 'w')\nfcntl.lockf(lock, fcntl.LOCK_EX)\ntime.sleep(6)\n",
    )
    await host.sh('systemd-run --unit=locker python3 /srv/lock.py; sleep 1; : > /var/lib/dpkg/updates/0001')
    expect(await comments('extra')).toContain(
      'true The following packages were installed/updated: tsalt-extra',
    )
    expect(await host.sh('ls /var/lib/dpkg/updates')).toBe('')
  })

  test('stay where a source is down: told at once, with what was known', async () => {
    host.write(
      '/etc/apt/sources.list.d/dead.list',
      'deb [trusted=yes] http://127.0.0.1:9/debian stable main\n',
    )
    await makePackage(fleet.repository, 'tsalt-asks', '1.2-1')
    const said = await comments('uptodate')
    expect(said).toMatch(/^false /)
    expect(said).toContain('127.0.0.1:9')
    await host.sh('rm /etc/apt/sources.list.d/dead.list')
  })

  test('are looked at by hand', async () => {
    const call = async (...words: string[]) =>
      JSON.parse((await site.tsalt(['one', ...words, '--out', 'json', '--static'])).stdout).one
    expect(await call('pkg.version', 'tsalt-old')).toBe('1.5-1')
    expect(await call('pkg.list_holds')).toEqual(['tsalt-old'])
    expect(await call('pkg.owner', '/usr/share/tsalt-old/version')).toBe('tsalt-old')
    expect(await call('pkg.file_list', 'tsalt-old')).toMatchObject({
      files: expect.arrayContaining(['/usr/share/tsalt-old/version']),
    })
    expect(await call('pkg.info_installed', 'tsalt-old')).toMatchObject({
      'tsalt-old': { version: '1.5-1', arch: 'all' },
    })
    expect(await call('pkg.list_repo_pkgs', 'tsalt-old')).toMatchObject({ 'tsalt-old': ['2.0-1', '1.5-1'] })
    expect(await call('debconf.show', 'tsalt-asks')).toContainEqual([
      'tsalt-asks/name',
      'string',
      'web1.example.org',
    ])
    expect(await call('pip.list', 'bin_env=/usr/bin/pip3')).toMatchObject({ pip: expect.any(String) })
  })
})

describe('packages of languages', () => {
  test('Python: an environment, packages in it, upgrades, removal', async () => {
    const { real } = await holds(site, 'one', ['state.apply', 'python'])
    expect(Object.values(real).map(({ changes }) => changes)).toEqual([
      { new: expect.stringMatching(/^Python 3/), packages: { new: ['tsalt-one==1.0'], old: '' } },
      { 'tsalt-two==2.0': 'Installed' },
    ])
    expect(
      await host.sh(
        'stat -c %U /srv/app/venv/bin/python /srv/app/venv/lib/python3*/site-packages/tsalt_one.py',
      ),
    ).toBe('daemon\ndaemon\n')
    const upgraded = await holds(site, 'one', ['state.apply', 'python-upgrade'])
    expect(Object.values(upgraded.dry).map(({ changes }) => changes)).toEqual([
      { 'tsalt-one==1.1': 'Installed' },
      { 'tsalt-two': 'Removed' },
    ])
    expect(await comments('system-python')).toContain('Give "bin_env" of a virtual environment')
  })

  test('Ruby and Node.js', async () => {
    const { real } = await holds(site, 'one', ['state.apply', 'others'])
    expect(Object.values(real).map(({ changes }) => changes)).toEqual([
      { 'tsalt-gem': 'Installed' },
      { old: [], new: ['/srv/node-pack/tsalt-node-1.0.0.tgz'] },
      { '/srv/node-app': 'Bootstrapped' },
    ])
    await holds(site, 'one', ['state.apply', 'others-gone'])
    expect(await host.sh('gem list --local tsalt-gem; npm ls -g --parseable')).not.toMatch(
      /tsalt-(?:gem|node)/,
    )
  })
})
