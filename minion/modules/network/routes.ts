/** The kernel's routes, from /proc, in Salt's shape. */
import { formatAddress, parseAddress } from '../../../shared/render/jinja/salt/ip-address.ts'
import type { Reader } from '../../system/reader.ts'
import { textOf } from './text-of.ts'

export interface Route {
  readonly addr_family: 'inet' | 'inet6'
  readonly destination: string
  readonly gateway: string
  readonly netmask: string
  readonly flags: string
  readonly interface: string
}

const gatewayFlag = 2
const hostFlag = 4

function flagsOf(bits: number): string {
  return `U${bits & gatewayFlag ? 'G' : ''}${bits & hostFlag ? 'H' : ''}`
}

export async function routesOf(look: Reader, family: 'inet' | 'inet6' | undefined): Promise<Route[]> {
  const four = family === 'inet6' ? [] : readFour(await textOf(look, '/proc/net/route'))
  const six = family === 'inet' ? [] : readSix(await textOf(look, '/proc/net/ipv6_route'))
  return [...four, ...six]
}

/** Addresses stand there in the order of the machine's bytes, the last first. */
function readFour(text: string): Route[] {
  const address = (hex = ''): string =>
    (hex.match(/../g) ?? [])
      .reverse()
      .map((byte) => Number.parseInt(byte, 16))
      .join('.')
  return text.split('\n').flatMap((line) => {
    const [name = '', destination, gateway, flags, , , , mask] = line.trim().split(/\s+/)
    if (!/^[0-9A-F]{8}$/.test(destination ?? '')) return []
    return {
      addr_family: 'inet' as const,
      destination: address(destination),
      gateway: address(gateway),
      netmask: address(mask),
      flags: flagsOf(Number.parseInt(flags ?? '0', 16)),
      interface: name,
    }
  })
}

function readSix(text: string): Route[] {
  const address = (hex: string): string => {
    const parsed = parseAddress((hex.match(/.{4}/g) ?? []).join(':'))
    return parsed === undefined ? hex : formatAddress(parsed)
  }
  return text.split('\n').flatMap((line) => {
    const [to = '', length = '', , , via = '', , , , flags = '0', name = ''] = line.trim().split(/\s+/)
    const bits = Number.parseInt(flags, 16)
    if (!/^[0-9a-f]{32}$/.test(to) || (bits & 1) === 0 || name === 'lo') return []
    return {
      addr_family: 'inet6' as const,
      destination: `${address(to)}/${Number.parseInt(length, 16)}`,
      gateway: address(via),
      netmask: '',
      flags: flagsOf(bits),
      interface: name,
    }
  })
}

export const isDefault = ({ destination, netmask, addr_family }: Route): boolean =>
  addr_family === 'inet' ? destination === '0.0.0.0' && netmask === '0.0.0.0' : destination === '::/0'
