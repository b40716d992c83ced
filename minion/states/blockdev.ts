/** blockdev.*: file systems on block devices, and how the kernel reads them. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { choice, flag, nonEmptyText, whole } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import {
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
} from './contract.ts'
import { missingUnlessBrought, requireProgram } from './required-program.ts'
import { saidBy } from './said-by.ts'
import { runSteps, type Step } from './steps.ts'

const device = needed(absolutePath, 'The device: `/dev/sdb1`.')
const bringers: ReadonlySet<string> = new Set(['lvm', 'cmd', 'mdadm', 'pkg'])

/** @returns a decision where it is not a block device */
async function requireDevice(name: string, look: Reader, run: StateRun): Promise<Decision | undefined> {
  const info = await look.files.infoFollowed(name)
  if (info?.type === 'block-device') return undefined
  if (info) return failed(`${name} is a ${info.type}, not a block device`)
  return missingUnlessBrought(
    `${name} does not exist`,
    'Correct the name; "lsblk" has those that exist.',
    bringers,
    run,
  )
}

const programs: Readonly<Record<string, readonly [string, string]>> = {
  ext2: ['mkfs.ext2', 'e2fsprogs'],
  ext3: ['mkfs.ext3', 'e2fsprogs'],
  ext4: ['mkfs.ext4', 'e2fsprogs'],
  xfs: ['mkfs.xfs', 'xfsprogs'],
  btrfs: ['mkfs.btrfs', 'btrfs-progs'],
  vfat: ['mkfs.vfat', 'dosfstools'],
  fat: ['mkfs.fat', 'dosfstools'],
  swap: ['mkswap', 'util-linux'],
}

const formattedArgs = v.strictObject({
  name: device,
  fs_type: defaulted(
    choice(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'vfat', 'fat', 'swap']),
    'ext4',
    'The file system.',
  ),
  force: defaulted(flag, false, 'True: also where another file system is; what it holds is lost.'),
  inode_size: optional(whole, 'Of ext: bytes of an inode.'),
  lazy_itable_init: optional(flag, 'Of ext: whether tables are written later.'),
})
type Formatted = v.InferOutput<typeof formattedArgs>

function makeArgv({ name, fs_type, force, inode_size, lazy_itable_init }: Formatted): string[] {
  const [program = ''] = programs[fs_type] ?? []
  const isExt = fs_type.startsWith('ext')
  const forced = isExt ? ['-F'] : fs_type === 'xfs' || fs_type === 'btrfs' || fs_type === 'swap' ? ['-f'] : []
  return [
    program,
    ...(force ? forced : []),
    ...(isExt && inode_size !== undefined ? ['-I', String(inode_size)] : []),
    ...(isExt && lazy_itable_init !== undefined
      ? ['-E', `lazy_itable_init=${Number(lazy_itable_init)}`]
      : []),
    name,
  ]
}

const formatted = stateFunction({
  summary: 'Makes sure that a device has a file system; one that has another is left alone without `force`.',
  args: formattedArgs,
  examples: ['/dev/vdb1:\n  blockdev.formatted:\n    - fs_type: ext4\n'],
  async check(wanted, look, run) {
    const { name, fs_type, force } = wanted
    const lacking = await requireDevice(name, look, run)
    if (lacking) return lacking
    // What is on the device itself, not what a cache says of it.
    const found = await look.commands.query([
      'blkid',
      '-p',
      '-s',
      'TYPE',
      '-s',
      'PTTYPE',
      '-o',
      'export',
      name,
    ])
    if (found.code !== 0 && found.code !== 2) return failed(`${name} cannot be read: ${saidBy(found)}`)
    const current = /^TYPE=(.*)$/m.exec(found.stdout)?.[1]
    const partitions = /^PTTYPE=(.*)$/m.exec(found.stdout)?.[1]
    if (current === fs_type || (fs_type === 'fat' && current === 'vfat'))
      return inSync(`${name} already formatted with ${fs_type}`)
    const there = current ?? (partitions === undefined ? undefined : `a table of partitions (${partitions})`)
    if (there !== undefined && !force)
      return failed(
        `Failed to format ${name}: it holds ${there}`,
        'Give "force: True" where what it holds may be lost.',
      )
    const [program = '', from = ''] = programs[fs_type] ?? []
    const missing = await requireProgram({ program, package: from }, look, run)
    if (missing) return missing
    const changes: Plain = { new: fs_type, old: current ?? '' }
    const comments = {
      would: `Changes to ${name} will be applied`,
      done: `${name} has been formatted with ${fs_type}`,
    }
    const empty =
      there === undefined
        ? { undo: [{ argv: ['wipefs', '--all', '--types', fs_type === 'fat' ? 'vfat' : fs_type, name] }] }
        : {}
    return drift(changes, comments, (act) =>
      runSteps([{ argv: makeArgv(wanted), ...empty }], act, `Failed to format ${name}`),
    )
  },
})

const settings = {
  'read-ahead': { get: '--getra', set: '--setra' },
  'filesystem-read-ahead': { get: '--getfra', set: '--setfra' },
} as const

const tunedArgs = v.strictObject({
  name: device,
  'read-ahead': optional(whole, 'Sectors of 512 bytes that are read ahead.'),
  'filesystem-read-ahead': optional(whole, 'The same for the file system.'),
  'read-only': optional(flag, 'True: nothing can be written to it.'),
  'read-write': optional(flag, 'True: it can be written to.'),
  layout: optional(nonEmptyText, 'Accepted for trees of Salt.'),
})

const tuned = stateFunction({
  summary: 'Makes sure how the kernel reads a device, until the next start.',
  args: tunedArgs,
  examples: ['/dev/vdb:\n  blockdev.tuned:\n    - read-ahead: 1024\n'],
  refuse: (wanted) =>
    wanted['read-only'] === true && wanted['read-write'] === true
      ? { argument: 'read-write', reason: 'either read-only or read-write' }
      : undefined,
  async check(wanted, look, run) {
    const lacking =
      (await requireDevice(wanted.name, look, run)) ??
      (await requireProgram({ program: 'blockdev', package: 'util-linux' }, look, run))
    if (lacking) return lacking
    const ask = async (option: string): Promise<string> =>
      (await look.commands.query(['blockdev', option, wanted.name])).stdout.trim()
    const changes: Record<string, Plain> = {}
    const steps: Step[] = []
    for (const [key, { get, set }] of Object.entries(settings)) {
      const wish = wanted[key as keyof typeof settings]
      const now = wish === undefined ? '' : await ask(get)
      if (wish === undefined || now === String(wish)) continue
      changes[key] = { old: now, new: String(wish) }
      steps.push({
        argv: ['blockdev', set, String(wish), wanted.name],
        undo: [{ argv: ['blockdev', set, now, wanted.name] }],
      })
    }
    const readOnly =
      wanted['read-only'] === true ? true : wanted['read-write'] === true ? false : wanted['read-only']
    if (readOnly !== undefined && (await ask('--getro')) !== String(Number(readOnly))) {
      changes['read-only'] = { old: !readOnly, new: readOnly }
      const option = (only: boolean): string => (only ? '--setro' : '--setrw')
      steps.push({
        argv: ['blockdev', option(readOnly), wanted.name],
        undo: [{ argv: ['blockdev', option(!readOnly), wanted.name] }],
      })
    }
    if (steps.length === 0) return inSync(`Block device ${wanted.name} is already tuned`)
    const comments = {
      would: `Changes to ${wanted.name} will be applied`,
      done: `Block device ${wanted.name} successfully modified`,
    }
    return drift(changes, comments, (act) =>
      runSteps(steps, act, `Failed to modify block device ${wanted.name}`),
    )
  },
})

export const blockdev = stateModule({
  summary: 'File systems on block devices, and how the kernel reads them.',
  functions: { formatted, tuned },
})
