/** mount.fstab_present, fstab_absent and swap: lines of the table of file systems; swap is used at once. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { inOneLine } from '../../../shared/schema/in-one-line.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { choice, flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { drift, failed, inSync, stateFunction } from '../contract.ts'
import { linesOf, readTextFile, writeTextFile } from '../text-file.ts'
import { deviceNode } from './active.ts'
import { config, fstabEntries, optionText } from './arguments.ts'
import { entriesIn, type FstabEntry, isSameEntry, withEntry, withoutEntry } from './fstab.ts'
import { mountedAt, run, sameLine } from './mounted.ts'

const name = needed(inOneLine(nonEmptyText), 'What is mounted: `/dev/sdb1`, `UUID=…`, `tmpfs`.')
const place = needed(inOneLine(absolutePath), 'Where it is mounted.')
const { opts, fstype, dump, pass_num } = fstabEntries

export const fstabPresent = stateFunction({
  summary: 'Makes sure that a line stands in the table of file systems; nothing is mounted now.',
  args: v.strictObject({
    name,
    fs_file: place,
    fs_vfstype: fstype,
    fs_mntops: opts,
    fs_freq: dump,
    fs_passno: pass_num,
    config,
    not_change: defaulted(flag, false, 'Leave a line for this place as it is, whatever it says.'),
    mount: defaulted(flag, true, 'Mount it at once where its line is new.'),
    mount_by: optional(
      choice(['device', 'uuid', 'label', 'partuuid', 'partlabel']),
      'How the device is written: `uuid` writes `UUID=…`. Not given: as it is.',
    ),
    match_on: optional(text, 'Accepted for trees of Salt; a line is found by its place.'),
    fs_mount: optional(flag, 'Accepted for trees of Salt; only AIX has it.'),
  }),
  examples: [
    '/dev/sdb1:\n  mount.fstab_present:\n    - fs_file: /srv/data\n    - fs_vfstype: ext4\n    - fs_mntops: noatime\n',
  ],
  async check(wanted, look) {
    const file = await readTextFile(wanted.config, look)
    if (file.kind !== 'text') return file
    const written = await deviceBy(wanted.name, wanted.mount_by, look)
    if (written === undefined)
      return failed(
        `Device ${wanted.name} cannot be converted to ${wanted.mount_by}`,
        'See that it exists and holds a file system: blkid shows what each device has.',
      )
    const entry: FstabEntry = {
      device: written,
      point: wanted.fs_file,
      type: wanted.fs_vfstype,
      options: optionText(wanted.fs_mntops),
      dump: String(wanted.fs_freq),
      pass: String(wanted.fs_passno),
    }
    const kept = entriesIn(file.text).find((one) => isSameEntry(one, entry))
    if (sameLine(kept, entry) || (kept && wanted.not_change))
      return inSync(`${wanted.fs_file} entry is already in ${wanted.config}.`)
    const changes: Plain = { persist: kept ? 'change' : 'new' }
    const comments = {
      would: `${wanted.fs_file} entry will be written in ${wanted.config}.`,
      done: `${wanted.fs_file} entry ${kept ? 'updated' : 'added'} in ${wanted.config}.`,
    }
    return drift(changes, comments, async (act) => {
      await writeTextFile(file, withEntry(file.text, entry), act, { mode: 0o644 })
      const mounts = wanted.mount && !kept && entry.type !== 'swap' && file.path === '/etc/fstab'
      if (!mounts || (await mountedAt(entry.point, act.look))) return undefined
      return run(['mount', '--', entry.point], ['umount', '--', entry.point], act)
    })
  },
})

/** As `mount_by` says; undefined: the device has none. */
async function deviceBy(name: string, by: string | undefined, look: Reader): Promise<string | undefined> {
  const tag = by?.toUpperCase()
  if (tag === undefined || name.toUpperCase().startsWith(`${tag}=`)) return name
  const node = await deviceNode(name, look)
  if (tag === 'DEVICE') return node
  const { code, stdout } = await look.commands.query(['blkid', '-o', 'value', '-s', tag, '--', node ?? name])
  return code === 0 && stdout.trim() !== '' ? `${tag}=${stdout.trim()}` : undefined
}

export const fstabAbsent = stateFunction({
  summary: 'Makes sure that no line for a place stands in the table of file systems.',
  args: v.strictObject({
    name,
    fs_file: place,
    mount_by: optional(text, 'Accepted for trees of Salt.'),
    config,
  }),
  examples: ['/dev/sdb1:\n  mount.fstab_absent:\n    - fs_file: /srv/data\n'],
  async check(wanted, look) {
    const file = await readTextFile(wanted.config, look)
    if (file.kind !== 'text') return file
    const kept = entriesIn(file.text).find((one) => one.point === wanted.fs_file && one.type !== 'swap')
    if (!kept) return inSync(`${wanted.fs_file} entry is already missing in ${wanted.config}.`)
    const comments = {
      would: `${wanted.fs_file} entry will be removed from ${wanted.config}.`,
      done: `${wanted.fs_file} entry removed from ${wanted.config}.`,
    }
    return drift({ persist: 'removed' }, comments, (act) =>
      writeTextFile(file, withoutEntry(file.text, kept), act),
    )
  },
})

export const swap = stateFunction({
  summary: 'Makes sure that a device or file is used as swap.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'The device or file, made for swap (mkswap): a path, or `UUID=…`.'),
    persist: defaulted(flag, true, 'Also after the next start.'),
    config,
  }),
  examples: ['/swapfile:\n  mount.swap: []\n'],
  refuse: ({ name: from }) =>
    /^(?:\/|(?:UUID|LABEL|PARTUUID|PARTLABEL)=)/i.test(from)
      ? undefined
      : { argument: 'name', reason: 'it is neither a path nor UUID=, LABEL=, PARTUUID= or PARTLABEL=' },
  async check(wanted, look) {
    const file = await readTextFile(wanted.config, look)
    if (file.kind !== 'text') return file
    const used = (await look.files.infoFollowed('/proc/swaps'))
      ? Buffer.from(await look.files.read('/proc/swaps')).toString('utf8')
      : ''
    const node = await deviceNode(wanted.name, look)
    const isUsed = linesOf(used).some((line) => line.split(/\s+/)[0] === (node ?? wanted.name))
    if (!isUsed && node === undefined)
      return failed(`${wanted.name} does not exist`, 'Make it in an earlier state (cmd.run: mkswap).')
    const entry: FstabEntry = {
      device: wanted.name,
      point: 'none',
      type: 'swap',
      options: 'defaults',
      dump: '0',
      pass: '0',
    }
    const writes = wanted.persist && !entriesIn(file.text).some((one) => isSameEntry(one, entry))
    if (isUsed && !writes) return inSync(`Swap ${wanted.name} already active`)
    const changes: Plain = { ...(!isUsed && { swap: 'added' }), ...(writes && { persist: 'new' }) }
    const comments = {
      would: `Swap ${wanted.name} is set to be added and/or activated`,
      done: `Swap ${wanted.name} activated`,
    }
    return drift(changes, comments, async (act) => {
      const failure = isUsed ? undefined : await run(['swapon', wanted.name], ['swapoff', wanted.name], act)
      if (failure) return failure
      if (writes) await writeTextFile(file, withEntry(file.text, entry), act, { mode: 0o644 })
      return undefined
    })
  },
})
