/**
 * Disks on a real Debian host: file systems, settings of block devices and volumes of LVM, on loop devices that the test
 * makes and takes away. Where the kernel has no device-mapper, LVM only writes what it would have made (`activation = 0`).
 */
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { execute } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const fileSystems = `{% for device, kind in [('{ONE}', 'ext4'), ('{TWO}', 'xfs')] %}
{{ kind }}: {blockdev.formatted: [name: {{ device }}, fs_type: {{ kind }}]}
{% endfor %}
tuned: {blockdev.tuned: [name: '{ONE}', read-ahead: 1024, read-only: True, require: [{blockdev: ext4}]]}
`
/** What holds another file system is left alone, but for the one that may be lost. */
const others = `kept: {blockdev.formatted: [name: '{ONE}', fs_type: vfat]}
replaced: {blockdev.formatted: [name: '{TWO}', fs_type: swap, force: True]}
`
const volumes = `{ONE}: {lvm.pv_present: []}
{TWO}: {lvm.pv_present: []}
tsalt-test:
  lvm.vg_present:
    - devices: ['{ONE}', '{TWO}']
    - require: [{lvm: '{ONE}'}, {lvm: '{TWO}'}]
shop: {lvm.lv_present: [vgname: tsalt-test, size: {{ pillar.get('size', '8M') }}, require: [{lvm: tsalt-test}]]}
half: {lvm.lv_present: [vgname: tsalt-test, extents: 50%FREE, require: [{lvm: shop}]]}
`
const noVolumes = `shop: {lvm.lv_absent: []}
half: {lvm.lv_absent: [vgname: tsalt-test]}
tsalt-test: {lvm.vg_absent: [require: [{lvm: half}, {lvm: shop}]]}
{ONE}: {lvm.pv_absent: [require: [{lvm: tsalt-test}]]}
`
const smaller = `tsalt-test: {lvm.vg_present: [devices: '{ONE}']}
`

const canLoop = existsSync('/dev/loop-control')
if (!canLoop) console.warn('SKIPPED: disks on real hosts, because this machine has no loop devices')

describe.skipIf(!canLoop)('disks (loop devices are needed)', () => {
  let fleet: Fleet
  let site: Site
  let host: Host
  let folder = ''
  const devices: string[] = []

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'disks'])
    folder = (await execute(['mktemp', '-d', '/var/tmp/tsalt-disks-XXXXXX'])).stdout.trim()
    host = fleet.host('disks')
    for (const [name, megabytes] of [
      ['one', 64],
      ['two', 320],
    ]) {
      const made = await execute([
        ...['sh', '-c', 'truncate -s "$2"M "$1" && losetup -f --show "$1"', 'sh'],
        ...[`${folder}/${name}`, String(megabytes)],
      ])
      if (made.code !== 0) throw new Error(`no loop device: ${made.stderr}`)
      const device = made.stdout.trim()
      devices.push(device)
      // A host of tests sees no devices of the machine but those that are made in it.
      await host.sh(`mknod -m 660 ${device} b 7 ${device.replace('/dev/loop', '')}`)
    }
    const [one = '', two = ''] = devices
    const states = Object.fromEntries(
      Object.entries({
        'file-systems.sls': fileSystems,
        'others.sls': others,
        'volumes.sls': volumes,
        'no-volumes.sls': noVolumes,
        'smaller.sls': smaller,
      }).map(([path, text]) => [path, text.replaceAll('{ONE}', one).replaceAll('{TWO}', two)]),
    )
    site = await Site.install(fleet, { states, pillars: {} })
    await site.join({ host: 'disks', id: 'disks' })
    await host.sh(`apt-get update -q && DEBIAN_FRONTEND=noninteractive timeout 400 apt-get install -qy --no-install-recommends lvm2 xfsprogs e2fsprogs dosfstools < /dev/null
      mkdir -p /etc/lvm
      grep -q device-mapper /proc/misc || printf 'global { activation = 0 }\\n' > /etc/lvm/lvm.conf
      printf 'devices { filter = [ "a|^${one}$|", "a|^${two}$|", "r|.*|" ] }\\n' >> /etc/lvm/lvm.conf`)
  })
  afterAll(async () => {
    await fleet?.halt()
    for (const device of devices) await execute(['losetup', '-d', device])
    if (folder !== '') await execute(['rm', '-rf', folder])
  })

  const kinds = (): Promise<string> =>
    host.sh(`for device in ${devices.join(' ')}; do blkid -p -s TYPE -o value $device || echo none; done`)

  async function undoLast(): Promise<void> {
    const listed = await site.must('tsalt', ['disks', 'undo.list', '--out', 'json', '--static'])
    const jobs = listed.match(/"(\d{20})"/g) ?? []
    const { stdout, code } = await site.tsalt(['disks', 'undo.job', jobs.at(-1)?.slice(1, -1) ?? ''])
    expect(code, stdout).toBe(0)
  }

  test('get file systems and settings, and lose them by an undo', async () => {
    await holds(site, 'disks', ['state.apply', 'file-systems'])
    expect(await kinds()).toBe('ext4\nxfs\n')
    expect(await host.sh(`blockdev --getra --getro ${devices[0]}`)).toBe('1024\n1\n')
    await undoLast()
    expect(await kinds()).toBe('none\nnone\n')
    expect(await host.sh(`blockdev --getro ${devices[0]}`)).toBe('0\n')
  })

  test('keep what they hold, but where it may be lost', async () => {
    await host.sh(`mkfs.ext4 -qF ${devices[0]}; mkfs.ext4 -qF ${devices[1]}`)
    const done = Object.values(await apply(site, 'disks', ['state.apply', 'others']))
    expect(done.map(({ result }) => result)).toEqual([false, true])
    expect(done[0]?.comment).toContain('it holds ext4')
    expect(await kinds()).toBe('ext4\nswap\n')
    await host.sh(`wipefs -qa ${devices.join(' ')}`)
  })

  test('are volumes of LVM, grow, and are none again', async () => {
    await host.sh(`vgremove -qq -y tsalt-test 2>/dev/null; wipefs -qa ${devices.join(' ')}`)
    await holds(site, 'disks', ['state.apply', 'volumes'])
    const sizes = 'lvs --noheadings --units m -o lv_name,lv_size tsalt-test 2>/dev/null'
    expect(await host.sh(sizes)).toMatch(/half +1\d\d\.00m[\s\S]*shop +8\.00m/)
    const grown = await apply(site, 'disks', ['state.apply', 'volumes', 'pillar={size: 16M}'])
    const changed = Object.values(grown).filter(({ changes }) => Object.keys(changes).length > 0)
    expect(changed.map(({ changes }) => changes)).toEqual([
      { resized: { old: 8 * 1024 ** 2, new: 16 * 1024 ** 2 } },
    ])
    expect(await host.sh(sizes)).toContain('16.00m')
    const members = 'vgs --noheadings -o pv_count tsalt-test 2>/dev/null'
    expect((await host.sh(members)).trim()).toBe('2')
    await holds(site, 'disks', ['state.apply', 'no-volumes'])
    expect(await host.sh('vgs 2>/dev/null; pvs --noheadings -o pv_name 2>/dev/null')).toBe(
      `  ${devices[1]}\n`,
    )
  })

  test('leave a group that is to have fewer, and come back by an undo', async () => {
    await host.sh(
      `wipefs -qa ${devices.join(' ')}; vgcreate -qq -y tsalt-test ${devices.join(' ')} 2>/dev/null`,
    )
    const members = 'pvs --noheadings -o pv_name,vg_name 2>/dev/null'
    const before = await host.sh(members)
    const { real } = await holds(site, 'disks', ['state.apply', 'smaller'])
    expect(Object.values(real)[0]?.changes).toEqual({ removed: [devices[1]] })
    await undoLast()
    expect(await host.sh(members)).toBe(before)
    await host.sh('vgremove -qq -y tsalt-test 2>/dev/null')
  })
})
