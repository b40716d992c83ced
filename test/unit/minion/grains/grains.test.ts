import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FolderFiles } from '../../../../minion/files/folder-files.ts'
import { collectGrains } from '../../../../minion/grains/collect.ts'
import { coreGrains } from '../../../../minion/grains/core.ts'
import { initGrains } from '../../../../minion/grains/init.ts'
import { setStaticGrain } from '../../../../minion/grains/static-file.ts'
import { virtualGrains } from '../../../../minion/grains/virtual.ts'
import { syncPrograms } from '../../../../minion/programs/synced.ts'
import { addressGrains, nameGrains, ownName, resolverGrains } from '../../../../shared/grains/network.ts'
import { processorGrains } from '../../../../shared/grains/processor.ts'
import { processorTime } from '../../processor-time.ts'
import { silent } from '../jobs/jobs-fixture.ts'
import { machineOf } from './machine-facts.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-grains-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('found out', () => {
  test.each([
    [
      { '/run/systemd/container': 'systemd-nspawn\n' },
      { virtual: 'container', virtual_subtype: 'systemd-nspawn' },
    ],
    [{ '/.dockerenv': '' }, { virtual: 'container', virtual_subtype: 'Docker' }],
    [{ '/proc/1/environ': 'A=b\0container=lxc\0' }, { virtual: 'container', virtual_subtype: 'LXC' }],
    [{ '/proc/1/cgroup': '1:name=systemd:/kubepods/x\n' }, { virtual: 'container' }],
    [{ '/sys/class/dmi/id/sys_vendor': 'QEMU\n' }, { virtual: 'kvm' }],
    [{ '/sys/class/dmi/id/sys_vendor': 'VMware, Inc.\n' }, { virtual: 'VMware' }],
    [{ '/sys/class/dmi/id/sys_vendor': 'Amazon EC2' }, { virtual: 'Nitro', virtual_subtype: 'Amazon EC2' }],
    [{ '/sys/hypervisor/type': 'xen\n' }, { virtual: 'xen' }],
    [{ '/proc/cpuinfo': 'flags\t\t: fpu hypervisor\n' }, { virtual: 'VM' }],
    [
      { '/sys/class/dmi/id/sys_vendor': 'Dell Inc.\n', '/proc/cpuinfo': 'flags : fpu\n' },
      { virtual: 'physical' },
    ],
  ])('virtual of %j', (files, expected) => {
    expect(virtualGrains(machineOf(files))).toMatchObject(expected)
  })

  test('init and the version of systemd', () => {
    const files = {
      '/run/systemd/system/x': '',
      '/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so': '',
    }
    expect(initGrains(machineOf(files))).toEqual({
      init: 'systemd',
      systemd: { version: '252', features: '' },
    })
    expect(initGrains(machineOf({ '/proc/1/comm': 'tini\n' }))).toEqual({ init: 'tini' })
    expect(initGrains(machineOf({ '/proc/1/comm': 'node\n' }))).toEqual({ init: 'unknown' })
  })

  test('names from the hosts file without a question to the network', () => {
    const facts = machineOf({
      '/etc/hosts': '127.0.0.1 localhost\n10.0.0.5 web1.example.org web1 # us\n::1 localhost\n',
    })
    expect(nameGrains(facts, 'web1', [])).toEqual({
      localhost: 'web1',
      nodename: 'web1',
      host: 'web1',
      domain: 'example.org',
      fqdn: 'web1.example.org',
      fqdns: ['web1.example.org'],
      fqdn_ip4: ['10.0.0.5'],
      fqdn_ip6: [],
    })
    expect(nameGrains(machineOf({}), 'web1', ['10.0.0.5', '127.0.0.1'])).toMatchObject({
      fqdn: 'web1',
      domain: '',
      fqdn_ip4: ['10.0.0.5'],
    })
    expect(ownName(facts, 'web1')).toBe('web1.example.org')
  })

  test('addresses by interface, those without one too', () => {
    const files = {
      '/sys/class/net/eth0/address': '02:00:00:00:00:01\n',
      '/sys/class/net/eth1/address': '02:00:00:00:00:02\n',
      '/proc/net/route': 'Iface\tDestination\tGateway\neth0\t00000000\t0100000A\t0003\n',
    }
    const base = { netmask: '', mac: '02:00:00:00:00:01', internal: false }
    const interfaces = {
      eth0: [
        { ...base, address: '10.0.0.5', family: 'IPv4' as const, cidr: null },
        { ...base, address: 'fe80::1', family: 'IPv6' as const, cidr: null, scopeid: 2 },
      ],
    }
    expect(addressGrains(machineOf(files), interfaces)).toMatchObject({
      ip_interfaces: { eth0: ['10.0.0.5', 'fe80::1'], eth1: [] },
      ip4_interfaces: { eth0: ['10.0.0.5'], eth1: [] },
      hwaddr_interfaces: { eth0: '02:00:00:00:00:01', eth1: '02:00:00:00:00:02' },
      ipv4: ['10.0.0.5'],
      ipv6: ['fe80::1'],
      ip4_gw: '10.0.0.1',
    })
  })

  test('resolver and processors', () => {
    const text = 'nameserver 10.0.0.2 # a\nsearch a.org b.org\noptions ndots:2\nnameserver ::2\n'
    expect(resolverGrains(machineOf({ '/etc/resolv.conf': text }))).toMatchObject({
      dns: {
        nameservers: ['10.0.0.2', '::2'],
        ip6_nameservers: ['::2'],
        search: ['a.org', 'b.org'],
        options: ['ndots:2'],
      },
    })
    const files = {
      '/sys/devices/system/cpu/online': '0-3,8\n',
      '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: Fast\nflags\t: a b\n',
    }
    expect(processorGrains(machineOf(files))).toEqual({
      num_cpus: 5,
      cpu_model: 'Fast',
      cpu_flags: ['a', 'b'],
    })
  })

  test('this machine, in a few milliseconds', () => {
    const settings = { id: 'x', master: 'm', version: '1' }
    coreGrains(settings)
    const from = processorTime()
    const grains = coreGrains(settings)
    expect(processorTime() - from).toBeLessThan(1_000)
    expect(grains.get('kernel')).toBe('Linux')
    expect(grains.get('saltversioninfo')).toEqual([3006, 9])
  })
})

describe('layers', () => {
  const settings = () => ({
    id: 'web1',
    master: 'm',
    version: '1',
    syncedFolder: join(folder, 'synced/grains'),
    executablesFolder: join(folder, 'grains.d'),
    configured: { level: 'from configuration', id: 'other' } as Record<string, unknown>,
    staticFile: join(folder, 'grains'),
    log: silent,
  })
  const program = (path: string, text: string, mode = 0o755): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
    chmodSync(join(folder, path), mode)
  }

  test('later ones win, broken ones are left out, the id stays', async () => {
    program('grains.d/a', '#!/bin/sh\necho \'{"level": "a", "json": [1, {"b": 2}], "from": "a"}\'\n')
    program('grains.d/b', '#!/bin/sh\nprintf "from: b\\nyaml:\\n  - x\\n"\n')
    program('grains.d/broken', '#!/bin/sh\necho "level: broken"; exit 3\n')
    program('grains.d/list', '#!/bin/sh\necho "- a"\n')
    program('grains.d/loose', '#!/bin/sh\necho "loose: true"\n', 0o777)
    program('grains.d/README', 'not a program', 0o644)
    program('synced/grains/s', '#!/bin/sh\necho "from: synced"\necho "only: synced"\n')
    writeFileSync(join(folder, 'grains'), 'static: 1\nlevel: from file\n')
    const grains = await collectGrains(settings())
    expect(grains.get('from')).toBe('b')
    expect(grains.get('only')).toBe('synced')
    expect(grains.get('json')).toEqual([1, new Map([['b', 2]])])
    expect(grains.get('yaml')).toEqual(['x'])
    expect(grains.get('static')).toBe(1)
    expect(grains.get('level')).toBe('from configuration')
    expect(grains.get('id')).toBe('web1')
    expect(grains.has('loose')).toBe(false)
  })

  test('a static grain is set, found and removed', async () => {
    const file = join(folder, 'grains')
    setStaticGrain(file, 'roles', ['web', 'db: x'])
    setStaticGrain(file, 'a:b:c', 1)
    const read = async () => collectGrains({ ...settings(), configured: {} })
    expect((await read()).get('roles')).toEqual(['web', 'db: x'])
    expect((await read()).get('a')).toEqual(new Map([['b', new Map([['c', 1]])]]))
    setStaticGrain(file, 'roles', null)
    expect((await read()).has('roles')).toBe(false)
    expect(readFileSync(file, 'utf8')).toContain('a:\n  b:\n    c: 1\n')
  })

  test('programs of the tree come, change and go', async () => {
    mkdirSync(join(folder, 'states/_grains'), { recursive: true })
    const file = join(folder, 'states/_grains/own')
    writeFileSync(file, '#!/bin/sh\necho "own: 1"\n')
    writeFileSync(join(folder, 'states/_grains/text.txt'), 'nothing to run')
    const sync = () =>
      syncPrograms(new FolderFiles({ base: [join(folder, 'states')] }), join(folder, 'synced'), silent).then(
        ({ changed }) => changed,
      )
    expect(await sync()).toEqual(['grains.own'])
    expect((await collectGrains(settings())).get('own')).toBe(1)
    expect(await sync()).toEqual([])
    writeFileSync(file, '#!/bin/sh\necho "own: 2"\n')
    expect(await sync()).toEqual(['grains.own'])
    expect((await collectGrains(settings())).get('own')).toBe(2)
    rmSync(file)
    expect(await sync()).toEqual(['grains.own'])
    expect((await collectGrains(settings())).has('own')).toBe(false)
  })
})
