/** Beacons on a real Debian host: services of systemd and file systems, as `tsalt events` shows them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { until } from './harness/shell.ts'
import { Site } from './harness/site.ts'

const configuration = `beacons:
  service:
    - services:
        watched: {onchangeonly: True, emitatstartup: False, uncleanshutdown: /run/watched.pid}
        no-such-service: {onchangeonly: True}
    - interval: 1
  diskusage:
    - /small: 50%
    - interval: 1
`

let fleet: Fleet
let site: Site
let host: Host
beforeAll(async () => {
  fleet = await Fleet.boot(['master', 'one'])
  site = await Site.install(fleet, { states: {}, pillars: {} })
  fleet.host('one').write('/etc/systemd/system/watched.service', '[Service]\nExecStart=/bin/sleep infinity\n')
  await fleet.host('one').sh(`mkdir -p /small; mount -t tmpfs -o size=10m tmpfs /small
    systemctl daemon-reload; systemctl start watched`)
  host = await site.join({ host: 'one', id: 'one', configuration })
})
afterAll(() => fleet?.halt())

const events = async (glob: string): Promise<string> =>
  (await site.master.sh(`tsalt events --out json '${glob}'`)).replace(/\s/g, '')
const told = (glob: string, words: string): Promise<true> =>
  until(`${words} of ${glob}`, async () => ((await events(glob)).includes(words) ? true : undefined))

test('a service that ends, in order or not, and comes back', async () => {
  await told('salt/beacon/one/service/no-such-service', '"running":false')
  expect(await events('salt/beacon/one/service/watched')).not.toContain('running')
  await host.sh('systemctl stop watched')
  await told('salt/beacon/one/service/watched', '"uncleanshutdown":false')
  await host.sh('systemctl start watched; touch /run/watched.pid')
  await told('salt/beacon/one/service/watched', '"running":true')
  await host.sh('systemctl kill -s KILL watched')
  await told('salt/beacon/one/service/watched', '"uncleanshutdown":true')
})

test('a file system that fills up', async () => {
  expect(await events('salt/beacon/one/diskusage/*')).not.toContain('mount')
  await host.sh('head -c 7m /dev/zero > /small/fill')
  await told('salt/beacon/one/diskusage/', '"mount":"/small"')
})

test('how they do is shown to whoever asks', async () => {
  const status = await site.master.sh('tsalt one beacons.status --out json')
  expect(JSON.parse(status)).toMatchObject({ one: { service: { trouble: null, from: 'configuration' } } })
})
