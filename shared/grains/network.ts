/** Grains of the network: names of this host, addresses by interface, resolver. */
import type { NetworkInterfaceInfo } from 'node:os'
import type { Plain } from '../data/value.ts'
import { type FactReader, firstLine } from './fact-reader.ts'

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

export function addressGrains(facts: FactReader, interfaces: Interfaces): Record<string, Plain> {
  const names = [...new Set([...facts.names('/sys/class/net'), ...Object.keys(interfaces)])].sort()
  const all: Record<string, string[]> = {}
  const four: Record<string, string[]> = {}
  const six: Record<string, string[]> = {}
  const hardware: Record<string, string> = {}
  for (const name of names) {
    if (name === 'bonding_masters') continue
    const addresses = interfaces[name] ?? []
    const of = (family: string): string[] =>
      addresses.filter((one) => one.family === family).map(({ address }) => address)
    four[name] = of('IPv4')
    six[name] = of('IPv6')
    all[name] = [...of('IPv4'), ...of('IPv6')]
    hardware[name] = firstLine(facts, `/sys/class/net/${name}/address`) ?? addresses[0]?.mac ?? ''
  }
  return {
    ip_interfaces: all,
    ip4_interfaces: four,
    ip6_interfaces: six,
    hwaddr_interfaces: hardware,
    ipv4: distinct(four),
    ipv6: distinct(six),
    ip4_gw: hasDefaultRoute(facts),
  }
}

function distinct(byInterface: Readonly<Record<string, readonly string[]>>): string[] {
  return [...new Set(Object.values(byInterface).flat())].sort()
}

/** The gateway's address, or False as in Salt. */
function hasDefaultRoute(facts: FactReader): string | false {
  for (const line of (facts.text('/proc/net/route') ?? '').split('\n')) {
    const [, destination, gateway] = line.split(/\s+/)
    if (destination !== '00000000' || gateway === undefined || gateway === '00000000') continue
    const bytes = gateway.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []
    return bytes.reverse().join('.')
  }
  return false
}

/** @param hostname as the kernel has it */
export function nameGrains(
  facts: FactReader,
  hostname: string,
  ipv4: readonly string[],
): Record<string, Plain> {
  const hosts = hostLines(facts)
  const fqdn = fullyQualified(hostname, hosts)
  const dot = fqdn.indexOf('.')
  const listed = hosts.filter(({ names }) => names.includes(fqdn)).map(({ address }) => address)
  const reachable = ipv4.filter((address) => !address.startsWith('127.'))
  return {
    localhost: hostname,
    nodename: hostname,
    host: dot === -1 ? fqdn : fqdn.slice(0, dot),
    domain: dot === -1 ? '' : fqdn.slice(dot + 1),
    fqdn,
    fqdns: dot === -1 ? [] : [fqdn],
    fqdn_ip4: listed.some(isIpv4) ? listed.filter(isIpv4) : reachable,
    fqdn_ip6: listed.filter((address) => !isIpv4(address)),
  }
}

interface HostLine {
  readonly address: string
  readonly names: readonly string[]
}

function hostLines(facts: FactReader): HostLine[] {
  return (facts.text('/etc/hosts') ?? '').split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return address && names.length > 0 ? [{ address, names }] : []
  })
}

/** What the resolver would answer from /etc/hosts: no question goes out to the network. */
export function fullyQualified(hostname: string, hosts: readonly HostLine[]): string {
  if (hostname.includes('.')) return hostname
  for (const { names } of hosts) {
    if (!names.includes(hostname)) continue
    const whole = names.find((name) => name.startsWith(`${hostname}.`))
    if (whole !== undefined && !whole.startsWith('localhost.')) return whole
  }
  return hostname
}

/** The name that a minion without a configured id goes by. */
export function ownName(facts: FactReader, hostname: string): string {
  return fullyQualified(hostname, hostLines(facts))
}

const isIpv4 = (address: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(address)

export function resolverGrains(facts: FactReader): Record<string, Plain> {
  const lines = (facts.text('/etc/resolv.conf') ?? '')
    .split('\n')
    .map((line) => line.replace(/[#;].*/, '').trim())
  const words = (name: string): string[] =>
    lines
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}\t`))
      .flatMap((line) => line.split(/\s+/).slice(1))
  const nameservers = words('nameserver')
  return {
    dns: {
      nameservers,
      ip4_nameservers: nameservers.filter(isIpv4),
      ip6_nameservers: nameservers.filter((address) => !isIpv4(address)),
      sortlist: words('sortlist'),
      domain: words('domain')[0] ?? '',
      search: words('search'),
      options: words('options'),
    },
  }
}
