/**
 * Packages on a real Debian host: states of pkg and debconf with what goes wrong, packages of Python, Ruby and Node.js,
 * and dnf and zypper with a repository of small rpm packages that the host builds itself.
 */
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareGemVersions, parseGemRequirement } from '../../minion/installers/gem.ts'
import { comparePythonVersions, parseSpecifiers, satisfies } from '../../minion/installers/python-version.ts'
import { dnf } from '../../minion/providers/package/dnf/provider.ts'
import { compareRpmParts } from '../../minion/providers/package/rpm/version.ts'
import { zypper } from '../../minion/providers/package/zypper/provider.ts'
import type { PackageProvider } from '../../minion/providers/provider.ts'
import { AccountFiles } from '../../minion/system/account-files.ts'
import type { RunCommand } from '../../minion/system/command.ts'
import { packageProviderContract } from '../contracts/package-provider.ts'
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
tsalt-gem by version: {gem.installed: [name: tsalt-gem, version: ~> 1.2, require: [{gem: tsalt-gem}]]}
/srv/node-pack/tsalt-node-1.0.0.tgz: {npm.installed: []}
/srv/node-app: {npm.bootstrap: [user: daemon]}
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

const run: RunCommand = async (command, options = {}) => {
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  const environment = Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`)
  const { code, stdout, stderr } = await host.exec(['env', ...environment, ...argv], { timeout: 120_000 })
  return { code, stdout, stderr, pid: 0, timedOut: false, dropped: 0 }
}

const wheels = `import zipfile
for name, version in [('tsalt_one', '1.0'), ('tsalt_one', '1.1'), ('tsalt_two', '2.0')]:
    with zipfile.ZipFile(f'/srv/wheels/{name}-{version}-py3-none-any.whl', 'w') as wheel:
        info = f'{name}-{version}.dist-info'
        wheel.writestr(f'{name}.py', f'version = "{version}"\\n')
        wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name.replace("_", "-")}\\nVersion: {version}\\n')
        wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr(f'{info}/RECORD', f'{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n')
`

const rpms = `set -e
mkdir -p /srv/rpms /etc/yum.repos.d /etc/zypp/repos.d /tmp/specs
echo '%_dbpath /var/lib/rpm' > /root/.rpmmacros
make() {
  printf 'Name: %s\\nVersion: %s\\nRelease: %s\\nSummary: x\\nLicense: MIT\\nBuildArch: noarch\\nAutoReqProv: no\\n%s\\n%%description\\nx\\n%%install\\nmkdir -p %%{buildroot}/usr/share/%s\\necho %s > %%{buildroot}/usr/share/%s/version\\n%%files\\n/usr/share/%s\\n' "$1" "$2" "$3" "$4" "$1" "$2" "$1" "$1" > /tmp/specs/$1.spec
  rpmbuild -bb --quiet --define '_rpmdir /srv/rpms' --define '_topdir /tmp/rpmbuild' /tmp/specs/$1.spec
}
make probe 1.0 1 'Provides: probe-virtual'
make probe 1.0 2 'Provides: probe-virtual'
make other 3.0 1 'Epoch: 2'
createrepo_c -q /srv/rpms
printf '[local]\\nname=local\\nbaseurl=file:///srv/rpms\\nenabled=1\\ngpgcheck=0\\n' | tee /etc/yum.repos.d/local.repo > /etc/zypp/repos.d/local.repo
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
  cpSync('/usr/lib/node_modules/npm', join(host.root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(host.root, 'usr/local/bin/npm'))
  await host.sh(`apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install python3-pip python3-venv virtualenv ruby debconf-utils dnf dnf-plugins-core rpm createrepo-c
    mkdir -p /srv/wheels /srv/app /srv/node-pack /srv/node-app /srv/gem && chown daemon /srv/app /srv/node-app`)
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
  host.write('/srv/rpms.sh', rpms)
  await host.sh('bash /srv/rpms.sh')
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
      {},
      { old: [], new: ['/srv/node-pack/tsalt-node-1.0.0.tgz'] },
      { '/srv/node-app': 'Bootstrapped' },
    ])
    await holds(site, 'one', ['state.apply', 'others-gone'])
    expect(await host.sh('gem list --local tsalt-gem; npm ls -g --parseable')).not.toMatch(
      /tsalt-(?:gem|node)/,
    )
  })

  const versions = [
    '1.0',
    '1.0.0',
    '1.0a1',
    '1.0b2.post1',
    '1.0rc1',
    '1.0.dev3',
    '1.0.post1',
    '1.0+ubuntu.1',
    '1.1',
    '1.10',
    '2!0.1',
    '1.0.post1.dev2',
    '0.9.9',
    '1.0a1.dev1',
    '2.0',
  ]

  test('Python versions are ordered and judged as pip does', async () => {
    const specifiers = [
      '==1.0',
      '!=1.0',
      '>1.0',
      '<1.0',
      '>=1.0',
      '<=1.0',
      '~=1.0',
      '==1.*',
      '!=1.0.*',
      '~=1.0.0',
      '===1.0',
      '>=1,<2',
      '<1.0rc1',
      '>1.0.post1',
    ]
    const script = `import json
from pip._vendor.packaging.version import Version
from pip._vendor.packaging.specifiers import SpecifierSet
versions, specifiers = json.loads(${JSON.stringify(JSON.stringify([versions, specifiers]))})
print(json.dumps([[(Version(a) > Version(b)) - (Version(a) < Version(b)) for b in versions] for a in versions]))
print(json.dumps([[SpecifierSet(s).contains(v, prereleases=True) for v in versions] for s in specifiers]))
`
    host.write('/srv/versions.py', script)
    const [orders, fits] = (await host.sh('python3 /srv/versions.py'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(versions.map((a) => versions.map((b) => comparePythonVersions(a, b)))).toEqual(orders)
    const ours = specifiers.map((one) =>
      versions.map((version) => satisfies(version, parseSpecifiers(one) ?? [])),
    )
    expect(Object.fromEntries(specifiers.map((one, index) => [one, ours[index]]))).toEqual(
      Object.fromEntries(specifiers.map((one, index) => [one, fits[index]])),
    )
  })

  test('Ruby versions are ordered and judged as gem does', async () => {
    const gems = [
      '1.0',
      '1.0.0',
      '1.0.a',
      '1.0.b2',
      '1.0.rc1',
      '1.1',
      '1.10',
      '2.0.0.pre1',
      '0.9',
      '1.2.3',
      '1.2.10',
      '2',
    ]
    const requirements = ['~> 1.0', '~> 1.2.3', '>= 1, < 2', '!= 1.1', '= 1.0', '> 1.0.a', '~> 1', '<= 1.1']
    host.write(
      '/srv/versions.rb',
      `require 'json'
v = ${JSON.stringify(gems)}; r = ${JSON.stringify(requirements)}
puts JSON.generate(v.map { |a| v.map { |b| Gem::Version.new(a) <=> Gem::Version.new(b) } })
puts JSON.generate(r.map { |s| v.map { |a| Gem::Requirement.new(s.split(',')).satisfied_by?(Gem::Version.new(a)) } })
`,
    )
    const [orders, fits] = (await host.sh('ruby /srv/versions.rb'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(gems.map((a) => gems.map((b) => compareGemVersions(a, b)))).toEqual(orders)
    expect(requirements.map((one) => gems.map((version) => parseGemRequirement(one)?.(version)))).toEqual(
      fits,
    )
  })
})

describe('rpm', () => {
  const opened = (provider: PackageProvider) => {
    const machine = { query: run, accounts: new AccountFiles(host.root), root: host.root }
    const { look, change } = provider.open(machine)
    return { look, act: change(run), name: 'probe', versions: ['1.0-2', '1.0-1'] as const, unknown: 'prob' }
  }

  test('versions are ordered as rpm does', async () => {
    const versions = [
      '1.0',
      '1.0~rc1',
      '1.0^git1',
      '1.0^',
      '1.0a',
      '1.05',
      '1.5',
      '10xyz',
      '10.1',
      '2_0',
      '2.0',
      'xyz.4',
      '1.0~rc1^x',
      '1',
      '1.0.0',
      'a1',
      '1.a',
      '20240101',
    ]
    const pairs = versions.flatMap((a) => versions.map((b) => `{"${a}","${b}"}`)).join(',')
    const printed = await host.exec([
      'rpm',
      '--eval',
      `%{lua: for _, p in ipairs({${pairs}}) do print(rpm.vercmp(p[1], p[2])) end}`,
    ])
    const ours = versions.flatMap((a) => versions.map((b) => compareRpmParts(a, b)))
    expect(ours).toEqual(printed.stdout.trim().split('\n').map(Number))
  })

  describe.each([
    ['dnf', dnf],
    ['zypper', zypper],
  ] as const)('%s', (id, provider) => {
    beforeAll(async () => {
      // Debian's zypper and the plug-ins of its dnf exclude each other.
      if (id === 'zypper') await host.sh('DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install zypper')
      await opened(provider).act.refresh()
    })

    packageProviderContract(`a host with ${id}`, () => opened(provider))

    test('tells epochs, what is provided, files, owners and upgrades', async () => {
      const { look, act } = opened(provider)
      await act.install([{ name: 'probe', version: '1.0-1' }, { name: 'other' }])
      expect((await look.installed()).get('other')?.version).toBe('2:3.0-1')
      expect(await look.providedBy('probe-virtual')).toBe('probe')
      expect(await look.filesOf?.('probe')).toContain('/usr/share/probe/version')
      expect(await look.ownerOf?.('/usr/share/probe/version')).toBe('probe')
      expect((await look.describe?.(['probe']))?.get('probe')).toMatchObject({
        version: '1.0',
        arch: 'noarch',
        license: 'MIT',
      })
      expect(await look.upgrades()).toEqual([{ name: 'probe', from: '1.0-1', to: '1.0-2' }])
      await act.upgrade()
      expect((await look.installed()).get('probe')?.version).toBe('1.0-2')
      await act.install([{ name: 'probe' }], { reinstall: true })
      await act.remove(['probe', 'other'])
      expect([...(await look.installed()).keys()]).toEqual([])
    })

    test('takes package files', async () => {
      const { look, act } = opened(provider)
      await act.installFiles(['/srv/rpms/noarch/probe-1.0-1.noarch.rpm'])
      expect((await look.installed()).get('probe')?.version).toBe('1.0-1')
      await act.remove(['probe'])
    })
  })
})
