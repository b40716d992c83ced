/** Questions to name servers, for the modules dnsutil and dig: what cannot be answered is an empty list, as in Salt. */
import { Resolver } from 'node:dns/promises'
import type { Plain } from '../../shared/data/value.ts'

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'TXT' | 'PTR' | 'SRV'

/** Milliseconds for one try. */
const timeout = 3_000
const tries = 2

/** @param nameserver its address; absent: those of /etc/resolv.conf */
export async function lookUp(name: string, type: RecordType, nameserver?: string): Promise<Plain[]> {
  const resolver = new Resolver({ timeout, tries })
  try {
    if (nameserver !== undefined) resolver.setServers([nameserver])
    if (type === 'PTR') return await resolver.reverse(name)
    if (type === 'MX')
      return (await resolver.resolveMx(name)).map(({ priority, exchange }) => [priority, exchange])
    if (type === 'TXT') return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
    if (type === 'SRV')
      return (await resolver.resolveSrv(name)).map((one) => [one.priority, one.weight, one.port, one.name])
    return (await resolver.resolve(name, type)) as string[]
  } catch {
    // No such name, no such record, no server: nothing is known.
    return []
  }
}
