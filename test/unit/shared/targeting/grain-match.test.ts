import { expect, it } from 'vitest'
import { type Dict, PyFloat, toValue } from '../../../../shared/data/value.ts'
import { compileDictMatch } from '../../../../shared/targeting/grain-match.ts'
import { processorTime } from '../../processor-time.ts'

const grains = toValue({
  os: 'Debian',
  osrelease: '12.4',
  osmajorrelease: 12,
  roles: ['web', 'db', { cache: 'redis' }],
  systemd: { version: '252', features: ['+PAM', '-AUDIT'] },
  ip4_interfaces: { eth0: ['10.0.0.5'], lo: ['127.0.0.1'] },
  fqdn_ip6: 'fe80::1',
  virtual: null,
  selinux: { enabled: false },
  level: 'production',
  load: new PyFloat(1),
  'a:b': 'joined',
  nested: { x: { y: { z: 'deep' } } },
}) as Dict

// Compared with what Salt's own subdict_match answers to these.
it.each([
  ['os:Debian', true],
  ['os:debian', true],
  ['os:Deb*', true],
  ['os:Ubuntu', false],
  ['OS:Debian', false],
  ['nosuch:*', false],
  ['os:*', true],
  ['osmajorrelease:12', true],
  ['osmajorrelease:1?', true],
  ['roles:web', true],
  ['roles:d*', true],
  ['roles:cache', true],
  ['roles:cache:redis', true],
  ['roles:cache:memcached', false],
  ['roles:0', false],
  ['roles:0:web', true],
  ['systemd:version:252', true],
  ['systemd:version', true],
  ['systemd:nosuch', false],
  ['systemd:features:+PAM', true],
  ['systemd:features:-a*', true],
  ['ip4_interfaces:eth0:10.*', true],
  ['ip4_interfaces:*:127.0.0.1', true],
  ['ip4_interfaces:*:8.8.8.8', false],
  ['*:Debian', true],
  ['*:Gentoo', false],
  ['fqdn_ip6:fe80::1', true],
  ['virtual:none', true],
  ['selinux:enabled:false', true],
  ['selinux:enabled:true', false],
  ['load:1.0', true],
  ['load:1', false],
  ['a:b:joined', false],
  ['nested:x:y:z:deep', true],
  ['nested:*:y:z:deep', true],
  ['nested:x:y:z', true],
  ['nested:x:z', false],
])('%s is %s', (expression, expected) => {
  expect(compileDictMatch(expression)(grains)).toBe(expected)
})

it('takes another delimiter', () => {
  expect(compileDictMatch('systemd|version|252', '|')(grains)).toBe(true)
  expect(compileDictMatch('fqdn_ip6|fe80::1', '|')(grains)).toBe(true)
})

it('does not take time that doubles with each step', () => {
  let data: Dict = new Map([['k', 'v']])
  for (let depth = 0; depth < 30; depth++) data = new Map([['k', data]])
  const match = compileDictMatch(`${'k:'.repeat(31)}nosuch`)
  const started = processorTime()
  expect(match(data)).toBe(false)
  expect(compileDictMatch(`${'*:'.repeat(31)}nosuch`)(data)).toBe(false)
  expect(processorTime() - started).toBeLessThan(4_000)
})
