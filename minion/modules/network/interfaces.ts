/** The network interfaces of this machine as they are now, in Salt's shape. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import {
  formatAddress,
  type IpInterface,
  networkOf,
  parseInterface,
} from '../../../shared/render/jinja/salt/ip-address.ts'
import type { Reader } from '../../system/reader.ts'

export interface Interface {
  readonly up: boolean
  readonly hwaddr?: string
  readonly inet?: readonly {
    readonly address: string
    readonly netmask: string
    readonly broadcast: string
    readonly label: string
  }[]
  readonly inet6?: readonly { readonly address: string; readonly prefixlen: string; readonly scope: string }[]
}

/** Interfaces without an address too, from /sys. */
export async function interfacesOf(look: Reader): Promise<Map<string, Interface>> {
  const known = networkInterfaces()
  const names = (await look.files.infoFollowed('/sys/class/net'))
    ? await look.files.list('/sys/class/net')
    : []
  const all = new Map<string, Interface>()
  for (const name of [...new Set([...names, ...Object.keys(known)])].sort()) {
    if (name === 'bonding_masters') continue
    const addresses = known[name] ?? []
    const up = addresses.length > 0 || (await textOf(look, `/sys/class/net/${name}/operstate`)) === 'up'
    const hwaddr = (await textOf(look, `/sys/class/net/${name}/address`)) ?? addresses[0]?.mac
    all.set(name, { up, ...(hwaddr ? { hwaddr } : {}), ...described(name, addresses) })
  }
  return all
}

async function textOf(look: Reader, path: string): Promise<string | undefined> {
  if (!(await look.files.infoFollowed(path))) return undefined
  return Buffer.from(await look.files.read(path))
    .toString('utf8')
    .trim()
}

function described(name: string, addresses: readonly NetworkInterfaceInfo[]): Omit<Interface, 'up'> {
  const four = addresses.filter(({ family }) => family === 'IPv4')
  const six = addresses.filter(({ family }) => family === 'IPv6')
  return {
    ...(four.length === 0
      ? {}
      : {
          inet: four.map(({ address, netmask }) => ({
            address,
            netmask,
            broadcast: broadcastOf(`${address}/${netmask}`),
            label: name,
          })),
        }),
    ...(six.length === 0
      ? {}
      : {
          inet6: six.map(({ address, cidr }) => ({
            address,
            prefixlen: cidr?.split('/')[1] ?? '128',
            scope: scopeOf(address),
          })),
        }),
  }
}

function broadcastOf(text: string): string {
  const parsed = parseInterface(text)
  if (parsed === undefined) return ''
  const size = 1n << BigInt(32 - parsed.prefix)
  return formatAddress({ version: 4, value: networkOf(parsed).value + size - 1n })
}

function scopeOf(address: string): string {
  if (address === '::1') return 'host'
  return /^fe[89ab]/i.test(address) ? 'link' : 'global'
}

/** Every address with its network. */
export function addressesOf(interfaces: Iterable<Interface>, version: 4 | 6): IpInterface[] {
  const found: IpInterface[] = []
  for (const { inet = [], inet6 = [] } of interfaces) {
    const texts =
      version === 4
        ? inet.map(({ address, netmask }) => `${address}/${netmask}`)
        : inet6.map(({ address, prefixlen }) => `${address}/${prefixlen}`)
    for (const text of texts) {
      const parsed = parseInterface(text)
      if (parsed !== undefined) found.push(parsed)
    }
  }
  return found
}
