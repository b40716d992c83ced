/** Execution module `network`: interfaces, addresses and routes of the machine. */
import { lookup } from 'node:dns/promises'
import { hostname } from 'node:os'
import * as v from 'valibot'
import { TsaltError } from '../../../shared/errors/error.ts'
import {
  formatAddress,
  formatInterface,
  type IpInterface,
  ipClasses,
  isInNetwork,
  networkOf,
  parseInterface,
} from '../../../shared/render/jinja/salt/ip-address.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { choice, flag, text, whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { execFunction, execModule } from '../contract.ts'
import { pureFunctions } from '../pure-function.ts'
import { connecting } from './connecting.ts'
import { addressesOf, interfacesOf } from './interfaces.ts'
import { isDefault, routesOf } from './routes.ts'

const nothing = v.strictObject({})
const iface = v.strictObject({ iface: needed(text, 'Name of the interface.') })
const family = v.strictObject({ family: optional(choice(['inet', 'inet6']), 'Only routes of this kind.') })
const wanted = v.strictObject({
  interface: optional(text, 'Only of this interface.'),
  include_loopback: defaulted(flag, false, 'Those of the loopback interface too.'),
  cidr: optional(text, 'Only those in this network.'),
  type: optional(choice(['public', 'private']), 'Only public or only private ones.'),
})

const isOfClass = (address: IpInterface, name: string): boolean =>
  ipClasses.get(name)?.({ ...address, prefix: address.version === 4 ? 32 : 128 }) ?? false
const byValue = (a: IpInterface, b: IpInterface): number =>
  a.value < b.value ? -1 : a.value > b.value ? 1 : 0

async function addresses(
  look: Reader,
  version: 4 | 6,
  given: v.InferOutput<typeof wanted>,
): Promise<string[]> {
  const all = await interfacesOf(look)
  const one = given.interface === undefined ? undefined : all.get(given.interface)
  const chosen = given.interface === undefined ? all.values() : one ? [one] : []
  const network = given.cidr === undefined ? undefined : parseInterface(given.cidr)
  const found = addressesOf(chosen, version)
    .filter((address) => given.include_loopback || !isOfClass(address, 'loopback'))
    .filter((address) => given.cidr === undefined || (network !== undefined && isInNetwork(address, network)))
    .filter((address) => given.type === undefined || isOfClass(address, given.type))
  return [...new Set(found.sort(byValue).map(formatAddress))]
}

async function networks(
  look: Reader,
  version: 4 | 6,
  names: readonly string[] | undefined,
): Promise<string[]> {
  const all = await interfacesOf(look)
  const chosen = names === undefined ? [...all.values()] : names.flatMap((name) => all.get(name) ?? [])
  const found = addressesOf(chosen, version).filter((address) => !isOfClass(address, 'loopback'))
  return [...new Set(found.map(networkOf).sort(byValue).map(formatInterface))]
}

function listing(name: string, summary: string, version: 4 | 6) {
  return execFunction({
    summary,
    args: wanted,
    examples: [`tsalt '*' network.${name}`, `tsalt '*' network.${name} cidr=10.0.0.0/8`],
    readOnly: true,
    run: async (given, { look }) => addresses(look, version, given),
  })
}

function subnets(name: string, summary: string, version: 4 | 6) {
  return execFunction({
    summary,
    args: v.strictObject({ interfaces: optional(textList, 'Only of these interfaces.') }),
    examples: [`tsalt '*' network.${name}`],
    readOnly: true,
    run: async ({ interfaces }, { look }) => networks(look, version, interfaces),
  })
}

const hardware = (name: string) =>
  execFunction({
    summary: 'Hardware address of an interface; empty where it has none.',
    args: iface,
    examples: [`tsalt '*' network.${name} eth0`],
    readOnly: true,
    run: async (given, { look }) => (await interfacesOf(look)).get(given.iface)?.hwaddr ?? '',
  })

/** As programs on this machine see it: /etc/hosts counts, and the system's preference. */
async function resolved(name: string, wantsIpv6: boolean | undefined): Promise<string> {
  const families = wantsIpv6 === undefined ? [0] : wantsIpv6 ? [6, 4] : [4]
  for (const family of families) {
    const found = await lookup(name, { family }).catch(() => undefined)
    if (found !== undefined) return found.family === 6 ? `[${found.address}]` : found.address
  }
  const reason = `DNS lookup or connection check of '${name}' failed`
  throw new TsaltError('function-failed', { fun: 'network.dns_check', reason })
}

export const networkModule = execModule({
  summary: 'Interfaces, addresses and routes of the machine.',
  functions: {
    ...connecting,
    interfaces: execFunction({
      summary: 'All interfaces with their hardware address and addresses.',
      args: nothing,
      examples: ["tsalt '*' network.interfaces"],
      readOnly: true,
      run: async (_, { look }) =>
        new Map([...(await interfacesOf(look))].map(([name, found]) => [name, { ...found }])),
    }),
    interface: execFunction({
      summary: 'The IPv4 addresses of an interface, with netmask, broadcast address and label.',
      args: iface,
      examples: ["tsalt '*' network.interface eth0"],
      readOnly: true,
      run: async (given, { look }) =>
        ((await interfacesOf(look)).get(given.iface)?.inet ?? []).map((address) => ({ ...address })),
    }),
    interface_ip: execFunction({
      summary: 'First IPv4 address of an interface; empty where it has none.',
      args: iface,
      examples: ["tsalt '*' network.interface_ip eth0"],
      readOnly: true,
      run: async (given, { look }) => (await interfacesOf(look)).get(given.iface)?.inet?.[0]?.address ?? '',
    }),
    ip_addrs: listing('ip_addrs', 'IPv4 addresses of the machine, sorted.', 4),
    ipaddrs: listing('ipaddrs', 'IPv4 addresses of the machine, sorted; the same as ip_addrs.', 4),
    ip_addrs6: listing('ip_addrs6', 'IPv6 addresses of the machine, sorted.', 6),
    ipaddrs6: listing('ipaddrs6', 'IPv6 addresses of the machine, sorted; the same as ip_addrs6.', 6),
    subnets: subnets('subnets', 'IPv4 networks that the machine is in.', 4),
    subnets6: subnets('subnets6', 'IPv6 networks that the machine is in.', 6),
    in_subnet: execFunction({
      summary: 'True where the machine has an IPv4 address in the network.',
      args: v.strictObject({ cidr: needed(text, 'The network, `10.0.0.0/8`.') }),
      examples: ["tsalt '*' network.in_subnet 10.0.0.0/8"],
      readOnly: true,
      run: async ({ cidr }, { look }) =>
        (await addresses(look, 4, { cidr, include_loopback: false })).length > 0,
    }),
    default_route: execFunction({
      summary: 'The default routes, with gateway and interface.',
      args: family,
      examples: ["tsalt '*' network.default_route family=inet"],
      readOnly: true,
      run: async (given, { look }) =>
        (await routesOf(look, given.family)).filter(isDefault).map((route) => ({ ...route })),
    }),
    routes: execFunction({
      summary: 'All routes.',
      args: family,
      examples: ["tsalt '*' network.routes family=inet"],
      readOnly: true,
      run: async (given, { look }) => (await routesOf(look, given.family)).map((route) => ({ ...route })),
    }),
    hw_addr: hardware('hw_addr'),
    hwaddr: hardware('hwaddr'),
    get_hostname: execFunction({
      summary: 'The name of the host, as the kernel has it.',
      args: nothing,
      examples: ["tsalt '*' network.get_hostname"],
      readOnly: true,
      run: async () => hostname(),
      now: () => hostname(),
    }),
    get_fqdn: execFunction({
      summary: 'The whole name of the host.',
      args: nothing,
      examples: ["tsalt '*' network.get_fqdn"],
      readOnly: true,
      run: async (_, { look }) => look.grains.get('fqdn') ?? hostname(),
    }),
    dns_check: execFunction({
      summary: 'The first address of a name, one of IPv6 in brackets; nothing connects to it.',
      args: v.strictObject({
        addr: needed(text, 'The name.'),
        port: defaulted(whole, 80, 'Accepted and not used: nothing connects.'),
        safe: defaulted(flag, false, 'Accepted and not used: without an address it is an error.'),
        ipv6: optional(flag, 'True: IPv6 first; False: IPv4 only.'),
      }),
      examples: ["tsalt '*' network.dns_check example.com"],
      readOnly: true,
      run: async ({ addr, ipv6 }) => resolved(addr, ipv6),
    }),
    ...pureFunctions('network', {
      calc_net: {
        summary: 'The network of an address.',
        args: { ip_addr: 'The address.', 'netmask?': 'Its netmask or length.' },
        example: "tsalt '*' network.calc_net 192.0.2.77 255.255.255.0",
      },
      ip_in_subnet: {
        summary: 'True where the address is in the network.',
        args: { ip_addr: 'The address, or a list of them.', cidr: 'The network.' },
        example: "tsalt '*' network.ip_in_subnet 192.0.2.77 192.0.2.0/24",
      },
      is_private: {
        summary: 'True where the address is a private one.',
        args: { ip_addr: 'The address.' },
        example: "tsalt '*' network.is_private 10.1.2.3",
      },
      is_loopback: {
        summary: 'True where the address is one of the loopback interface.',
        args: { ip_addr: 'The address.' },
        example: "tsalt '*' network.is_loopback 127.0.0.1",
      },
    }),
  },
})
