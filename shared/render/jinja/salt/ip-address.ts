/** IP addresses, interfaces and networks as Python's `ipaddress` reads, names and classes them. */

export interface IpAddress {
  readonly version: 4 | 6
  readonly value: bigint
  /** The zone of an IPv6 address, after `%`. */
  readonly scope?: string
}

/** An address with the length of its network; without one given it is the whole address. */
export interface IpInterface extends IpAddress {
  readonly prefix: number
}

/** undefined: not an address. */
export function parseAddress(text: string): IpAddress | undefined {
  const four = parseFour(text)
  if (four !== undefined) return { version: 4, value: four }
  return parseSix(text)
}

function parseFour(text: string): bigint | undefined {
  const octets = text.split('.')
  // A leading zero could be meant as octal, so Python refuses it.
  if (
    octets.length !== 4 ||
    !octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255)
  )
    return undefined
  return octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n)
}

function parseSix(text: string): IpAddress | undefined {
  const [address = '', scope, ...more] = text.split('%')
  if (more.length > 0 || scope === '' || address.includes('/') || scope?.includes('/')) return undefined
  const groups = groupsOf(address)
  if (groups === undefined || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
  return scope === undefined ? { version: 6, value } : { version: 6, value, scope }
}

/** All eight groups. */
function groupsOf(text: string): string[] | undefined {
  const parts = text.split(':')
  const last = parts.at(-1) ?? ''
  if (parts.length < 3) return undefined
  if (last.includes('.')) {
    const four = parseFour(last)
    if (four === undefined) return undefined
    parts.splice(-1, 1, (four >> 16n).toString(16), (four & 0xffffn).toString(16))
  }
  if (parts.length > 9) return undefined
  const gap = parts.findIndex((part, index) => part === '' && index > 0 && index < parts.length - 1)
  if (gap === -1) return parts.length === 8 ? parts : undefined
  const high = parts.slice(0, gap)
  const low = parts.slice(gap + 1)
  if (high[0] === '') high.shift()
  if (low.at(-1) === '') low.pop()
  if (high.includes('') || low.includes('')) return undefined
  // An edge that is empty is part of the gap only where nothing else stands on that side.
  if (parts[0] === '' && high.length > 0) return undefined
  if (parts.at(-1) === '' && low.length > 0) return undefined
  const missing = 8 - high.length - low.length
  return missing < 1 ? undefined : [...high, ...Array<string>(missing).fill('0'), ...low]
}

export const widthOf = (version: 4 | 6): number => (version === 4 ? 32 : 128)

/** `address`, `address/length`, `address/netmask` or `address/hostmask`; undefined: none of them. */
export function parseInterface(text: string): IpInterface | undefined {
  const [address = '', mask, ...more] = text.split('/')
  if (more.length > 0) return undefined
  const parsed = parseAddress(address)
  if (parsed === undefined) return undefined
  const prefix = mask === undefined ? widthOf(parsed.version) : prefixOf(mask, parsed.version)
  return prefix === undefined ? undefined : { ...parsed, prefix }
}

function prefixOf(mask: string, version: 4 | 6): number | undefined {
  if (/^\d+$/.test(mask)) return Number(mask) <= widthOf(version) ? Number(mask) : undefined
  const value = version === 4 ? parseFour(mask) : undefined
  if (value === undefined) return undefined
  return lengthOfMask(value) ?? lengthOfMask(value ^ 0xffffffffn)
}

function lengthOfMask(mask: bigint): number | undefined {
  const bits = mask.toString(2).padStart(32, '0')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}

/** The network that an interface is in. */
export function networkOf(one: IpInterface): IpInterface {
  const { scope: _scope, ...network } = one
  return { ...network, value: firstOf(one) }
}

const hostBits = (one: IpInterface): bigint => BigInt(widthOf(one.version) - one.prefix)
const firstOf = (one: IpInterface): bigint => (one.value >> hostBits(one)) << hostBits(one)

export const sizeOf = (network: IpInterface): bigint => 1n << hostBits(network)

export function isInNetwork(address: IpAddress, network: IpInterface): boolean {
  const bits = hostBits(network)
  return address.version === network.version && address.value >> bits === network.value >> bits
}

/** First and last address that hosts can have. */
export function hostRange(network: IpInterface): readonly [bigint, bigint] {
  const first = firstOf(network)
  const last = first + sizeOf(network) - 1n
  if (last - first <= 1n) return [first, last]
  return [first + 1n, network.version === 4 ? last - 1n : last]
}

export function formatAddress({ version, value, scope }: IpAddress): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  )
  const zone = scope === undefined ? '' : `%${scope}`
  return withoutZeros(groups) + zone
}

/** The longest row of zeros, the first of equal ones, becomes `::`. */
function withoutZeros(groups: readonly string[]): string {
  let start = -1
  let length = 1
  for (let at = 0; at < 8; at++) {
    let end = at
    while (groups[end] === '0') end += 1
    if (end - at > length) {
      start = at
      length = end - at
    }
  }
  if (start === -1) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

export const formatInterface = (one: IpInterface): string => `${formatAddress(one)}/${one.prefix}`

const networks = (...texts: string[]): readonly IpInterface[] =>
  texts.flatMap((text) => parseInterface(text) ?? [])

const privateNetworks = networks(
  ...['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/29'],
  ...['192.0.0.170/31', '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '240.0.0.0/4', '255.255.255.255/32', '::1/128', '::/128', '::ffff:0:0/96'],
  ...['100::/64', '2001::/23', '2001:2::/48', '2001:db8::/32', '2001:10::/28', 'fc00::/7', 'fe80::/10'],
)
const reservedNetworks = networks(
  ...['240.0.0.0/4', '::/8', '100::/8', '200::/7', '400::/6', '800::/5', '1000::/4', '4000::/3'],
  ...['6000::/3', '8000::/3', 'a000::/3', 'c000::/3', 'e000::/4', 'f000::/5', 'f800::/6', 'fe00::/9'],
)
const multicastNetworks = networks('224.0.0.0/4', 'ff00::/8')
const linkLocalNetworks = networks('169.254.0.0/16', 'fe80::/10')
const siteLocalNetworks = networks('fec0::/10')
const loopbackNetworks = networks('127.0.0.0/8', '::1/128')
const unspecifiedNetworks = networks('0.0.0.0/32', '::/128')

const isInAny = (address: IpAddress, ranges: readonly IpInterface[]): boolean =>
  ranges.some((range) => isInNetwork(address, range))

/** An IPv6 interface is only what its whole network is. */
const isWhole = (one: IpInterface): boolean => one.version === 4 || one.prefix === 128

export type IpClass = (one: IpInterface) => boolean

/** An IPv4 address in the form of IPv6 is what the IPv4 address is. */
const isPrivate: IpClass = (one) =>
  isInAny(
    one.version === 6 && one.value >> 32n === 0xffffn ? { version: 4, value: one.value & 0xffffffffn } : one,
    privateNetworks,
  )
const isPublic: IpClass = (one) => !isPrivate(one)
const isLinkLocal: IpClass = (one) => isInAny(one, linkLocalNetworks)
const isLoopback: IpClass = (one) => isWhole(one) && isInAny(one, loopbackNetworks)
const isSiteLocal: IpClass = (one) => isInAny(one, siteLocalNetworks)

/** By the names that the options of filters have. */
export const ipClasses: ReadonlyMap<string, IpClass> = new Map([
  ['global', isPublic],
  ['public', isPublic],
  ['private', isPrivate],
  ['link-local', isLinkLocal],
  ['linklocal', isLinkLocal],
  ['link_local', isLinkLocal],
  ['ll', isLinkLocal],
  ['loopback', isLoopback],
  ['lo', isLoopback],
  ['multicast', (one: IpInterface) => isInAny(one, multicastNetworks)],
  ['reserved', (one: IpInterface) => isInAny(one, reservedNetworks)],
  ['site-local', isSiteLocal],
  ['site_local', isSiteLocal],
  ['sl', isSiteLocal],
  ['unspecified', (one: IpInterface) => isWhole(one) && isInAny(one, unspecifiedNetworks)],
])
