/** Execution module `disk`: how full file systems are, and what block devices there are. */
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { execModule } from './contract.ts'
import { asking } from './define.ts'

interface Row {
  readonly filesystem: string
  readonly total: string
  readonly used: string
  readonly available: string
  readonly capacity: string
}

/** What df prints in POSIX's form, by the place where it is mounted. */
async function df(look: Reader, options: readonly string[]): Promise<Map<string, Row>> {
  const { code, stdout, stderr } = await look.commands.query(['df', '-P', ...options], {
    env: { LC_ALL: 'C' },
  })
  // df ends with 1 where one of many could not be asked, and tells of all others.
  if (code !== 0 && stdout === '')
    throw new TsaltError('function-failed', { fun: 'disk.usage', reason: stderr.trim() })
  const rows = stdout
    .split('\n')
    .slice(1)
    .flatMap((line): [string, Row][] => {
      const match = /^(.*?)\s+(\d+|-)\s+(\d+|-)\s+(-?\d+|-)\s+(\d+%|-)\s+(.*)$/.exec(line)
      if (!match) return []
      const [, filesystem = '', total = '', used = '', available = '', capacity = '', place = ''] = match
      return [[place, { filesystem, total, used, available, capacity }]]
    })
  return new Map(rows)
}

const args = optional(nonEmptyText, 'Letters of df: `l` only local ones.')
const flagsOf = (given: string | undefined): string[] => {
  if (given === undefined) return []
  const letters = given.replace(/^-/, '')
  if (!/^[aklT]+$/.test(letters))
    throw new TsaltError('function-failed', { fun: 'disk', reason: `df has no option "${given}" here` })
  return [`-${letters.replaceAll('T', '')}`].filter((flag) => flag !== '-')
}

async function blockDevices(look: Reader, device: string | undefined): Promise<Plain> {
  if (device?.startsWith('-'))
    throw new TsaltError('function-failed', { fun: 'disk.blkid', reason: 'that is no device' })
  const { stdout } = await look.commands.query(['blkid', ...(device === undefined ? [] : ['--', device])])
  const found = new Map<string, Plain>()
  for (const line of stdout.split('\n')) {
    const [, name, rest = ''] = /^(\S+):\s+(.*)$/.exec(line) ?? []
    if (name !== undefined)
      found.set(
        name,
        new Map([...rest.matchAll(/([A-Z_]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])),
      )
  }
  return found
}

const counters = [
  'reads completed',
  'reads merged',
  'sectors read',
  'ms reading',
  'writes completed',
  'writes merged',
  'sectors written',
  'ms writing',
  'io in progress',
  'ms spent in io',
  'ms weighted io',
] as const

export const diskModule = execModule({
  summary: 'File systems and block devices.',
  functions: {
    usage: asking(
      'Blocks of 1 KiB of every file system, by place.',
      'disk.usage',
      { args },
      async (given, { look }) => {
        const rows = await df(look, ['-k', ...flagsOf(given.args)])
        return new Map(
          [...rows].map(([place, { total, ...row }]) => [
            place,
            {
              filesystem: row.filesystem,
              '1K-blocks': total,
              used: row.used,
              available: row.available,
              capacity: row.capacity,
            },
          ]),
        )
      },
    ),
    inodeusage: asking(
      'Inodes of every file system, by place.',
      'disk.inodeusage',
      { args },
      async (given, { look }) => {
        const rows = await df(look, ['-i', ...flagsOf(given.args)])
        return new Map(
          [...rows].map(([place, row]) => [
            place,
            {
              filesystem: row.filesystem,
              inodes: row.total,
              used: row.used,
              free: row.available,
              use: row.capacity,
            },
          ]),
        )
      },
    ),
    percent: asking(
      'How full file systems are, or one.',
      'disk.percent /var',
      { args: optional(absolutePath, 'Where it is mounted.') },
      async (given, { look }) => {
        const rows = await df(look, ['-k'])
        if (given.args !== undefined) return rows.get(given.args)?.capacity ?? ''
        return new Map([...rows].map(([place, { capacity }]) => [place, capacity]))
      },
    ),
    blkid: asking(
      'Block devices with their file systems, labels and ids.',
      'disk.blkid /dev/sda1',
      { device: optional(nonEmptyText, 'Only this one.') },
      (given, { look }) => blockDevices(look, given.device),
    ),
    fstype: asking(
      'Type of the file system on a device; empty where there is none.',
      'disk.fstype /dev/sda1',
      { device: optional(absolutePath, 'The device.') },
      async (given, { look }) => {
        const found = (await blockDevices(look, given.device)) as Map<string, Map<string, string>>
        return [...found.values()][0]?.get('TYPE') ?? ''
      },
    ),
    iostat: asking(
      'Counters of reads and writes of every block device since the start.',
      'disk.iostat',
      {},
      async (_, { look }) => {
        const text = Buffer.from(await look.files.read('/proc/diskstats')).toString('utf8')
        const rows = text.split('\n').flatMap((line): [string, Plain][] => {
          const [, , name, ...numbers] = line.trim().split(/\s+/)
          return name === undefined
            ? []
            : [
                [
                  name,
                  Object.fromEntries(
                    counters.map((counter, index) => [counter, Number(numbers[index] ?? 0)]),
                  ),
                ],
              ]
        })
        return new Map(rows)
      },
    ),
  },
})
