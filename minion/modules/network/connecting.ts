/** Functions of `network` that try other machines, list connections, and change the host's name. */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { Plain } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { choice, flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import { answered } from '../answered.ts'
import { byState } from '../by-state.ts'
import { asking, changing } from '../define.ts'
import { interfacesOf } from './interfaces.ts'
import { isDefault, routesOf } from './routes.ts'
import { neighboursOf, type Socket, socketsOf } from './sockets.ts'

/** Seconds that a try may take unless told otherwise. */
const patience = 10
const hostShape = /^[A-Za-z0-9_.:%-]{1,253}$/

/** @throws TsaltError `function-failed`: it would be an option, or more than a name */
function requireHost(fun: string, host: string): void {
  if (!hostShape.test(host) || host.startsWith('-'))
    throw new TsaltError('function-failed', { fun, reason: `${JSON.stringify(host)} is no host` })
}

/** @returns what went wrong */
function tried(host: string, port: number, family: 0 | 4 | 6, seconds: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, family, timeout: seconds * 1_000 })
    const end = (reason?: string) => {
      socket.destroy()
      resolve(reason)
    }
    socket.once('connect', () => end())
    socket.once('timeout', () => end(`no answer within ${seconds} s`))
    socket.once('error', (error) => end(error.message))
  })
}

/** A datagram is sent; whether it arrived nobody tells. @returns what went wrong */
function sent(host: string, port: number, family: 0 | 4 | 6): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 || host.includes(':') ? 'udp6' : 'udp4')
    const end = (reason?: string) => {
      socket.close()
      resolve(reason)
    }
    socket.once('error', (error) => end(error.message))
    socket.connect(port, host, (error?: Error) => end(error?.message))
  })
}

const isActive = ({ proto, state }: Socket): boolean => proto.startsWith('tcp') && state === 'ESTABLISHED'

function ends({ 'local-address': local, 'remote-address': remote }: Socket): Plain {
  const cut = (end: string): [string, string] => [
    end.slice(0, end.lastIndexOf(':')),
    end.slice(end.lastIndexOf(':') + 1),
  ]
  const [[local_addr, local_port], [remote_addr, remote_port]] = [cut(local), cut(remote)]
  return { local_addr, local_port, remote_addr, remote_port }
}

const family = choice(['ipv4', 'ipv6'])
const families = { ipv4: 4, ipv6: 6 } as const

export const connecting = {
  netstat: asking(
    'Sockets of TCP and UDP: those that listen and those that are connected.',
    'network.netstat',
    {},
    async (_, { look }) => (await socketsOf(look)).map((socket) => ({ ...socket })),
  ),
  active_tcp: asking(
    'Connections of TCP, by number, with address and port of both ends.',
    'network.active_tcp',
    {},
    async (_, { look }) =>
      new Map(
        (await socketsOf(look)).filter(isActive).map((socket, index) => [index, ends(socket)] as const),
      ),
  ),
  arp: asking(
    'Neighbours on the network: hardware address → address.',
    'network.arp',
    {},
    async (_, { look }) =>
      new Map((await neighboursOf(look)).map(({ address, hwaddr }) => [hwaddr, address])),
  ),
  ifacestartswith: asking(
    'Interfaces whose addresses of IPv4 begin so.',
    'network.ifacestartswith 10.0.',
    { cidr: needed(nonEmptyText, 'The beginning of the address.') },
    async ({ cidr }, { look }) =>
      [...(await interfacesOf(look))].flatMap(([name, { inet = [] }]) =>
        inet.some(({ address }) => address.startsWith(cidr)) ? [name] : [],
      ),
  ),
  iphexval: asking(
    'An address of IPv4 in hexadecimal digits, as names of PXE files have it.',
    'network.iphexval 10.0.0.1',
    { ip: needed(nonEmptyText, 'The address.') },
    async ({ ip }) => {
      const bytes = ip.split('.').map(Number)
      if (bytes.length !== 4 || !bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256))
        throw new TsaltError('function-failed', {
          fun: 'network.iphexval',
          reason: `"${ip}" is no address of IPv4`,
        })
      return bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')
    },
  ),
  get_route: asking(
    'The way to an address: gateway, interface and source, as the kernel would take it.',
    'network.get_route 192.0.2.1',
    { ip: needed(nonEmptyText, 'The address.') },
    async ({ ip }, { look }) => {
      requireHost('network.get_route', ip)
      const said = await answered('network.get_route', ['ip', '-o', 'route', 'get', ip], look)
      const word = (name: string): string => new RegExp(`\\s${name} (\\S+)`).exec(said)?.[1] ?? ''
      return { destination: ip, gateway: word('via') || null, interface: word('dev'), source: word('src') }
    },
  ),
  default_interface: asking(
    'Interface of the default route; empty where there is none.',
    'network.default_interface',
    {},
    async (_, { look }) => (await routesOf(look, undefined)).find(isDefault)?.interface ?? '',
  ),
  ping: asking(
    'Sends four pings. With return_boolean only whether they were answered.',
    'network.ping example.com',
    {
      host: needed(nonEmptyText, 'Name or address.'),
      timeout: optional(whole, 'Seconds to wait for an answer.'),
      return_boolean: defaulted(flag, false, 'Answer True or False.'),
    },
    async ({ host, timeout, return_boolean }, { look }) => {
      requireHost('network.ping', host)
      const wait = timeout === undefined ? [] : ['-W', String(timeout)]
      const { code, stdout, stderr } = await look.commands.query(['ping', '-c', '4', ...wait, '--', host])
      if (code === 127)
        throw new TsaltError('function-failed', {
          fun: 'network.ping',
          reason: 'the program ping is not installed',
        })
      return return_boolean ? code === 0 : (stdout || stderr).trimEnd()
    },
  ),
  connect: asking(
    'Tries to connect; a datagram of UDP is only sent.',
    'network.connect example.com 443 timeout=3',
    {
      host: needed(nonEmptyText, 'Name or address.'),
      port: needed(whole, 'The port.'),
      proto: defaulted(choice(['tcp', 'udp']), 'tcp', 'tcp or udp.'),
      family: optional(family, 'Only this one.'),
      timeout: defaulted(whole, patience, 'Seconds.'),
    },
    async ({ host, port, proto, family: only, timeout }) => {
      requireHost('network.connect', host)
      if (port < 1 || port > 65_535)
        throw new TsaltError('function-failed', { fun: 'network.connect', reason: `${port} is no port` })
      const number = only === undefined ? 0 : families[only]
      const trouble = await (proto === 'tcp' ? tried(host, port, number, timeout) : sent(host, port, number))
      return trouble === undefined
        ? { result: true, comment: `Successfully connected to ${host} on ${proto} port ${port}` }
        : { result: false, comment: `Unable to connect to ${host} on ${proto} port ${port}: ${trouble}` }
    },
  ),
  mod_hostname: changing(
    'Gives the host another name, at once and for the next start.',
    'network.mod_hostname web2.example.org',
    { hostname: needed(text, 'The name; what stands behind the first dot is the domain.') },
    async ({ hostname }, context) => {
      await byState('network.system', { name: hostname, hostname }, context)
      return true
    },
  ),
}
