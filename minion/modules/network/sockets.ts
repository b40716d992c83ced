/** The kernel's sockets and neighbours, from /proc, in Salt's shape. */
import { formatAddress, parseAddress } from '../../../shared/render/jinja/salt/ip-address.ts'
import type { Reader } from '../../system/reader.ts'
import { textOf } from './text-of.ts'

export interface Socket {
  readonly proto: string
  readonly 'recv-q': string
  readonly 'send-q': string
  readonly 'local-address': string
  readonly 'remote-address': string
  readonly state: string
  readonly user: string
  readonly inode: string
}

const states: Readonly<Record<string, string>> = {
  '01': 'ESTABLISHED',
  '02': 'SYN_SENT',
  '03': 'SYN_RECV',
  '04': 'FIN_WAIT1',
  '05': 'FIN_WAIT2',
  '06': 'TIME_WAIT',
  '07': 'CLOSE',
  '08': 'CLOSE_WAIT',
  '09': 'LAST_ACK',
  '0A': 'LISTEN',
  '0B': 'CLOSING',
}
const tables = ['tcp', 'tcp6', 'udp', 'udp6'] as const

/** Those of TCP and UDP, of both families. `user`: the uid. */
export async function socketsOf(look: Reader): Promise<Socket[]> {
  const found: Socket[] = []
  for (const proto of tables) found.push(...readSockets(await textOf(look, `/proc/net/${proto}`), proto))
  return found
}

export function readSockets(text: string, proto: (typeof tables)[number]): Socket[] {
  return text.split('\n').flatMap((line) => {
    const [number = '', local = '', remote = '', state = '', queues = '', , , uid = '', , inode = ''] = line
      .trim()
      .split(/\s+/)
    if (!/^\d+:$/.test(number)) return []
    const [sent = '0', received = '0'] = queues.split(':')
    return {
      proto,
      'recv-q': String(Number.parseInt(received, 16)),
      'send-q': String(Number.parseInt(sent, 16)),
      'local-address': endOf(local),
      'remote-address': endOf(remote),
      // A socket of UDP that is not connected has none.
      state: proto.startsWith('udp') && state === '07' ? '' : (states[state] ?? ''),
      user: uid,
      inode,
    }
  })
}

/** `0100007F:1F90` is `127.0.0.1:8080`: words in the order of the machine's bytes. */
function endOf(text: string): string {
  const [address = '', port = '0'] = text.split(':')
  const words = (address.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join(''))
  return `${addressOf(words.join(''))}:${Number.parseInt(port, 16) || '*'}`
}

function addressOf(hex: string): string {
  if (hex.length === 8) return (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.')
  const parsed = parseAddress((hex.match(/.{4}/g) ?? []).join(':'))
  return parsed === undefined ? hex : formatAddress(parsed)
}

export interface Neighbour {
  readonly address: string
  readonly hwaddr: string
  readonly interface: string
}

/** Those that answered. */
export async function neighboursOf(look: Reader): Promise<Neighbour[]> {
  return (await textOf(look, '/proc/net/arp')).split('\n').flatMap((line) => {
    const [address = '', , , hwaddr = '', , name = ''] = line.trim().split(/\s+/)
    const isKnown = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(hwaddr) && hwaddr !== '00:00:00:00:00:00'
    return isKnown ? { address, hwaddr, interface: name } : []
  })
}
