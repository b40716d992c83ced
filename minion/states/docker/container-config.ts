/** What a container is made of: a state's arguments as the engine's configuration, and how it differs from one. */
import { isDict, isList, type Plain, type Value } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { shellWords } from '../../modules/shell-words.ts'
import { type Json, type JsonObject, objectOf, textsOf } from './engine.ts'

export interface Wishes {
  readonly image: string
  readonly command?: Value
  readonly entrypoint?: Value
  readonly environment?: Value
  readonly port_bindings?: Value
  readonly ports?: Value
  readonly binds?: readonly string[]
  readonly volumes?: readonly string[]
  readonly restart_policy?: string
  readonly network_mode?: string
  readonly labels?: Value
  readonly memory?: string
  readonly cpu_shares?: number
  readonly hostname?: string
  readonly user?: string
  readonly working_dir?: string
  readonly privileged?: boolean
  readonly tty?: boolean
  readonly interactive?: boolean
  readonly cap_add?: readonly string[]
  readonly cap_drop?: readonly string[]
  readonly dns?: readonly string[]
  readonly extra_hosts?: Value
  readonly links?: readonly string[]
  readonly log_driver?: string
  readonly log_opt?: Value
  readonly shm_size?: string
  readonly read_only?: boolean
}

/** @throws Error with what is wrong */
export function configOf(wanted: Wishes): { readonly config: JsonObject; readonly host: JsonObject } {
  const bindings = portBindings(wanted.port_bindings)
  const exposed = [...new Set([...Object.keys(bindings), ...listOf(wanted.ports).map(withProtocol)])]
  const config = defined({
    Image: wanted.image,
    Cmd: words(wanted.command),
    Entrypoint: words(wanted.entrypoint),
    Env: pairs(wanted.environment),
    ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
    Labels: table(wanted.labels),
    Volumes: Object.fromEntries((wanted.volumes ?? []).map((path) => [path, {}])),
    Hostname: wanted.hostname,
    User: wanted.user,
    WorkingDir: wanted.working_dir,
    Tty: wanted.tty ?? false,
    OpenStdin: wanted.interactive ?? false,
  })
  const logging = wanted.log_driver ?? (wanted.log_opt === undefined ? undefined : 'json-file')
  const host = defined({
    Binds: wanted.binds ?? [],
    PortBindings: bindings,
    RestartPolicy: restartPolicy(wanted.restart_policy),
    NetworkMode: wanted.network_mode,
    Memory: bytesOf(wanted.memory) ?? 0,
    CpuShares: wanted.cpu_shares ?? 0,
    Privileged: wanted.privileged ?? false,
    ReadonlyRootfs: wanted.read_only ?? false,
    CapAdd: wanted.cap_add ?? [],
    CapDrop: wanted.cap_drop ?? [],
    Dns: wanted.dns ?? [],
    ExtraHosts: Object.entries(table(wanted.extra_hosts)).map(
      ([name, address]) => `${name}:${String(address)}`,
    ),
    Links: wanted.links ?? [],
    LogConfig: logging === undefined ? undefined : { Type: logging, Config: table(wanted.log_opt) },
    ShmSize: bytesOf(wanted.shm_size),
  })
  return { config, host }
}

const defined = (members: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject

const listOf = (value: Value | undefined): string[] =>
  value === undefined || value === null
    ? []
    : (isList(value) ? value : String(readText(value) ?? '').split(',')).map((one) => readText(one) ?? '')

function words(value: Value | undefined): string[] | undefined {
  if (value === undefined || value === null) return undefined
  return isList(value) ? value.map((one) => readText(one) ?? '') : shellWords(readText(value) ?? '')
}

/** `NAME=value`, from a mapping, a list of mappings or a list of such texts. */
function pairs(value: Value | undefined): string[] {
  if (value === undefined || value === null) return []
  const items = isList(value) ? value : isDict(value) ? [value] : listOf(value)
  return items.flatMap((item) =>
    isDict(item)
      ? [...item].map(([name, content]) => `${String(name)}=${plainText(content)}`)
      : [readText(item) ?? ''],
  )
}

const plainText = (value: Value): string =>
  value === null ? '' : typeof value === 'boolean' ? (value ? 'True' : 'False') : (readText(value) ?? '')

function table(value: Value | undefined): Record<string, string> {
  const entries = pairs(value).map((pair): [string, string] => {
    const at = pair.search(/[=:]/)
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
  })
  return Object.fromEntries(entries)
}

const withProtocol = (port: string): string => (port.includes('/') ? port : `${port}/tcp`)

/** `8080:80`, `127.0.0.1:53:53/udp`, `80`. */
function portBindings(value: Value | undefined): Record<string, Json> {
  const found: Record<string, Json[]> = {}
  for (const text of listOf(value)) {
    const [, address = '', outer = '', inner = '', protocol = 'tcp'] =
      /^(?:(?:([\d.]+|\[[0-9a-f:]+\]):)?(\d*):)?(\d+)(?:\/(tcp|udp|sctp))?$/.exec(text) ?? []
    if (inner === '') throw new Error(`"${text}" is not one such as 8080:80/tcp`)
    const key = `${inner}/${protocol}`
    found[key] = [...(found[key] ?? []), { HostIp: address.replace(/[[\]]/g, ''), HostPort: outer }]
  }
  return found
}

function restartPolicy(text: string | undefined): JsonObject {
  const [, name = 'no', count = '0'] =
    /^(no|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(text ?? 'no') ?? []
  return { Name: name, MaximumRetryCount: Number(count) }
}

function bytesOf(text: string | undefined): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text ?? '') ?? []
  if (number === undefined) return undefined
  return Math.round(Number(number) * 1024 ** ' kmgt'.indexOf(unit.toLowerCase() || ' '))
}

const sets: ReadonlySet<string> = new Set(['Env', 'Binds', 'CapAdd', 'CapDrop', 'ExtraHosts', 'Links'])

/** What of a container is not as it is wanted: what the image brings belongs to it. */
export function difference(
  wanted: { readonly config: JsonObject; readonly host: JsonObject },
  container: JsonObject,
  image: JsonObject | undefined,
): Record<string, Plain> {
  const changes: Record<string, Plain> = {}
  const own = objectOf(image?.['Config'])
  const compare = (section: string, wish: JsonObject, now: JsonObject, brought: JsonObject): void => {
    for (const [key, value] of Object.entries(wish)) {
      if (key === 'Image') continue
      const expected = normal(key, merged(key, value, brought[key]))
      const current = normal(key, now[key] ?? null)
      if (expected !== current)
        changes[section] = {
          ...(changes[section] as object),
          [key]: { old: JSON.parse(current) as Plain, new: JSON.parse(expected) as Plain },
        }
    }
    for (const key of ['Cmd', 'Entrypoint', 'User', 'WorkingDir'])
      if (
        section === 'Config' &&
        wish[key] === undefined &&
        normal(key, now[key] ?? null) !== normal(key, brought[key] ?? null)
      )
        changes[section] = {
          ...(changes[section] as object),
          [key]: { old: (now[key] ?? null) as Plain, new: (brought[key] ?? null) as Plain },
        }
  }
  compare('Config', wanted.config, objectOf(container['Config']), own)
  compare('HostConfig', wanted.host, objectOf(container['HostConfig']), {})
  if (image !== undefined && container['Image'] !== image['Id'])
    changes['Image'] = { old: String(container['Image']), new: String(image['Id']) }
  return redacted(changes)
}

/** A variable, label, port or volume of the image stays where the state says nothing of it. */
function merged(key: string, wish: Json, brought: Json | undefined): Json {
  if (key === 'Env') {
    const names = new Set(textsOf(wish).map((pair) => pair.split('=', 1)[0]))
    return [...textsOf(wish), ...textsOf(brought).filter((pair) => !names.has(pair.split('=', 1)[0]))]
  }
  return ['Labels', 'ExposedPorts', 'Volumes'].includes(key)
    ? { ...objectOf(brought), ...objectOf(wish) }
    : wish
}

function normal(key: string, value: Json): string {
  if (key === 'NetworkMode') return JSON.stringify(value === 'default' || value === null ? 'bridge' : value)
  if (sets.has(key) || key === 'Dns')
    return JSON.stringify(
      textsOf(value)
        .map((one) => one.replace(/^\/(.*):\/.*\//, '$1:'))
        .sort(),
    )
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return JSON.stringify(sorted(objectOf(value)))
  if (value === null || value === '')
    return key === 'Cmd' || key === 'Entrypoint' ? '[]' : typeof value === 'string' ? '""' : emptyOf(key)
  return JSON.stringify(value)
}

const emptyOf = (key: string): string =>
  ['Labels', 'ExposedPorts', 'Volumes', 'PortBindings'].includes(key) ? '{}' : '""'

function sorted(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [
        key,
        typeof item === 'object' && item !== null && !Array.isArray(item) ? sorted(objectOf(item)) : item,
      ]),
  )
}

/** Variables carry passwords: the changes tell their names. */
function redacted(changes: Record<string, Plain>): Record<string, Plain> {
  const config = changes['Config'] as Record<string, { old: Plain; new: Plain }> | undefined
  if (config?.['Env'] === undefined) return changes
  const hide = (list: Plain): Plain =>
    Array.isArray(list) ? list.map((pair) => `${String(pair).split('=', 1)[0]}=XXX-REDACTED-XXX`) : list
  return {
    ...changes,
    Config: { ...config, Env: { old: hide(config['Env'].old), new: hide(config['Env'].new) } },
  }
}
