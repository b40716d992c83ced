/** Execution module `mount`: file systems at their places, the table of them, and swap. */
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import type { FstabEntry } from '../states/mount/fstab.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const name = needed(absolutePath, 'Where it is mounted.')
const device = needed(nonEmptyText, 'What is mounted.')
const config = defaulted(absolutePath, '/etc/fstab', 'The table of file systems.')
const opts = optional(textList, 'Options; default: the usual ones.')
const fstype = defaulted(nonEmptyText, 'auto', 'Type of the file system.')

async function table(path: string, look: Reader): Promise<FstabEntry[]> {
  if (!(await look.files.infoFollowed(path))) return []
  const { entriesIn } = await import('../states/mount/fstab.ts')
  return entriesIn(Buffer.from(await look.files.read(path)).toString('utf8'))
}

const words = (options: string): string[] => options.split(',').filter((option) => option !== '')

async function fstab(path: string, look: Reader): Promise<Plain> {
  const entries = (await table(path, look)).map(
    ({ device: from, point, type, options, dump, pass }): [string, Plain] => [
      type === 'swap' ? from : point,
      { device: from, fstype: type, opts: words(options), dump, pass },
    ],
  )
  return new Map(entries)
}

async function run(
  fun: string,
  argv: readonly string[],
  back: readonly string[],
  act: Changer,
): Promise<true | string> {
  const { code, stdout, stderr } = await act.commands.run(argv, { undo: [{ argv: back }] })
  return code === 0 ? true : (stderr || stdout).trim() || `${fun} failed`
}

function mountWords(given: {
  name: string
  device: string
  fstype: string
  opts?: readonly string[]
}): string[] {
  if (given.device.startsWith('-'))
    throw new TsaltError('function-failed', { fun: 'mount.mount', reason: 'that is no device' })
  const options = given.opts?.length ? ['-o', given.opts.join(',')] : []
  return ['mount', '-t', given.fstype, ...options, '--', given.device, given.name]
}

async function swaps(look: Reader): Promise<Map<string, Plain>> {
  if (!(await look.files.infoFollowed('/proc/swaps'))) return new Map()
  const lines = Buffer.from(await look.files.read('/proc/swaps'))
    .toString('utf8')
    .split('\n')
    .slice(1)
  return new Map(
    lines.flatMap((line): [string, Plain][] => {
      const [from, type, size, used, priority] = line.split(/\s+/)
      return from && type !== undefined ? [[from, { type, size, used, priority }]] : []
    }),
  )
}

const listed = (fun: string) =>
  asking('The table of file systems, by place.', `mount.${fun}`, { config }, (given, { look }) =>
    fstab(given.config, look),
  )

export const mountModule = execModule({
  summary: 'File systems at their places, the table of them, and swap.',
  functions: {
    active: asking(
      'What is mounted now, by place.',
      'mount.active',
      {},
      async (_, { look }) =>
        new Map(
          (await table('/proc/mounts', look)).map(
            ({ device: from, point, type, options }): [string, Plain] => [
              point,
              { alt_device: from, device: from, fstype: type, opts: words(options) },
            ],
          ),
        ),
    ),
    fstab: listed('fstab'),
    vfstab: listed('vfstab'),
    is_mounted: asking(
      'True where something is mounted at the place.',
      'mount.is_mounted /srv',
      { name },
      async (given, { look }) =>
        (await table('/proc/mounts', look)).some(({ point }) => point === given.name),
    ),
    mount: changing(
      'Mounts; True, or what mount says.',
      'mount.mount /srv/data /dev/sdb1 mkmnt=True fstype=ext4',
      { name, device, mkmnt: defaulted(flag, false, 'Make the place.'), fstype, opts },
      async (given, { look, act }) => {
        if (given.mkmnt && !(await look.files.infoFollowed(given.name)))
          await act.files.makeDirectory(given.name, { parents: true })
        return run('mount', mountWords(given), ['umount', '--', given.name], act)
      },
    ),
    remount: changing(
      'Mounts again with other options; True, or what mount says.',
      'mount.remount /srv /dev/sdb1 opts=ro',
      { name, device, mkmnt: defaulted(flag, false, 'Make the place.'), fstype, opts },
      async (given, { look, act }) => {
        const now = (await table('/proc/mounts', look)).find(({ point }) => point === given.name)
        if (!now) return run('mount', mountWords(given), ['umount', '--', given.name], act)
        const options = ['remount', ...(given.opts ?? [])].join(',')
        const back = ['mount', '-o', `remount,${now.options}`, '--', given.name]
        return run('mount', ['mount', '-o', options, '--', given.name], back, act)
      },
    ),
    umount: changing(
      'Unmounts; True, or what umount says.',
      'mount.umount /srv',
      { name, device: optional(nonEmptyText, 'Only if this is what is mounted.') },
      async (given, { look, act }) => {
        const now = (await table('/proc/mounts', look)).filter(({ point }) => point === given.name).at(-1)
        if (!now || (given.device !== undefined && now.device !== given.device))
          return `${given.name} does not have anything mounted`
        const back = mountWords({
          name: given.name,
          device: now.device,
          fstype: now.type,
          opts: words(now.options),
        })
        return run('umount', ['umount', '--', given.name], back, act)
      },
    ),
    set_fstab: changing(
      'Puts a file system into the table: `new`, `change` or `present`.',
      'mount.set_fstab /srv /dev/sdb1 ext4',
      {
        name: needed(nonEmptyText, 'Where it is mounted; `none` for swap.'),
        device,
        fstype: needed(nonEmptyText, 'Type of the file system.'),
        opts: defaulted(text, 'defaults', 'Options.'),
        dump: defaulted(text, '0', 'Number for dump.'),
        pass_num: defaulted(text, '0', 'Turn when it is checked.'),
        config,
      },
      async (given, context) => {
        const { isSameEntry, withEntry } = await import('../states/mount/fstab.ts')
        const { device: from, name: point, fstype: type, opts: options, dump, pass_num: pass } = given
        const entry = { device: from, point, type, options, dump, pass }
        const kept = (await table(given.config, context.look)).find((one) => isSameEntry(one, entry))
        if (kept && JSON.stringify(kept) === JSON.stringify(entry)) return 'present'
        const before = (await context.look.files.infoFollowed(given.config))
          ? await context.look.files.read(given.config)
          : new Uint8Array()
        await context.act.files.write(
          given.config,
          Buffer.from(withEntry(Buffer.from(before).toString('utf8'), entry)),
        )
        return kept ? 'change' : 'new'
      },
    ),
    rm_fstab: changing(
      'Takes a file system from the table.',
      'mount.rm_fstab /srv /dev/sdb1',
      { name, device: optional(nonEmptyText, 'Only with this device.'), config },
      async (given, { look, act }) => {
        const entry = (await table(given.config, look)).find(
          ({ point, device: from }) =>
            point === given.name && (given.device === undefined || from === given.device),
        )
        if (!entry) return true
        const { withoutEntry } = await import('../states/mount/fstab.ts')
        const before = Buffer.from(await look.files.read(given.config)).toString('utf8')
        await act.files.write(given.config, Buffer.from(withoutEntry(before, entry)))
        return true
      },
    ),
    swaps: asking('Devices and files that are used as swap.', 'mount.swaps', {}, (_, { look }) =>
      swaps(look),
    ),
    swapon: changing(
      'Uses a device or file as swap.',
      'mount.swapon /swapfile',
      { name: needed(absolutePath, 'The device or file.') },
      async (given, context) => {
        const had = (await swaps(context.look)).has(given.name)
        if (!had) await byState('mount.swap', { name: given.name, persist: false }, context)
        return { stats: (await swaps(context.look)).get(given.name) ?? {}, new: !had }
      },
    ),
    swapoff: changing(
      'Uses a device or file as swap no longer.',
      'mount.swapoff /swapfile',
      { name: needed(absolutePath, 'The device or file.') },
      async (given, { look, act }) => {
        if (!(await swaps(look)).has(given.name)) return null
        return (await run('swapoff', ['swapoff', given.name], ['swapon', given.name], act)) === true
      },
    ),
  },
})
