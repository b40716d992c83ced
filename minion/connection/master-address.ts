/** Where masters are: `HOST`, `HOST:PORT`, `[IPV6]:PORT`, one or several in order of preference. */
import { isIPv6 } from 'node:net'
import { TsaltError } from '../../shared/errors/error.ts'

export interface MasterAddress {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
}

const shape = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]*))(?::(\d{1,5}))?$/

/** @throws TsaltError `master-address-invalid` */
export function parseMasterAddress(text: string, defaultPort: number): MasterAddress {
  const trimmed = text.trim()
  if (isIPv6(trimmed) && !trimmed.includes('%')) return { host: trimmed, port: defaultPort }
  const [, address, name, port] = shape.exec(trimmed) ?? []
  const host = address ?? name
  const number = port === undefined ? defaultPort : Number(port)
  if (host === undefined || (address !== undefined && !isIPv6(address)) || number < 1 || number > 65_535)
    throw new TsaltError('master-address-invalid', { address: text.slice(0, 300) })
  return { host, port: number }
}

/** @param masters the option `master` @throws TsaltError `master-address-invalid` */
export function parseMasterAddresses(
  masters: string | readonly string[],
  defaultPort: number,
): readonly MasterAddress[] {
  const texts = typeof masters === 'string' ? [masters] : masters
  if (texts.length === 0) throw new TsaltError('master-address-invalid', { address: '' })
  return texts.map((text) => parseMasterAddress(text, defaultPort))
}

export function formatMasterAddress({ host, port }: MasterAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
