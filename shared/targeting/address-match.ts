/** `S@10.0.0.0/8`: an address or a network against the addresses among the grains. */
import { type Dict, isList } from '../data/value.ts'
import {
  formatAddress,
  isInNetwork,
  networkOf,
  parseAddress,
  parseInterface,
} from '../render/jinja/salt/ip-address.ts'

/** @returns undefined: it is neither an address nor a network (whose host part is zero) */
export function compileAddressMatch(expression: string): ((grains: Dict) => boolean) | undefined {
  const network = parseInterface(expression)
  if (network === undefined || networkOf(network).value !== network.value) return undefined
  const exact = expression.includes('/') ? undefined : formatAddress(network)
  return (grains) => {
    const own = grains.get(network.version === 4 ? 'ipv4' : 'ipv6')
    if (!isList(own)) return false
    return own.some((item) => {
      const address = typeof item === 'string' ? parseAddress(item) : undefined
      if (address === undefined) return false
      return exact === undefined ? isInNetwork(address, network) : formatAddress(address) === exact
    })
  }
}
