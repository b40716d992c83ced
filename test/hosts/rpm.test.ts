/**
 * dnf and zypper on a real host, with a repository of small rpm packages that it builds itself: our code outside, its
 * commands inside. And orders of versions, compared with the programs whose they are.
 */
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
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'

let fleet: Fleet | undefined
let host: Host

const run: RunCommand = async (command, options = {}) => {
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  const environment = Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`)
  const { code, stdout, stderr } = await host.exec(['env', ...environment, ...argv], { timeout: 120_000 })
  return { code, stdout, stderr, pid: 0, timedOut: false, dropped: 0 }
}

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
# zypper fails on a database of rpm without a single package.
make base 1 1
make needing 1 1 'Requires: probe'
rpm -i --nosignature /srv/rpms/noarch/base-1-1.noarch.rpm
createrepo_c -q /srv/rpms
# The plug-in "local" would check signatures of what it copies.
sed -i 's/^enabled = true/enabled = false/' /etc/dnf/plugins/local.conf
printf '[local]\\nname=local\\nbaseurl=file:///srv/rpms\\nenabled=1\\ngpgcheck=0\\n' | tee /etc/yum.repos.d/local.repo > /etc/zypp/repos.d/local.repo
`

beforeAll(async () => {
  fleet = await Fleet.boot(['rpm'])
  host = fleet.host('rpm')
  await host.sh(`apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install python3-pip ruby dnf dnf-plugins-core rpm createrepo-c`)
  host.write('/srv/rpms.sh', rpms)
  await host.sh('bash /srv/rpms.sh')
})
afterAll(() => fleet?.halt())

describe('versions of languages', () => {
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
      `%{lua: for _, p in ipairs({${pairs}}) do print(rpm.vercmp(p[1], p[2]) .. " ") end}`,
    ])
    const ours = versions.flatMap((a) => versions.map((b) => compareRpmParts(a, b)))
    expect(ours).toEqual(printed.stdout.trim().split(/\s+/).map(Number))
  })

  describe.each([
    ['dnf', dnf],
    ['zypper', zypper],
  ] as const)('%s', (id, provider) => {
    beforeAll(async () => {
      // Debian's zypper and the plug-ins of its dnf exclude each other.
      if (id === 'zypper')
        await host.sh('DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install zypper')
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
      expect(await look.removedWith?.(['probe'])).toEqual(['probe'])
      await act.install([{ name: 'needing' }])
      expect(await look.removedWith?.(['probe', 'other'])).toEqual(['probe', 'other', 'needing'])
      expect((await look.installed()).has('needing')).toBe(true)
      await act.remove(['needing', 'probe', 'other'])
      expect([...(await look.installed()).keys()]).toEqual(['base'])
    })

    test('takes package files', async () => {
      const { look, act } = opened(provider)
      await act.installFiles(['/srv/rpms/noarch/probe-1.0-1.noarch.rpm'])
      expect((await look.installed()).get('probe')?.version).toBe('1.0-1')
      await act.remove(['probe'])
    })
  })
})
