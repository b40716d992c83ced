/** Filters for IP addresses, networks and MAC addresses. */
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  intOf,
  isInt,
  iterate,
  PyBytes,
  PyError,
  PyIterator,
  PyTuple,
  type RuntimeDict,
  type RuntimeList,
  type RuntimeValue,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { isText, textArgument } from './arguments.ts'
import {
  formatAddress,
  formatInterface,
  hostRange,
  type IpAddress,
  type IpInterface,
  ipClasses,
  isInNetwork,
  networkOf,
  parseAddress,
  parseInterface,
  sizeOf,
  widthOf,
} from './ip-address.ts'

type Version = 4 | 6
const withOptions = ['value', ['options', null]] as const
const withVersion = ['value', ['options', null], ['version', null]] as const

export const networkFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter(
    'is_ip',
    ['ip_addr', ['options', null]],
    (_context, value, options) =>
      check(value, 4, options) !== undefined || check(value, 6, options) !== undefined,
  ),
  defineFilter(
    'is_ipv4',
    ['ip_addr', ['options', null]],
    (_context, value, options) => check(value, 4, options) !== undefined,
  ),
  defineFilter(
    'is_ipv6',
    ['ip_addr', ['options', null]],
    (_context, value, options) => check(value, 6, options) !== undefined,
  ),
  defineFilter('ipv4', withOptions, (_context, value, options) => filterVersion(value, 4, options)),
  defineFilter('ipv6', withOptions, (_context, value, options) => filterVersion(value, 6, options)),
  defineFilter('ipaddr', withOptions, (_context, value, options) => filterBoth(value, options)),
  defineFilter('ip_host', withVersion, (_context, value, options, version) =>
    onFound(value, options, version, (text) => formatInterface(interfaceOf(text))),
  ),
  defineFilter('network_hosts', withVersion, (context, value, options, version) =>
    onFound(value, options, version, (text) => hostsOf(context, networkOf(interfaceOf(text)))),
  ),
  defineFilter('network_size', withVersion, (_context, value, options, version) =>
    onFound(value, options, version, (text) => intOf(sizeOf(interfaceOf(text)))),
  ),
  defineFilter('ipwrap', ['data'], (_context, data) =>
    isList(data) ? iterate(data).map(wrapped) : wrapped(data),
  ),
  defineFilter('filter_by_networks', ['values', 'networks'], filterByNetworks),
  defineFilter('mac_str_to_bytes', ['mac_str'], (_context, value) =>
    macBytes(textArgument(value, 'mac_str_to_bytes')),
  ),
]

const isList = (value: RuntimeValue): boolean => Array.isArray(value) || value instanceof PyTuple

const notAddress = (text: string, what: string): PyError =>
  new PyError('ValueError', `'${text}' does not appear to be an IPv4 or IPv6 ${what}`)

function interfaceOf(text: string): IpInterface {
  const parsed = parseInterface(text)
  if (parsed === undefined) throw notAddress(text, 'interface')
  return parsed
}

/** The address or interface as text, if it has this version and all options hold. */
function check(value: RuntimeValue, version: Version, options: RuntimeValue = null): string | undefined {
  if (value instanceof Undefined && value.strict) value.fail()
  const text = isInt(value) ? addressOfInt(BigInt(value)) : textOf(value)
  const address = text === undefined ? undefined : parseAddress(text)
  const parsed: IpInterface | undefined =
    address === undefined ? parseInterface(text ?? '') : { ...address, prefix: widthOf(address.version) }
  if (parsed === undefined || parsed.version !== version) return undefined
  if (truthy(options)) {
    for (const option of textArgument(options, 'options').split(',')) {
      const holds = ipClasses.get(option.trim())
      if (holds !== undefined && !holds(parsed)) return undefined
    }
  }
  return address === undefined ? formatInterface(parsed) : formatAddress(address)
}

/** Python takes an integer for the address with that number. */
function addressOfInt(value: bigint): string | undefined {
  if (value < 0n || value >= 1n << 128n) return undefined
  return formatAddress({ version: value < 1n << 32n ? 4 : 6, value })
}

function filterVersion(value: RuntimeValue, version: Version, options: RuntimeValue = null): RuntimeValue {
  if (value instanceof Undefined && value.strict) value.fail()
  if (isText(value) || value instanceof PyBytes) return check(value, version, options) ?? null
  if (!isList(value) && !(value instanceof PyIterator)) return null
  return iterate(value).flatMap((item) => check(item, version, options) ?? [])
}

function filterBoth(value: RuntimeValue, options: RuntimeValue = null): RuntimeValue {
  const items = value instanceof PyIterator ? [...value.items()] : value
  const four = filterVersion(items, 4, options)
  const six = filterVersion(items, 6, options)
  return Array.isArray(four) && Array.isArray(six) ? [...four, ...six] : truthy(four) ? four : six
}

/** Applies to the address, or to each of a list; None where there is none. */
function onFound(
  value: RuntimeValue,
  options: RuntimeValue = null,
  version: RuntimeValue = null,
  apply: (text: string) => RuntimeValue,
): RuntimeValue {
  const found = truthy(version)
    ? version === 4 || version === 6
      ? filterVersion(value, version, options)
      : null
    : filterBoth(value, options)
  if (!truthy(found)) return null
  const texts = (Array.isArray(found) ? found : [found]).map((one) => textOf(one) ?? '')
  return isList(value) || value instanceof PyIterator ? texts.map(apply) : apply(texts[0] ?? '')
}

export function hostsOf(context: CallContext, network: IpInterface): RuntimeList {
  const [first, last] = hostRange(network)
  const count = last - first + 1n
  if (count > 1_000_000n)
    throw new PyError(
      'LimitError',
      `network_hosts: ${formatInterface(network)} has ${count} hosts`,
      'Use network_size for their number, or a smaller network.',
    )
  context.spend(Number(count))
  const hosts: RuntimeList = []
  for (let value = first; value <= last; value++)
    hosts.push(formatAddress({ version: network.version, value }))
  return hosts
}

function wrapped(value: RuntimeValue): RuntimeValue {
  if (check(value, 6) === undefined) return value
  const text = str(value).replace(/^\[+/, '').replace(/\]+$/, '')
  const address = parseAddress(text)
  if (address === undefined) throw notAddress(text, 'address')
  return `[${formatAddress(address)}]`
}

function filterByNetworks(
  context: CallContext,
  values: RuntimeValue,
  given: RuntimeValue = null,
): RuntimeValue {
  if (given === null) return values
  const networks = iterate(given).map((network) =>
    strictNetwork(textArgument(network, 'filter_by_networks(networks)')),
  )
  const filtered = (items: RuntimeValue): RuntimeList => {
    const all = iterate(items)
    if (networks.length === 0) return []
    context.spend(all.length * networks.length)
    return all.flatMap((item) => {
      const address = addressArgument(item)
      return networks.filter((network) => isInNetwork(address, network)).map(() => item)
    })
  }
  if (values instanceof Map) {
    const result: RuntimeDict = new Map()
    for (const [name, items] of values) result.set(name, filtered(items))
    return result
  }
  if (isList(values) || isText(values)) return filtered(values)
  if (values instanceof Undefined && values.strict) values.fail()
  throw new PyError('ValueError', `Do not know how to filter a ${typeName(values)}`)
}

function addressArgument(item: RuntimeValue): IpAddress {
  const text = isInt(item) ? addressOfInt(BigInt(item)) : str(item)
  const address = parseAddress(text ?? '')
  if (address === undefined) throw notAddress(str(item), 'address')
  return address
}

/** @throws PyError ValueError where the address is not the network's own */
export function strictNetwork(text: string): IpInterface {
  const parsed = parseInterface(text)
  if (parsed === undefined) throw notAddress(text, 'network')
  if (networkOf(parsed).value !== parsed.value) throw new PyError('ValueError', `${text} has host bits set`)
  return parsed
}

function macBytes(text: string): RuntimeValue {
  const separator = text[2] ?? ''
  const digits = text.length === 17 ? text.replaceAll(separator, '') : text
  if (text.length !== 12 && text.length !== 17) throw new PyError('ValueError', 'Invalid MAC address')
  if (!/^[0-9a-fA-F]{12}$/.test(digits)) throw new PyError('ValueError', `Invalid MAC address "${text}"`)
  return new PyBytes(Buffer.from(digits, 'hex'))
}
