/** `S@10.0.0.0/8`: an address or a network against the addresses among the grains. */
import { type Dict, isList, type Value } from '../data/value.ts'
import { formatAddress, networkOf, parseAddress, parseInterface } from '../render/jinja/salt/ip-address.ts'

/** @returns undefined: it is neither an address nor a network (whose host part is zero) */
export function compileAddressMatch(expression: string): ((grains: Dict) => boolean) | undefined {
  const network = parseInterface(expression)
  if (network === undefined || networkOf(network).value !== network.value) return undefined
  const bits = BigInt((network.version === 4 ? 32 : 128) - network.prefix)
  const last = network.value + (1n << bits) - 1n
  const isInside = ({ version, value }: Address): boolean =>
    version === network.version && value >= network.value && value <= last
  const exact = expression.includes('/') ? undefined : formatAddress(network)
  return (grains) => {
    const own = grains.get(network.version === 4 ? 'ipv4' : 'ipv6')
    if (!isList(own)) return false
    if (exact !== undefined && own.includes(exact)) return true
    return addressesOf(own).some((address) =>
      exact === undefined ? isInside(address) : formatAddress(address) === exact,
    )
  }
}

type Address = NonNullable<ReturnType<typeof parseAddress>>
/** The lists of a master's table of grains are asked again with each target. */
const parsed = new WeakMap<Value[], readonly Address[]>()

function addressesOf(list: Value[]): readonly Address[] {
  let addresses = parsed.get(list)
  if (addresses === undefined) {
    addresses = list.flatMap((item) => (typeof item === 'string' ? (parseAddress(item) ?? []) : []))
    parsed.set(list, addresses)
  }
  return addresses
}
