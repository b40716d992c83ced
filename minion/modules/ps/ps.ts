/** Execution module `ps`: processes, processors and memory. */
import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { Plain } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { accountName, flag, nonEmptyText, seconds, text, whole } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { execModule } from '../contract.ts'
import { asking, changing } from '../define.ts'
import { bootTime, matching, type Process, processes, processIds, theProcess } from './process-table.ts'

const pid = needed(whole, 'Id of the process.')
const wanted = {
  pattern: needed(nonEmptyText, 'A part of its name.'),
  user: optional(accountName, 'Only of this account.'),
  full: defaulted(flag, false, 'Of its whole command line.'),
}

async function kernelNumbers(look: Reader, path: string): Promise<Map<string, number>> {
  const file = Buffer.from(await look.files.read(path)).toString('utf8')
  return new Map(
    [...file.matchAll(/^(\S+?):?\s+(\d+)/gm)].map(([, name = '', value = '']) => [name, Number(value)]),
  )
}

async function memory(look: Reader): Promise<Record<string, number>> {
  const kernel = await kernelNumbers(look, '/proc/meminfo')
  const of = (name: string): number => (kernel.get(name) ?? 0) * 1024
  const [total, free, available] = [of('MemTotal'), of('MemFree'), of('MemAvailable')]
  const [buffers, cached] = [of('Buffers'), of('Cached') + of('SReclaimable')]
  const percent = total === 0 ? 0 : Math.round(((total - available) / total) * 1000) / 10
  return {
    total,
    available,
    percent,
    used: total - free - cached - buffers,
    free,
    buffers,
    cached,
    shared: of('Shmem'),
  }
}

async function swap(look: Reader): Promise<Record<string, number>> {
  const kernel = await kernelNumbers(look, '/proc/meminfo')
  const [total, free] = [(kernel.get('SwapTotal') ?? 0) * 1024, (kernel.get('SwapFree') ?? 0) * 1024]
  return {
    total,
    free,
    used: total - free,
    percent: total === 0 ? 0 : Math.round(((total - free) / total) * 1000) / 10,
  }
}

const cpuNames = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const

/** Ticks by kind, of all processors and of each. */
async function cpuTicks(look: Reader): Promise<number[][]> {
  const stat = Buffer.from(await look.files.read('/proc/stat')).toString('utf8')
  return stat
    .split('\n')
    .filter((line) => /^cpu\d* /.test(line))
    .map((line) => line.trim().split(/\s+/).slice(1, 9).map(Number))
}

function busyShare(before: readonly number[], after: readonly number[]): number {
  const spent = after.map((value, index) => value - (before[index] ?? 0))
  const total = spent.reduce((sum, value) => sum + value, 0)
  const idle = (spent[3] ?? 0) + (spent[4] ?? 0)
  return total === 0 ? 0 : Math.round(((total - idle) / total) * 1000) / 10
}

/** In Salt's shape. */
async function told(process: Process, look: Reader): Promise<Record<string, Plain>> {
  const {
    pid: id,
    ppid,
    name,
    command,
    user,
    system,
    started,
    resident,
    virtual,
    state,
    threads,
    uid,
  } = process
  const username = (await look.accounts.users()).find((account) => account.uid === uid)?.name ?? String(uid)
  return {
    pid: id,
    ppid,
    name,
    cmdline: [...command],
    status: state,
    username,
    num_threads: threads,
    create_time: started,
    cpu_times: { user, system },
    memory_info: { rss: resident, vms: virtual },
  }
}

/** TERM unless it is said otherwise. */
async function send(
  fun: string,
  targets: readonly Process[],
  signal: number,
  act: Changer,
): Promise<number[]> {
  if (signal > 64) throw new TsaltError('function-failed', { fun, reason: `${signal} is no signal` })
  const killed: number[] = []
  for (const { pid: id } of targets) {
    const { code } = await act.commands.run(['kill', `-${signal}`, '--', String(id)])
    if (code === 0) killed.push(id)
  }
  return killed
}

const signal = defaulted(whole, 15, 'Number of the signal.')

export const psModule = execModule({
  summary: 'Processes, processors and memory.',
  functions: {
    top: asking(
      'Processes that work most.',
      'ps.top 5 3',
      {
        num_processes: defaulted(whole, 5, 'How many.'),
        interval: defaulted(seconds, 3, 'Seconds to watch.'),
      },
      async (given, { look, job }) => {
        const before = new Map((await processes(look)).map((one) => [one.pid, one.user + one.system]))
        await pause(given.interval * 1000, undefined, { signal: job.signal }).catch(() => undefined)
        const total = (await memory(look)).total ?? 0
        const worked = (one: Process): number => one.user + one.system - (before.get(one.pid) ?? 0)
        const busiest = (await processes(look))
          .sort((a, b) => worked(b) - worked(a))
          .slice(0, given.num_processes)
        return Promise.all(
          busiest.map(async (one) => ({
            ...(await told(one, look)),
            cpu: { user: one.user, system: one.system },
            mem: {
              percent: total === 0 ? 0 : (one.resident / total) * 100,
              rss: one.resident,
              vms: one.virtual,
            },
          })),
        )
      },
    ),
    get_pid_list: asking('Ids of all processes.', 'ps.get_pid_list', {}, (_, { look }) => processIds(look)),
    proc_info: asking(
      'What is known of a process, or some of it.',
      "ps.proc_info 1 attrs='[name, cmdline]'",
      { pid, attrs: optional(textList, 'Only these.') },
      async (given, { look }) => {
        const all = await told(await theProcess('ps.proc_info', given.pid, look), look)
        return given.attrs === undefined
          ? all
          : Object.fromEntries(given.attrs.map((name) => [name, all[name] ?? null]))
      },
    ),
    pgrep: asking(
      'Ids of processes by their name; None where there are none.',
      'ps.pgrep nginx',
      wanted,
      async (given, { look }) => {
        const found = await matching(given, look)
        return found.length === 0 ? null : found.map((process) => process.pid)
      },
    ),
    psaux: asking(
      'Lines of `ps aux` that a name is in.',
      'ps.psaux nginx',
      { name: needed(nonEmptyText, 'The name.') },
      async (given, { look }) => {
        const { stdout } = await look.commands.query(['ps', 'aux'])
        const lines = stdout.split('\n').filter((line) => line.includes(given.name))
        return [given.name, lines, `${lines.length} occurrence(s).`]
      },
    ),
    kill_pid: changing(
      'Sends a process a signal; False where there is no such process.',
      'ps.kill_pid 4242 signal=9',
      { pid, signal },
      async (given, { act, look }) => {
        const [process] = (await processes(look)).filter((one) => one.pid === given.pid)
        return process !== undefined && (await send('ps.kill_pid', [process], given.signal, act)).length > 0
      },
    ),
    pkill: changing(
      'Sends processes of a name a signal; None where there are none.',
      'ps.pkill nginx signal=1',
      { pattern: wanted.pattern, user: wanted.user, signal, full: wanted.full },
      async (given, { act, look }) => {
        const killed = await send('ps.pkill', await matching(given, look), given.signal, act)
        return killed.length === 0 ? null : { killed }
      },
    ),
    cpu_percent: asking(
      'How busy the processors are.',
      'ps.cpu_percent per_cpu=True',
      {
        interval: defaulted(seconds, 0.1, 'Seconds to watch.'),
        per_cpu: defaulted(flag, false, 'Each by itself.'),
      },
      async (given, { look }) => {
        const before = await cpuTicks(look)
        await pause(given.interval * 1000)
        const shares = (await cpuTicks(look)).map((after, index) => busyShare(before[index] ?? [], after))
        return given.per_cpu ? shares.slice(1) : (shares[0] ?? 0)
      },
    ),
    cpu_times: asking(
      'Seconds that the processors spent, by kind.',
      'ps.cpu_times',
      { per_cpu: defaulted(flag, false, 'Each by itself.') },
      async (given, { look }) => {
        const named = (await cpuTicks(look)).map((ticks) =>
          Object.fromEntries(cpuNames.map((name, index) => [name, (ticks[index] ?? 0) / 100])),
        )
        return given.per_cpu ? named.slice(1) : (named[0] ?? {})
      },
    ),
    virtual_memory: asking('Bytes of memory.', 'ps.virtual_memory', {}, (_, { look }) => memory(look)),
    swap_memory: asking('Bytes of swap.', 'ps.swap_memory', {}, (_, { look }) => swap(look)),
    total_physical_memory: asking(
      'Bytes of memory in all.',
      'ps.total_physical_memory',
      {},
      async (_, { look }) => (await memory(look)).total ?? 0,
    ),
    num_cpus: asking('Number of processors.', 'ps.num_cpus', {}, async () => availableParallelism()),
    boot_time: asking(
      'When the machine started: seconds since the epoch.',
      "ps.boot_time '%Y-%m-%d'",
      { time_format: optional(text, "In the form of Python's strftime.") },
      async (given, { look }) => {
        const boot = await bootTime(look)
        if (given.time_format === undefined) return boot
        const { formatMoment, localMoment } = await import('../../../shared/render/jinja/salt/moments.ts')
        return formatMoment(localMoment(boot), given.time_format)
      },
    ),
    disk_usage: asking(
      'Bytes of the file system that a path is on.',
      'ps.disk_usage /home',
      { path: needed(absolutePath, 'The path.') },
      async (given) => {
        const { statfs } = await import('node:fs/promises')
        const { bsize, blocks, bfree, bavail } = await statfs(given.path)
        const used = (blocks - bfree) * bsize
        return {
          total: blocks * bsize,
          used,
          free: bavail * bsize,
          percent: blocks === 0 ? 0 : Math.round((used / (used + bavail * bsize)) * 1000) / 10,
        }
      },
    ),
  },
})
