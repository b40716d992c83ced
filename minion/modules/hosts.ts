/** Execution module `hosts`: names that /etc/hosts gives to addresses. */
import { TsaltError } from '../../shared/errors/error.ts'
import { needed } from '../../shared/schema/argument.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
import type { HostLine } from '../states/host/table.ts'
import { byState } from './by-state.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const ip = needed(nonEmptyText, 'The address.')
const alias = needed(nonEmptyText, 'The name.')

async function linesOf({ look }: ModuleContext): Promise<HostLine[]> {
  if (!(await look.files.infoFollowed('/etc/hosts'))) return []
  const { parseHosts } = await import('../states/host/table.ts')
  const text = Buffer.from(await look.files.read('/etc/hosts')).toString('utf8')
  return parseHosts(text).filter((line) => typeof line !== 'string')
}

export const hostsModule = execModule({
  summary: 'Names that /etc/hosts gives to addresses.',
  functions: {
    list_hosts: asking('Addresses with their names.', 'hosts.list_hosts', {}, async (_, context) => {
      const names = new Map<string, string[]>()
      for (const line of await linesOf(context))
        names.set(line.ip, [...(names.get(line.ip) ?? []), ...line.names])
      return new Map([...names].map(([address, aliases]) => [address, { aliases }]))
    }),
    get_ip: asking(
      'Address of a name; empty where it has none.',
      'hosts.get_ip db',
      { host: alias },
      async (given, context) => {
        return (await linesOf(context)).find(({ names }) => names.includes(given.host))?.ip ?? ''
      },
    ),
    get_alias: asking('Names of an address.', 'hosts.get_alias 10.0.0.1', { ip }, async (given, context) => {
      return (await linesOf(context))
        .filter((line) => line.ip === given.ip)
        .flatMap(({ names }) => [...names])
    }),
    has_pair: asking(
      'True where the address has the name.',
      'hosts.has_pair 10.0.0.1 db',
      { ip, alias },
      async (given, context) =>
        (await linesOf(context)).some((line) => line.ip === given.ip && line.names.includes(given.alias)),
    ),
    set_host: changing(
      'Gives an address these names and no others.',
      'hosts.set_host 10.0.0.1 db',
      { ip, alias },
      async (given, context) => {
        const hostnames = given.alias.split(/[\s,]+/).filter((name) => name !== '')
        await byState('host.only', { name: given.ip, hostnames }, context)
        return true
      },
    ),
    add_host: changing(
      'Gives an address a name beside those that it has.',
      'hosts.add_host 10.0.0.1 db',
      { ip, alias },
      async (given, context) => {
        await byState('host.present', { name: given.alias, ip: given.ip }, context)
        return true
      },
    ),
    rm_host: changing(
      'Takes a name from an address.',
      'hosts.rm_host 10.0.0.1 db',
      { ip, alias },
      async (given, context) => {
        if (!(await linesOf(context)).some((line) => line.ip === given.ip))
          throw new TsaltError('function-failed', {
            fun: 'hosts.rm_host',
            reason: `${given.ip} is not there`,
          })
        await byState('host.absent', { name: given.alias, ip: given.ip }, context)
        return true
      },
    ),
  },
})
