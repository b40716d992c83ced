/** Templates that ask a real Debian host: commands, files, addresses, services, accounts, programs of the tree. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { notSilent, Site } from './harness/site.ts'

const map = `{% set release = salt['cmd.run']('. /etc/os-release && echo $VERSION_ID') %}
{% macro addresses() %}{{ salt['network.ip_addrs'](cidr=pillar['network']) | join(' ') }}{% endmacro %}
`
const asked = `{% from 'asked/map.jinja' import release, addresses with context %}
/srv/asked.txt:
  file.managed:
    - contents: |
        release {{ release }}
        addresses {{ addresses() }}
        gateway {{ (salt['network.default_route']('inet') | first | default({'gateway': 'none'}, true)).gateway }}
        dbus {{ salt['service.status']('dbus') }} {{ salt['service.available']('no-such-unit') }}
        root {{ salt['user.info']('root').home }} {{ salt['user.info']('daemon').groups | join(',') }}
        machine-id {{ salt['file.file_exists']('/etc/machine-id') }}
        dpkg {{ salt['pkg.version']('dpkg') != '' }} {{ salt['pkg.version']('no-such-package') == '' }}
        rack {{ salt['racks.of'](grains['id'], unit=3) }}
        words {{ salt['cmd.run_stdout']('printf "%s." one "two three"') }}
{% if salt['file.directory_exists']('/etc/systemd') %}
/srv/managed.conf:
  file.managed:
    - source: salt://asked/files/managed.conf
    - template: jinja
    - require:
      - file: /srv/asked.txt
{% endif %}
grown:
  disk.sized:
    - size: 3
`
const states = {
  'asked/map.jinja': map,
  'asked/init.sls': asked,
  'asked/files/managed.conf':
    "kernel = {{ salt['cmd.run']('uname -s') }}\nmotd = {{ salt['cp.get_file_str']('salt://motd') | trim }}\n",
  motd: 'welcome\n',
  'typo.sls': "a:\n  test.nop:\n    - x: {{ salt['cmd.rum']('id') }}\n",
  'python.sls': "a:\n  test.nop:\n    - x: {{ salt['snake.of']('id') }}\n",
  'changing.sls': "{% do salt['file.touch']('/srv/touched') %}\na:\n  test.nop: []\n",
  '_modules/racks': `#!/bin/sh
read -r line
unit=$(printf '%s' "$line" | sed 's/.*"kwargs":{"unit":\\([0-9]*\\)}.*/\\1/')
echo "\\"r12u$unit\\""
`,
  '_modules/racks.py': 'def of(name, unit):\n    return "never"\n',
  '_modules/snake.py': 'def of(name):\n    return "never"\n',
  '_states/disk': `#!/bin/sh
read -r line
if [ -e /srv/disk ]; then echo '{"result": true, "changes": {}, "comment": "as large as it should be"}'; exit; fi
case "$line" in
  *'"test":true'*) echo '{"result": null, "changes": {"size": 3}, "comment": "would grow"}' ;;
  *) touch /srv/disk; echo '{"result": true, "changes": {"size": 3}, "comment": "grew"}' ;;
esac
`,
}

describe('templates that ask their host', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'one'])
    const network = fleet.host('one').address.replace(/\.\d+$/, '.0/24')
    const pillars = { 'top.sls': "base:\n  '*': [one]\n", 'one.sls': `network: ${network}\n` }
    site = await Site.install(fleet, { states, pillars })
    host = await site.join({ host: 'one', id: 'one' })
  }, 60_000)
  afterAll(() => fleet?.halt())

  test('a sync names Python files and brings what stands in for them', async () => {
    const { stdout } = await site.tsalt(['one', 'saltutil.sync_all', '--out', 'json', '--static'])
    const { modules, states: synced } = JSON.parse(stdout).one
    expect(modules).toContain('modules.racks')
    expect(modules.find((line: string) => line.includes('salt://_modules/snake.py is Python'))).toBeDefined()
    expect(modules.some((line: string) => line.includes('racks.py'))).toBe(false)
    expect(synced).toEqual(['states.disk'])
    expect((await host.sh('stat -c "%a %U" /var/lib/tsalt/minion/synced/modules/racks')).trim()).toBe(
      '700 root',
    )
  })

  test('a dry run asks as a real run does, and changes nothing', async () => {
    const { returns } = await site.states(['one', 'state.apply', 'asked', 'test=True'])
    expect(Object.values(returns.one ?? {}).map(({ result }) => result)).toEqual([null, null, null])
    expect(await host.sh('ls /srv')).not.toMatch(/asked|disk/)
  })

  test('a real run writes what the host answered, and a second one has nothing to do', async () => {
    const { returns, code } = await site.states(['one', 'state.apply', 'asked'])
    expect([code, returns.one]).toMatchObject([0, {}])
    const text = host.read('/srv/asked.txt')
    expect(text.split('\n')).toEqual([
      'release 12',
      `addresses ${host.address}`,
      expect.stringMatching(/^gateway /),
      'dbus True False',
      'root /root daemon',
      'machine-id True',
      'dpkg True True',
      'rack r12u3',
      'words one.two three.',
      '',
    ])
    expect(host.read('/srv/managed.conf')).toBe('kernel = Linux\nmotd = welcome\n')
    expect(await host.sh('test -e /srv/disk && echo there')).toContain('there')
    expect(notSilent((await site.states(['one', 'state.apply', 'asked'])).returns)).toEqual([])
  })

  test('mistakes name the line, the function and what was meant', async () => {
    const typo = await site.tsalt(['one', 'state.apply', 'typo'])
    expect(typo.stdout + typo.stderr).toMatch(/typo\.sls:3/)
    expect(typo.stdout + typo.stderr).toContain('Did you mean "cmd.run"?')
    const python = await site.tsalt(['one', 'state.apply', 'python'])
    expect(python.stdout + python.stderr).toContain('salt://_modules/snake.py is Python')
    const changing = await site.tsalt(['one', 'state.apply', 'changing', 'test=True'])
    expect(changing.stdout + changing.stderr).toContain('file.touch')
    expect(await host.sh('ls /srv')).not.toContain('touched')
  })

  test('the same functions answer on the command line', async () => {
    const call = async (...words: string[]) =>
      JSON.parse((await site.tsalt(['one', ...words, '--out', 'json', '--static'])).stdout).one
    expect(await call('network.ip_addrs')).toEqual([host.address])
    expect(await call('racks.of', 'one', 'unit=4')).toBe('r12u4')
    expect(
      await call('slsutil.renderer', 'salt://asked/files/managed.conf', 'default_renderer=jinja|text'),
    ).toContain('kernel = Linux')
    expect(await call('random.get_str', '12')).toHaveLength(12)
    expect((await call('service.get_running')).some((name: string) => name.startsWith('dbus'))).toBe(true)
    const missing = await site.tsalt(['one', 'snake.of', 'x'])
    expect(missing.stdout + missing.stderr).toContain('is Python')
  })
})
