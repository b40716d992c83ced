/** The Redis role of the shipped tree in tsalt's own form and in Salt's dialect: the same machine comes out. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, type Held, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

let fleet: Fleet
let site: Site
const ids = { twin: 'twin.production', salt: 'salt.production' } as const
const roles = { twin: 'redis', salt: 'redis.salt' } as const
const sides = ['twin', 'salt'] as const
type Side = (typeof sides)[number]

beforeAll(async () => {
  fleet = await Fleet.boot(['master', ...sides])
  site = await Site.install(fleet, 'example')
  for (const side of sides) {
    const host = await site.join({ host: side, id: ids[side], grains: { level: 'production' } })
    await host.sh('apt-get -q update')
  }
})
afterAll(() => fleet?.halt())

const host = (side: Side): Host => fleet.host(side)
const run = (side: Side): Promise<Held> => holds(site, ids[side], ['state.apply', roles[side]])

/** Everything about Redis that a user could see on the machine. */
const machine = (side: Side): Promise<string> =>
  host(side).sh(`cat /etc/redis/redis.conf; stat -c '%U %G %a' /etc/redis/redis.conf
    dpkg-query -W -f '\${Package} \${Version}\n' redis-server redis-tools
    systemctl is-active redis-server; systemctl is-enabled redis-server
    redis-cli -a kea-umbra-violet-production --no-auth-warning config get maxmemory`)

test('both hold to the laws, and both machines are the same afterwards', async () => {
  for (const side of sides) {
    const { real } = await run(side)
    expect(Object.values(real).map(({ changes }) => Object.keys(changes).length > 0)).toEqual([
      true,
      true,
      true,
    ])
  }
  const [twin, salt] = await Promise.all(sides.map(machine))
  expect(salt).toBe(twin)
  expect(salt).toContain('bind 127.0.0.1 -::1\n')
  expect(salt).toContain('redis redis 640\n')
  expect(salt).toContain('active\nenabled\n')
  expect(salt).toContain('134217728')
})

test('low data of the role is what Salt would make of it', async () => {
  const shown = await site.tsalt([ids.salt, 'state.show_low_sls', 'redis.salt', '--out', 'json', '--static'])
  const [packages, file, service] = JSON.parse(shown.stdout)[ids.salt]
  expect(packages).toMatchObject({ state: 'pkg', fun: 'latest', pkgs: ['redis-server', 'redis-tools'] })
  expect(file).toMatchObject({
    ...{ state: 'file', fun: 'managed', user: 'redis', group: 'redis', mode: '0640', template: 'jinja' },
    ...{ source: 'salt://redis/files/redis.conf.j2', context: { bind: '127.0.0.1 -::1', port: 6379 } },
  })
  expect(service).toMatchObject({ state: 'service', fun: 'running', enable: true })
  // As somebody who comes from Salt asks the minion, with what Salt would have printed.
  site.master.write(
    '/root/low.json',
    JSON.stringify({ [ids.salt]: [packages, file, { ...service, enable: false }] }),
  )
  const compared = await site.tsalt(['migrate', 'compare', '/root/low.json', '--sls', 'redis.salt'])
  expect(compared.stdout).toContain(`${ids.salt}: 2 of 3 states are equal, in the same order`)
  expect(compared.stdout).toMatch(
    /service\.running redis-server .*\n +enable\n +Salt: {2}False\n +tsalt: True/,
  )
  expect(compared.code).toBe(1)
})

test('an edit of the pillar changes the file and restarts the service on both', async () => {
  const starts = (side: Side): Promise<string> => host(side).sh('systemctl show -p InvocationID redis-server')
  const before = await Promise.all(sides.map(starts))
  site.edit('/srv/pillar/infra/production.yaml', 'maxmemory: 128mb', 'maxmemory: 256mb')
  for (const side of sides) {
    const { dry, real } = await run(side)
    const changed = (entries: typeof real): string[] =>
      Object.values(entries)
        .filter(({ changes }) => Object.keys(changes).length > 0)
        .map(({ name }) => name)
    expect(changed(real)).toEqual(['/etc/redis/redis.conf', 'redis-server'])
    expect(changed(dry)).toEqual(changed(real))
  }
  const after = await Promise.all(sides.map(starts))
  expect(after[0]).not.toBe(before[0])
  expect(after[1]).not.toBe(before[1])
  expect(await machine('salt')).toBe(await machine('twin'))
})

test('on the machine of its twin, either role finds nothing to do', async () => {
  for (const [side, other] of [
    ['twin', 'salt'],
    ['salt', 'twin'],
  ] as const) {
    const entries = await apply(site, ids[side], ['state.apply', roles[other]])
    expect(Object.values(entries).map(({ result, changes }) => [result, changes])).toEqual(
      Array(3).fill([true, {}]),
    )
  }
})
