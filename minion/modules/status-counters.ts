/** What the kernel counts, for `status`: processors, memory, disks, network, who is logged in. */
import type { Plain } from '../../shared/data/value.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { nameList } from '../../shared/schema/collections.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import type { ModuleContext } from './contract.ts'
import { asking } from './define.ts'
import { processes } from './ps/process-table.ts'

async function procText(look: Reader, name: string): Promise<string> {
  const path = `/proc/${name}`
  return (await look.files.infoFollowed(path))
    ? Buffer.from(await look.files.read(path)).toString('utf8')
    : ''
}

const cpuFields = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal']

async function cpustats(look: Reader): Promise<Plain> {
  const found = new Map<string, Plain>()
  for (const line of (await procText(look, 'stat')).split('\n')) {
    const [name = '', ...values] = line.trim().split(/\s+/)
    const numbers = values.map(Number)
    if (name.startsWith('cpu'))
      found.set(name, Object.fromEntries(cpuFields.map((field, index) => [field, numbers[index] ?? 0])))
    else if (name === 'intr' || name === 'softirq') found.set(name, { total: numbers[0] ?? 0 })
    else if (name !== '') found.set(name, numbers[0] ?? 0)
  }
  return found
}

/** `name value` or `name: value` line by line. */
async function named(look: Reader, file: string): Promise<Map<string, Plain>> {
  const lines = (await procText(look, file)).matchAll(/^([^:\s]+):?\s+(-?\d+)/gm)
  return new Map([...lines].map(([, name = '', value = '']): [string, Plain] => [name, Number(value)]))
}

/** Two lines for each protocol: names, then values. */
async function netstats(look: Reader): Promise<Plain> {
  const found = new Map<string, Plain>()
  for (const file of ['net/snmp', 'net/netstat']) {
    const lines = (await procText(look, file)).split('\n')
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [title = '', ...names] = (lines[at] ?? '').split(/\s+/)
      const values = (lines[at + 1] ?? '').split(/\s+/).slice(1)
      found.set(
        title.replace(':', ''),
        Object.fromEntries(names.map((name, index) => [name, Number(values[index])])),
      )
    }
  }
  return found
}

const netFields = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast']
const sentFields = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed']

async function netdev(look: Reader): Promise<Plain> {
  const found = new Map<string, Plain>()
  for (const line of (await procText(look, 'net/dev')).split('\n').slice(2)) {
    const [, iface, rest = ''] = /^\s*([^:]+):\s*(.*)$/.exec(line) ?? []
    if (iface === undefined) continue
    const values = rest.split(/\s+/).map(Number)
    const received = netFields.map((field, index) => [`rx_${field}`, values[index] ?? 0])
    const sent = sentFields.map((field, index) => [`tx_${field}`, values[index + 8] ?? 0])
    found.set(iface, { iface, ...Object.fromEntries([...received, ...sent]) })
  }
  return found
}

async function cpuinfo(look: Reader): Promise<Plain> {
  const found = new Map<string, Plain>()
  for (const line of (await procText(look, 'cpuinfo')).split('\n')) {
    const [, name, value = ''] = /^(.*?)\s*:\s*(.*)$/.exec(line) ?? []
    if (name !== undefined)
      found.set(name, name === 'flags' || name === 'Features' ? value.trim().split(/\s+/) : value.trim())
  }
  return found
}

async function loggedIn(look: Reader): Promise<Plain> {
  const { stdout } = await look.commands.query(['w', '-h'])
  return stdout.split('\n').flatMap((line) => {
    const [user, tty, from, login, idle, jcpu, pcpu, ...what] = line.trim().split(/\s+/)
    return user ? [{ user, tty, from, login, idle, jcpu, pcpu, what: what.join(' ') }] : []
  })
}

async function allProcesses(look: Reader): Promise<Plain> {
  const users = new Map((await look.accounts.users()).map(({ uid, name }) => [uid, name]))
  return new Map(
    (await processes(look)).map((one): [number, Plain] => [
      one.pid,
      { user: users.get(one.uid) ?? String(one.uid), cmd: one.command.join(' ') || `[${one.name}]` },
    ]),
  )
}

const blockFields = [
  'reads_issued',
  'reads_merged',
  'sectors_read',
  'ms_spent_reading',
  'writes_completed',
  'writes_merged',
  'sectors_written',
  'ms_spent_writing',
  'io_in_progress',
  'ms_spent_in_io',
  'weighted_ms_spent_in_io',
]

async function diskstats(look: Reader): Promise<Plain> {
  const found = new Map<string, Plain>()
  for (const line of (await procText(look, 'diskstats')).split('\n')) {
    const [major, minor, device, ...values] = line.trim().split(/\s+/)
    if (device !== undefined)
      found.set(device, {
        major: Number(major),
        minor: Number(minor),
        device,
        ...Object.fromEntries(blockFields.map((field, index) => [field, Number(values[index] ?? 0)])),
      })
  }
  return found
}

async function diskusage(paths: readonly string[], look: Reader): Promise<Plain> {
  const { statfs } = await import('node:fs/promises')
  const mounted = (await procText(look, 'mounts')).split('\n').map((line) => line.split(' '))
  const places = mounted.filter(([device]) => device?.startsWith('/dev/')).map(([, place = '']) => place)
  const wanted = paths.length > 0 ? paths : [...new Set(places)]
  const sizes = await Promise.all(
    wanted.map(async (path): Promise<[string, Plain]> => {
      const { bsize, blocks, bavail } = await statfs(path)
      return [path, { available: bavail * bsize, total: blocks * bsize }]
    }),
  )
  return new Map(sizes)
}

const nothing = {}

export const counters = {
  cpustats: asking('What the processors spent their time with.', 'status.cpustats', nothing, (_, { look }) =>
    cpustats(look),
  ),
  cpuinfo: asking('What the processors are.', 'status.cpuinfo', nothing, (_, { look }) => cpuinfo(look)),
  vmstats: asking('Counters of the virtual memory.', 'status.vmstats', nothing, (_, { look }) =>
    named(look, 'vmstat'),
  ),
  netstats: asking('Counters of the network by protocol.', 'status.netstats', nothing, (_, { look }) =>
    netstats(look),
  ),
  netdev: asking('Counters of the network by interface.', 'status.netdev', nothing, (_, { look }) =>
    netdev(look),
  ),
  diskstats: asking('Counters of block devices.', 'status.diskstats', nothing, (_, { look }) =>
    diskstats(look),
  ),
  diskusage: asking(
    'Bytes of file systems, by place.',
    'status.diskusage / /home',
    { args: optional(nameList, 'Places; absent: all that are on devices.') },
    (given, { look }) => diskusage(given.args ?? [], look),
    { rest: 'args' },
  ),
  w: asking('Who is logged in.', 'status.w', nothing, (_, { look }) => loggedIn(look)),
  procs: asking('Processes with their users and commands.', 'status.procs', nothing, (_, { look }) =>
    allProcesses(look),
  ),
  pid: asking(
    'Ids of processes whose command line has a text, line by line.',
    'status.pid nginx',
    { sig: needed(nonEmptyText, 'The text.') },
    async (given, { look }) =>
      (await processes(look))
        .filter(({ command, pid }) => pid !== process.pid && command.join(' ').includes(given.sig))
        .map(({ pid }) => String(pid))
        .join('\n'),
  ),
  version: asking('Version of the kernel.', 'status.version', nothing, async (_, { look }) =>
    (await procText(look, 'version')).trim(),
  ),
}

/** All that is cheap to tell at once. */
export async function allCounters({ look }: ModuleContext): Promise<Record<string, Plain>> {
  return {
    cpuinfo: await cpuinfo(look),
    cpustats: await cpustats(look),
    diskstats: await diskstats(look),
    netdev: await netdev(look),
    netstats: await netstats(look),
    vmstats: await named(look, 'vmstat'),
    w: await loggedIn(look),
  }
}
