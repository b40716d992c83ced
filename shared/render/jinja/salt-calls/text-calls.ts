/** Calls on texts, paths, hashes, versions and addresses, and those of tests and logs. */
import { textArgument } from '../salt/arguments.ts'
import { hashFilters } from '../salt/hashes.ts'
import { formatInterface, isInNetwork, networkOf, parseAddress, parseInterface } from '../salt/ip-address.ts'
import { networkFilters, strictNetwork } from '../salt/network.ts'
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  iterate,
  PyError,
  type RuntimeDict,
  type RuntimeValue,
  sequenceOf,
  str,
  textOf,
  truthy,
} from '../values.ts'
import { type CallEntry, defineCall, grainAt, plainCall } from './host.ts'
import { compareDebianVersions, compareRpmVersions } from './version-order.ts'

type Entry = readonly [string, FilterFunction]

/** As Python's `os.path.join`: an absolute part begins anew. */
function joinParts(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part.startsWith('/')) return part
    return path === '' || path.endsWith('/') ? path + part : `${path}/${part}`
  })
}

function directoryOf(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1)
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '')
}

const pathFilters: readonly Entry[] = [
  defineFilter('file.join', ['*args'], (_context, parts) => {
    const texts = iterate(parts ?? null).map((part) => textArgument(part, 'file.join'))
    if (texts.length === 0)
      throw new PyError('TypeError', "join() missing 1 required positional argument: 'a'")
    return joinParts(texts)
  }),
  defineFilter('file.basename', ['path'], (_context, path) => {
    const text = textArgument(path, 'file.basename')
    return text.slice(text.lastIndexOf('/') + 1)
  }),
  defineFilter('file.dirname', ['path'], (_context, path) => directoryOf(textArgument(path, 'file.dirname'))),
]

/** Where environment variables come from. */
export interface Environment {
  /** undefined: not set. */
  readonly get: (name: string) => string | undefined
  readonly names: () => readonly string[]
}

/** Not part of the registry: what the environment is only the host of the templates knows. */
export function environmentCalls(environment: Environment): Entry[] {
  return [
    defineFilter('environ.get', ['key', ['default', '']], (_context, key, fallback) => {
      const name = textOf(key)
      return name === undefined ? false : (environment.get(name) ?? fallback ?? '')
    }),
    defineFilter('environ.has_value', ['key', ['value', null]], (_context, key, wanted) => {
      const name = textOf(key)
      const value = name === undefined ? undefined : environment.get(name)
      return value !== undefined && (wanted === null || textOf(wanted ?? null) === value)
    }),
    defineFilter('environ.item', ['keys', ['default', '']], (_context, keys, fallback) => {
      const name = textOf(keys)
      const names = name === undefined ? (Array.isArray(keys) ? keys.map(str) : []) : [name]
      const found: RuntimeDict = new Map()
      for (const one of names) found.set(one, environment.get(one) ?? fallback ?? '')
      return found
    }),
    defineFilter('environ.items', [], () => {
      const all: RuntimeDict = new Map()
      for (const name of environment.names()) all.set(name, environment.get(name) ?? '')
      return all
    }),
  ]
}

const filters = new Map([...hashFilters, ...networkFilters])

/** A call that does what a filter does. */
function asFilter(call: string, filter: string): Entry {
  return [
    call,
    (context, args, kwargs) => {
      const run = filters.get(filter)
      if (run === undefined) throw new PyError('RuntimeError', `there is no filter ${filter}`)
      return run(context, args, kwargs)
    },
  ]
}

const hashes: readonly Entry[] = [
  asFilter('hashutil.md5_digest', 'md5'),
  asFilter('hashutil.sha256_digest', 'sha256'),
  asFilter('hashutil.sha512_digest', 'sha512'),
  asFilter('hashutil.base64_b64encode', 'base64_encode'),
  asFilter('hashutil.base64_b64decode', 'base64_decode'),
  asFilter('hashutil.hmac_signature', 'hmac'),
  asFilter('hashutil.hmac_compute', 'hmac_compute'),
  asFilter('hashutil.base64_decodestring', 'base64_decode'),
  defineFilter('hashutil.base64_encodestring', ['instr'], (context, value) => {
    const text = textOf(context.filter('base64_encode', [value])) ?? ''
    return (text.match(/.{1,76}/g) ?? []).map((line) => `${line}\n`).join('')
  }),
  defineFilter('hashutil.digest', ['instr', ['checksum', 'md5']], (context, value, checksum) => {
    const name = str(checksum ?? null)
    if (!['md5', 'sha256', 'sha512'].includes(name))
      throw new PyError('ValueError', `Hash func '${name}' is not supported.`, 'Use md5, sha256 or sha512.')
    return context.filter(name, [value])
  }),
]

const addressOf = (value: RuntimeValue) => {
  const address = parseAddress(str(value))
  if (address === undefined)
    throw new PyError('ValueError', `'${str(value)}' does not appear to be an IPv4 or IPv6 address`)
  return address
}

const addresses: readonly Entry[] = [
  defineFilter('network.ip_in_subnet', ['ip_addr', 'cidr'], (_context, addresses, cidr) => {
    try {
      const network = strictNetwork(str(cidr))
      const items = sequenceOf(addresses) ?? [addresses]
      return items.some((item) => isInNetwork(addressOf(item), network))
    } catch (error) {
      if (error instanceof PyError && parseInterface(str(cidr)) === undefined) return false
      if (error instanceof PyError && error.message.endsWith('has host bits set')) return false
      throw error
    }
  }),
  defineFilter('network.calc_net', ['ip_addr', ['netmask', null]], (_context, address, netmask) => {
    const text = netmask === null || netmask === undefined ? str(address) : `${str(address)}/${str(netmask)}`
    const parsed = parseInterface(text)
    if (parsed === undefined)
      throw new PyError('ValueError', `'${text}' does not appear to be an IPv4 or IPv6 network`)
    return formatInterface(networkOf(parsed))
  }),
  defineFilter('network.is_private', ['ip_addr'], (context, value) => isOfClass(context, value, 'private')),
  defineFilter('network.is_loopback', ['ip_addr'], (context, value) => isOfClass(context, value, 'loopback')),
]

function isOfClass(context: CallContext, value: RuntimeValue, name: string): boolean {
  addressOf(value)
  return truthy(filters.get('is_ip')?.(context, [value, name], new Map()) ?? false)
}

const versionCalls: readonly CallEntry[] = ['pkg.version_cmp', 'lowpkg.version_cmp'].map((name) =>
  defineCall(name, ['pkg1', 'pkg2', ['ignore_epoch', false], '**kwargs'], (call, a, b, ignoreEpoch) => {
    const textOfVersion = (version: RuntimeValue = null): string =>
      truthy(ignoreEpoch ?? false) ? str(version).replace(/^[^:]*:/, '') : str(version)
    const family = textOf(grainAt(call, 'os_family', '')) ?? ''
    const compare = ['RedHat', 'Suse'].includes(family) ? compareRpmVersions : compareDebianVersions
    return Math.sign(compare(textOfVersion(a), textOfVersion(b)))
  }),
)

const tests: readonly Entry[] = [
  defineFilter('test.ping', [], () => true),
  defineFilter('test.true', [], () => true),
  defineFilter('test.false', [], () => false),
  defineFilter('test.echo', ['text'], (_context, text) => text),
  defineFilter('test.outputter', ['data'], (_context, data) => data),
  defineFilter('test.kwarg', ['**kwargs'], (_context, kwargs) => kwargs ?? null),
  defineFilter('test.arg', ['*args', '**kwargs'], (_context, args, kwargs) => {
    const shown: RuntimeDict = new Map()
    shown.set('args', args ?? null)
    shown.set('kwargs', kwargs ?? null)
    return shown
  }),
  ...['debug', 'info', 'warning', 'error', 'critical', 'exception'].map((level) =>
    defineFilter(`log.${level}`, ['message'], (context, message) => {
      context.ports.log?.(level, str(message))
      return true
    }),
  ),
]

export const textCalls: readonly CallEntry[] = [
  ...[...pathFilters, ...hashes, ...addresses, ...tests].map(plainCall),
  ...versionCalls,
]
