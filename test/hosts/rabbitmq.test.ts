/**
 * RabbitMQ of Debian: virtual hosts, users, policies and plugins. The dry run tells what the real run does, a second run
 * is silent, what somebody changed is put right, and an undo takes it back with the passwords of before.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { apply, holds } from './harness/laws.ts'
import { Site } from './harness/site.ts'

const broker = `orders: {rabbitmq_vhost.present: []}
app:
  rabbitmq_user.present:
    - password: {{ pillar['secret'] | yaml_dquote }}
    - tags: [monitoring, management]
    - perms: [{orders: ['^a', '.*', '']}]
    - require: [{rabbitmq_vhost: orders}]
guest: {rabbitmq_user.absent: []}
bounded: {rabbitmq_policy.present: [vhost: orders, pattern: '^jobs', definition: {max-length: 10}, apply_to: queues]}
`
const refused = 'plugin: {rabbitmq_plugin.enabled: [name: rabbitmq_managment]}\n'
/** A password that every kind of quoting trips over. */
const secret = `p'w"d\\; $x \`é`

/** Definitions have no order. */
const sorted = (definitions: Record<string, unknown>): string =>
  JSON.stringify(
    Object.entries(definitions).map(([key, list]) => [
      key,
      Array.isArray(list) ? list.map((one) => JSON.stringify(one)).sort() : list,
    ]),
    null,
    1,
  )

describe('RabbitMQ', () => {
  let fleet: Fleet
  let site: Site
  let host: Host

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'mq'])
    site = await Site.install(fleet, {
      states: { 'broker.sls': broker, 'refused.sls': refused },
      pillars: {
        'top.sls': "base: {'*': [secrets]}\n",
        'secrets.sls': `secret: ${JSON.stringify(secret)}\n`,
      },
    })
    host = await site.join({ host: 'mq', id: 'mq' })
    await host.sh(
      'apt-get update -q >/dev/null; DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends rabbitmq-server >/dev/null 2>&1',
    )
  })
  afterAll(() => fleet?.halt())

  const picture = async (): Promise<string> =>
    sorted(JSON.parse(await host.sh('rabbitmqctl -q export_definitions -')))

  test('is filled, and an undo takes it back with the password of before', async () => {
    const before = await picture()
    await holds(site, 'mq', ['state.apply', 'broker'])
    const login = await host.exec(['rabbitmqctl', 'authenticate_user', 'app'], { input: secret })
    expect(login.stdout + login.stderr).toContain('Success')
    const { stdout } = await site.tsalt(['mq', 'undo.list', '--out', 'json', '--static'])
    const [job = ''] = Object.keys(JSON.parse(stdout).mq)
    const undone = Object.values(await apply(site, 'mq', ['undo.job', job]))
    expect(undone.filter(({ result }) => result !== true).map(({ comment }) => comment)).toEqual([])
    expect(await picture()).toBe(before)
  })

  test('what somebody changed is put right, and nothing else', async () => {
    await apply(site, 'mq', ['state.apply', 'broker'])
    await host.sh('rabbitmqctl -q set_user_tags app; printf other | rabbitmqctl -q change_password app')
    const { real } = await holds(site, 'mq', ['state.apply', 'broker'])
    const changed = Object.values(real).filter(({ changes }) => Object.keys(changes).length > 0)
    expect(changed.map(({ changes }) => Object.keys(changes).sort())).toEqual([['password', 'tags']])
  })

  test('a plugin that does not exist, and a broker that is down, are told with a remedy', async () => {
    const [plugin] = Object.values(await apply(site, 'mq', ['state.apply', 'refused']))
    expect(plugin?.comment).toContain('Did you mean "rabbitmq_management"?')
    await host.sh('systemctl stop rabbitmq-server')
    const failed = Object.values(await apply(site, 'mq', ['state.apply', 'broker'])).filter(
      ({ result }) => result === false,
    )
    expect(failed[0]?.comment).toMatch(/^RabbitMQ at its node does not let in: .*hint: See that it runs/s)
  })
})
