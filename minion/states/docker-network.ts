/** docker_network.*: networks of the engine of containers. */
import * as v from 'valibot'
import { type Plain, toPlain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { mapping, textList } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Changer } from '../system/changer.ts'
import { drift, failed, inSync, stateFunction, stateModule } from './contract.ts'
import { inspect, type JsonObject, objectOf, requireEngine, send } from './docker/engine.ts'
import { thingName } from './docker/names.ts'

const presentArgs = v.strictObject({
  name: needed(thingName, 'The network.'),
  driver: defaulted(nonEmptyText, 'bridge', 'Its driver.'),
  driver_opts: optional(mapping, 'Options of the driver.'),
  internal: defaulted(flag, false, 'True: without a way out.'),
  attachable: optional(flag, 'True: containers may be connected by hand.'),
  enable_ipv6: optional(flag, 'True: with IPv6.'),
  labels: optional(mapping, 'Labels.'),
  subnet: optional(nonEmptyText, 'Its addresses: `172.20.0.0/16`.'),
  gateway: optional(nonEmptyText, 'Address of the machine in it.'),
  ip_range: optional(nonEmptyText, 'Addresses that containers get.'),
  containers: optional(textList, 'Containers that are connected to it.'),
  reconnect: defaulted(flag, true, 'Where it has to be made anew: connect its containers again.'),
})
type Present = v.InferOutput<typeof presentArgs>

function bodyOf(wanted: Present): JsonObject {
  const pool = Object.fromEntries(
    [
      ['Subnet', wanted.subnet],
      ['Gateway', wanted.gateway],
      ['IPRange', wanted.ip_range],
    ].filter(([, value]) => value !== undefined),
  ) as JsonObject
  return {
    Name: wanted.name,
    Driver: wanted.driver,
    Internal: wanted.internal,
    ...(wanted.attachable === undefined ? {} : { Attachable: wanted.attachable }),
    ...(wanted.enable_ipv6 === undefined ? {} : { EnableIPv6: wanted.enable_ipv6 }),
    ...(wanted.driver_opts && { Options: toPlain(wanted.driver_opts) as JsonObject }),
    ...(wanted.labels && { Labels: toPlain(wanted.labels) as JsonObject }),
    ...(Object.keys(pool).length > 0 && { IPAM: { Config: [pool] } }),
  }
}

/** Members of what is wanted that the network has otherwise. */
function differences(wanted: JsonObject, now: JsonObject): Record<string, Plain> {
  const changes: Record<string, Plain> = {}
  for (const [key, value] of Object.entries(wanted)) {
    if (key === 'Name') continue
    if (key === 'IPAM') {
      const pools = objectOf(now['IPAM'])['Config']
      const [pool] = Array.isArray(pools) ? pools.map(objectOf) : []
      const [own] = (objectOf(value)['Config'] as readonly JsonObject[]) ?? []
      for (const [part, text] of Object.entries(own ?? {}))
        if (pool?.[part] !== text)
          changes[part] = { old: (pool?.[part] ?? null) as Plain, new: text as Plain }
    } else if (typeof value === 'object') {
      const there = objectOf(now[key])
      for (const [part, text] of Object.entries(objectOf(value)))
        if (there[part] !== String(text))
          changes[key] = { old: { ...there } as Plain, new: { ...objectOf(value) } as Plain }
    } else if ((now[key] ?? false) !== value)
      changes[key] = { old: (now[key] ?? null) as Plain, new: value as Plain }
  }
  return changes
}

const connected = (now: JsonObject | undefined): string[] =>
  Object.values(objectOf(now?.['Containers'])).map((one) => String(objectOf(one)['Name']))

const present = stateFunction({
  summary: 'Makes sure that a network exists as it is described, with these containers connected.',
  args: presentArgs,
  examples: ['backend:\n  docker_network.present:\n    - subnet: 172.20.0.0/16\n'],
  async check(wanted, look, run) {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    const { name: network, containers = [] } = wanted
    const now = await inspect(`/networks/${network}`, look)
    const body = bodyOf(wanted)
    const changes = now ? differences(body, now) : { created: true }
    const isNew = Object.keys(changes).length > 0
    const there = connected(now)
    if (now && isNew && there.length > 0 && !wanted.reconnect)
      return failed(`Network '${network}' has to be made anew, but ${there.join(', ')} use it`)
    const joining = containers.filter((one) => isNew || !there.includes(one))
    const again = isNew ? there.filter((one) => !containers.includes(one)) : []
    if (!isNew && joining.length === 0)
      return inSync(`Network '${network}' already exists, and is configured as specified`)
    const all: Record<string, Plain> = {
      ...changes,
      ...(joining.length > 0 && { connected: joining }),
      ...(again.length > 0 && { reconnected: again }),
    }
    const comments = {
      would: `Network '${network}' will be ${now ? 'updated' : 'created'}`,
      done: `Network '${network}' ${now ? 'was replaced or updated' : 'created'}`,
    }
    return drift(all, comments, async (act) => {
      if (isNew) await make(network, body, now === undefined ? [] : there, now !== undefined, act)
      for (const one of [...joining, ...again])
        await send(
          `/networks/${network}/connect`,
          {
            body: { Container: one },
            undo: [{ argv: ['docker', 'network', 'disconnect', network, one] }],
          },
          act,
        )
    })
  },
})

async function make(
  network: string,
  body: JsonObject,
  leaving: readonly string[],
  exists: boolean,
  act: Changer,
): Promise<void> {
  for (const one of leaving)
    await send(
      `/networks/${network}/disconnect`,
      {
        body: { Container: one },
        undo: [{ argv: ['docker', 'network', 'connect', network, one] }],
      },
      act,
    )
  if (exists) await send(`/networks/${network}`, { method: 'DELETE' }, act)
  await send('/networks/create', { body, undo: [{ argv: ['docker', 'network', 'rm', network] }] }, act)
}

/** Makes it again as it was. */
function creation(network: string, now: JsonObject): string[] {
  const pools = objectOf(now['IPAM'])['Config']
  const subnets = (Array.isArray(pools) ? pools.map(objectOf) : []).flatMap((pool) => [
    ...(typeof pool['Subnet'] === 'string' ? ['--subnet', pool['Subnet']] : []),
    ...(typeof pool['Gateway'] === 'string' ? ['--gateway', pool['Gateway']] : []),
  ])
  const labels = Object.entries(objectOf(now['Labels'])).flatMap(([key, value]) => [
    '--label',
    `${key}=${String(value)}`,
  ])
  const options = Object.entries(objectOf(now['Options'])).flatMap(([key, value]) => [
    '--opt',
    `${key}=${String(value)}`,
  ])
  const internal = now['Internal'] === true ? ['--internal'] : []
  return [
    'docker',
    'network',
    'create',
    '--driver',
    String(now['Driver'] ?? 'bridge'),
    ...internal,
    ...subnets,
    ...labels,
    ...options,
    network,
  ]
}

const absent = stateFunction({
  summary: 'Makes sure that a network does not exist; containers are disconnected first.',
  args: v.strictObject({ name: needed(thingName, 'The network.') }),
  examples: ['old:\n  docker_network.absent: []\n'],
  async check({ name: network }, look, run) {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    const now = await inspect(`/networks/${network}`, look)
    if (!now) return inSync(`Network '${network}' already absent`)
    const there = connected(now)
    const changes = { removed: true, ...(there.length > 0 && { disconnected: there }) }
    const comments = { would: `Network '${network}' will be removed`, done: `Removed network '${network}'` }
    return drift(changes, comments, async (act) => {
      for (const one of there)
        await send(
          `/networks/${network}/disconnect`,
          {
            body: { Container: one, Force: true },
            undo: [{ argv: ['docker', 'network', 'connect', network, one] }],
          },
          act,
        )
      await send(`/networks/${network}`, { method: 'DELETE', undo: [{ argv: creation(network, now) }] }, act)
    })
  },
})

export const dockerNetwork = stateModule({
  summary: 'Networks of the engine of containers.',
  functions: { present, absent },
})
