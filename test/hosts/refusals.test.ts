/** What a real machine refuses: packages, services, sources, disks, files that the master cannot read, identities. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const unit = (command: string): string => `[Service]\nExecStart=${command}\nRestart=no\n`
const marker = 'marker:\n  file.managed:\n    - name: /var/tmp/marker\n    - contents: here\n'

const trees = {
  states: {
    'package.yaml': 'tools:\n  pkg.installed:\n    - pkgs:\n      - tree\n      - memcachd\n',
    'version.yaml': 'tree:\n  pkg.installed:\n    - version: 99.1\n',
    'service.yaml': `/etc/systemd/system/broken.service:
  file.managed:
    - source: salt://broken.service

broken:
  service.running:
    - enable: True
    - watch:
      - file: /etc/systemd/system/broken.service

after:
  file.managed:
    - name: /var/tmp/after
    - require:
      - service: broken
`,
    'broken.service': unit("/bin/sh -c 'echo the port 80 is taken >&2; exit 3'"),
    'misspelt.yaml': 'crn:\n  service.running: []\n',
    'unwritten.yaml': `/etc/systemd/system/later.service:
  file.managed:
    - contents: |
        [Service]
        ExecStart=/bin/sleep 1000

later:
  service.running: []

`,
    'unrelated.yaml': `folder:
  file.directory:
    - name: /var/tmp/folder

nothing-of-that-name:
  service.running: []
`,
    'mirror.yaml': `/var/tmp/mirror:\n  file.recurse:\n    - source: salt://mirrored\n    - clean: True\n`,
    'mirrored/open.txt': 'for all\n',
    'mirrored/inner/locked.txt': 'for root alone\n',
    'source.yaml': `/var/tmp/copied:\n  file.managed:\n    - source: salt://locked.txt\n`,
    'locked.txt': 'for root alone\n',
    'full.yaml': '/srv/small/file:\n  file.managed:\n    - source: salt://large.txt\n',
    'large.txt': 'x'.repeat(600_000),
    'typo.yaml': `${marker}motd:\n  file.managed:\n    - name: /etc/motd\n    - contnts: x\n`,
  },
  pillars: {},
}

describe('refusals of real hosts', () => {
  let fleet: Fleet
  let site: Site
  let one: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one', 'two'])
    site = await Site.install(fleet, trees)
    one = await site.join({ host: 'one', id: 'one' })
  })
  afterAll(() => fleet?.halt())

  /** Fails, and says this in this order. */
  async function refused(words: readonly string[], ...says: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await site.tsalt(['one', ...words])
    let from = 0
    for (const part of says) {
      const at = stdout.indexOf(part, from)
      expect(at, `${part}\n--- in ---\n${stdout}${stderr}`).toBeGreaterThanOrEqual(0)
      from = at
    }
    expect(code).toBe(1)
    return stdout
  }

  test('a dry run before the first fetch of package lists cannot tell', async () => {
    await one.sh('rm -rf /var/lib/apt/lists/*')
    const { code, stdout } = await site.tsalt(['one', 'state.apply', 'package', 'test=True'])
    expect(stdout).toContain('no list of packages was ever fetched here')
    expect(stdout.match(/no list of packages/g)).toHaveLength(1)
    expect(code).toBe(0)
  })

  test('a package that does not exist: named with a suggestion, and none is installed', async () => {
    const says = [
      'Package memcachd does not exist in any configured source',
      'at package.yaml:2:3',
      '"memcached"',
    ]
    await refused(['state.apply', 'package'], ...says)
    expect((await one.exec(['dpkg', '-s', 'tree'])).code).not.toBe(0)
    await refused(['state.apply', 'package', 'test=True'], ...says)
  })

  test('a version that does not exist: those that do are named', async () => {
    await refused(['state.apply', 'version'], 'tree is not to be had in version 99.1', 'the sources offer 2')
    expect((await one.exec(['dpkg', '-s', 'tree'])).code).not.toBe(0)
  })

  test('a broken source of packages: apt is quoted, and what it does know is still tried', async () => {
    await one.sh("echo 'deb [trusted=yes] file:/srv/nowhere ./' > /etc/apt/sources.list.d/broken.list")
    try {
      const shown = await refused(
        ['state.apply', 'package'],
        'memcachd',
        'could not be fetched',
        '/srv/nowhere',
      )
      expect(shown).toContain('package.yaml:2:3')
      await one.sh("echo 'dbe nonsense' > /etc/apt/sources.list.d/broken.list")
      await refused(['state.apply', 'package'], 'broken.list')
    } finally {
      await one.sh('rm /etc/apt/sources.list.d/broken.list; apt-get -qq update')
    }
  })

  test('a unit that fails to start: the end of its log, and what requires it does not run', async () => {
    await refused(
      ['state.apply', 'service'],
      'broken',
      'the port 80 is taken',
      'at service.yaml:6:3',
      'One or more requisite failed',
    )
    await one.sh('test ! -e /var/tmp/after')
    expect((await one.exec(['systemctl', 'is-active', 'broken'])).stdout.trim()).toBe('failed')
  })

  test('a service that does not exist', async () => {
    await refused(
      ['state.apply', 'misspelt'],
      'The named service crn is not available',
      'at misspelt.yaml:2:3',
      'Did you mean "cron"?',
    )
  })

  test('a dry run knows a service whose unit the run will write, and no other', async () => {
    const dry = await site.tsalt(['one', 'state.apply', 'unwritten', 'test=True'])
    expect(dry.stdout).toContain('Service later is set to start')
    expect(dry.code).toBe(0)
    const shown = await refused(
      ['state.apply', 'unrelated', 'test=True'],
      'The named service nothing-of-that-name is not available',
      'at unrelated.yaml:6:3',
    )
    expect(shown).not.toContain('may bring it')
    await one.sh('test ! -e /etc/systemd/system/later.service')
    const real = await site.states(['one', 'state.apply', 'unwritten'])
    const later = Object.entries(real.returns['one'] ?? {}).find(([tag]) => tag.startsWith('service_|-later'))
    expect(later?.[1]).toMatchObject({ result: true, changes: { later: true } })
  })

  test('a source that the master may not read', async () => {
    await site.master.sh('chmod 0600 /srv/tsalt/locked.txt')
    await refused(
      ['state.apply', 'source'],
      'Cannot read salt://locked.txt: the master may not read it',
      'at source.yaml:3:15',
      'make it readable for the user that tsalt-master runs as',
    )
    await site.master.sh('chmod 0644 /srv/tsalt/locked.txt')
    await one.sh('test ! -e /var/tmp/copied')
  })

  test('a folder that the master may not read is not removed by clean', async () => {
    expect((await site.tsalt(['one', 'state.apply', 'mirror'])).code).toBe(0)
    for (const path of ['mirrored/inner', 'mirrored/inner/locked.txt']) {
      await site.master.sh(`chmod 0 /srv/tsalt/${path}; touch /srv/tsalt/mirrored/open.txt`)
      await refused(['state.apply', 'mirror'], 'the master may not read it', 'at mirror.yaml:2:3')
      await site.master.sh(`chmod 0755 /srv/tsalt/${path}`)
      await one.sh('grep -q root /var/tmp/mirror/inner/locked.txt')
    }
    await refused(['state.apply', 'nothing'], 'SLS "nothing" is not in environment')
    expect((await site.tsalt(['one', 'state.apply', 'mirror'])).code).toBe(0)
  })

  test('a full disk: the file stays as it was, and nothing is left beside it', async () => {
    await one.sh(
      'mkdir -p /srv/small; mount -t tmpfs -o size=256k tmpfs /srv/small; echo before > /srv/small/file',
    )
    await refused(
      ['state.apply', 'full'],
      'No space left on the file system of /srv/small/file',
      'at full.yaml:2:3',
    )
    expect(await one.sh('cat /srv/small/file; ls -A /srv/small')).toBe('before\nfile\n')
    await one.sh('umount /srv/small')
  })

  test('a typo: no state of the run is reached', async () => {
    await refused(['state.apply', 'typo'], 'nothing was changed', 'contnts', 'at typo.yaml:8:7', '"contents"')
    await one.sh('test ! -e /var/tmp/marker')
  })

  test('a master with another CA: the minion does not obey it', async () => {
    const kept = '/etc/tsalt/pki/minion'
    await one.sh(`systemctl stop tsalt-minion; cp -a ${kept} /var/tmp/kept`)
    await site.master.sh(
      'systemctl stop tsalt-master; mv /var/lib/tsalt/pki /var/lib/tsalt/old-pki; systemctl start tsalt-master',
    )
    await one.sh(': > /var/log/tsalt/minion; systemctl start --no-block tsalt-minion')
    const log = await until('the complaint', async () => {
      const text = await one.sh('cat /var/log/tsalt/minion')
      return text.includes('is not the master that this minion trusts') ? text : undefined
    })
    expect(log.match(/is not the master that this minion trusts/g)).toHaveLength(1)
  })

  test('a wrong fingerprint between hosts: nothing is sent', async () => {
    const two = site.configureMinion({ host: 'two', id: 'two' }, `master_finger: '${'07'.repeat(32)}'`)
    const { code, stderr } = await two.exec(['tsalt-minion'], { timeout: 20_000 })
    expect(stderr).toContain('and not 0707:0707:')
    expect(stderr).toContain('Somebody may be in between')
    expect(code).toBe(77)
    expect((await site.must('tsalt-key', ['-L'])).split('\n')).not.toContain('two')
  })
})
