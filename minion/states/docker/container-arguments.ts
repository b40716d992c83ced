/** Arguments of docker_container.running and run. */
import { isList, type Value } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything, textList } from '../../../shared/schema/collections.ts'
import { flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import type { ArgumentRefusal } from '../contract.ts'
import { configOf, type Wishes } from './container-config.ts'
import { imageName, thingName } from './names.ts'

export const containerEntries = {
  name: needed(thingName, 'The container.'),
  image: needed(imageName, 'Its image: `postgres:16`.'),
  command: optional(anything, 'Instead of what the image says: a text, or a list.'),
  cmd: optional(anything, 'The same.'),
  entrypoint: optional(anything, 'Instead of what the image says.'),
  environment: optional(anything, 'Variables: a mapping, or a list of `NAME=value`.'),
  env: optional(anything, 'The same.'),
  port_bindings: optional(anything, 'Ports that are open outside: `8080:80`, `127.0.0.1:53:53/udp`.'),
  publish: optional(anything, 'The same.'),
  ports: optional(anything, 'Ports that are open to other containers.'),
  binds: optional(textList, 'Folders or volumes: `/srv/data:/data:ro`.'),
  volumes: optional(textList, 'Paths that are volumes.'),
  restart_policy: optional(nonEmptyText, '`no`, `always`, `unless-stopped`, `on-failure:5`.'),
  restart: optional(nonEmptyText, 'The same.'),
  network_mode: optional(nonEmptyText, '`bridge`, `host`, `none`, `container:NAME`, or a network.'),
  networks: optional(anything, 'Networks that it is connected to: a list of names.'),
  labels: optional(anything, 'Labels: a mapping, or a list of `name=value`.'),
  memory: optional(nonEmptyText, 'At most so much: `512M`.'),
  mem_limit: optional(nonEmptyText, 'The same.'),
  cpu_shares: optional(whole, 'Its weight.'),
  hostname: optional(nonEmptyText, 'Its host name.'),
  user: optional(nonEmptyText, 'User inside.'),
  working_dir: optional(nonEmptyText, 'Folder inside.'),
  privileged: optional(flag, 'True: with all rights.'),
  tty: optional(flag, 'True: with a terminal.'),
  interactive: optional(flag, 'True: with an open input.'),
  cap_add: optional(textList, 'Rights that it gets.'),
  cap_drop: optional(textList, 'Rights that it loses.'),
  dns: optional(textList, 'Servers of names.'),
  extra_hosts: optional(anything, 'Names with addresses.'),
  links: optional(textList, 'Other containers: `db:db`.'),
  log_driver: optional(nonEmptyText, 'Where its output goes.'),
  log_opt: optional(anything, 'Options of that.'),
  shm_size: optional(nonEmptyText, 'Size of its shared memory.'),
  read_only: optional(flag, 'True: its root cannot be written.'),
  detach: optional(flag, 'Accepted; a container always runs by itself.'),
  stop_timeout: defaulted(whole, 10, 'Seconds that it gets to end.'),
  client_timeout: optional(whole, 'Accepted for trees of Salt.'),
  skip_translate: optional(text, 'Accepted for trees of Salt.'),
}

type Given = { readonly image: string } & Readonly<Record<string, unknown>>

/** Salt's other names are the same thing. */
export function wishesOf(given: Given): Wishes {
  const { cmd, env, publish, restart, mem_limit, ...rest } = given
  const same = {
    command: given['command'] ?? cmd,
    environment: given['environment'] ?? env,
    port_bindings: given['port_bindings'] ?? publish,
    restart_policy: given['restart_policy'] ?? restart,
    memory: given['memory'] ?? mem_limit,
  }
  const members = Object.entries({ ...rest, ...same }).filter(([, value]) => value !== undefined)
  const networks = networksOf(given)
  const mode = given['network_mode'] === undefined && networks.length > 0 ? { network_mode: networks[0] } : {}
  return { ...Object.fromEntries(members), ...mode } as unknown as Wishes
}

export function networksOf(given: Given): string[] {
  const value = given['networks'] as Value | undefined
  if (value === undefined || value === null) return []
  const items = isList(value) ? value : value instanceof Map ? [...value.keys()] : [value]
  return items.map((item) => (item instanceof Map ? String([...item.keys()][0]) : String(item)))
}

export function refuseContainer(given: Given): ArgumentRefusal | undefined {
  const { restart_policy, restart, memory, mem_limit } = given
  const policy = restart_policy ?? restart
  if (policy !== undefined && !/^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/.test(String(policy)))
    return {
      argument: restart_policy === undefined ? 'restart' : 'restart_policy',
      reason: `"${String(policy)}" is not one such as always`,
    }
  const limit = memory ?? mem_limit
  if (limit !== undefined && !/^\d+(?:\.\d+)?\s*[kmgt]?i?b?$/i.test(String(limit)))
    return {
      argument: memory === undefined ? 'mem_limit' : 'memory',
      reason: `"${String(limit)}" is not one such as 512M`,
    }
  try {
    configOf(wishesOf(given))
    return undefined
  } catch (error) {
    return { argument: 'port_bindings', reason: error instanceof Error ? error.message : String(error) }
  }
}
