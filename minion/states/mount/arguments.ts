/** What mount functions share. */
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything, nameList } from '../../../shared/schema/collections.ts'
import { inOneLine } from '../../../shared/schema/in-one-line.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { account, flag, nonEmptyText, whole } from '../../../shared/schema/scalars.ts'

export const point = needed(inOneLine(absolutePath), 'Where it is mounted.')
export const device = needed(
  inOneLine(nonEmptyText),
  'What is mounted: `/dev/sdb1`, `UUID=…`, `host:/export`, `tmpfs`.',
)
export const config = defaulted(absolutePath, '/etc/fstab', 'The table of file systems.')
export const fstabEntries = {
  fstype: needed(inOneLine(nonEmptyText), 'Type of the file system.'),
  opts: optional(inOneLine(nameList), 'Options, as a list or with commas; default: `defaults`.'),
  dump: defaulted(whole, 0, 'Field of dump.'),
  pass_num: defaulted(whole, 0, 'When it is checked at the start: 0 never, 1 the root, 2 others.'),
  config,
}
/** Of Salt, which compares all options as texts and so has to be told which to leave out. */
const comparing = optional(
  anything,
  'Accepted for trees of Salt; only options that the kernel shows as given are compared.',
)

export const mountedEntries = {
  mkmnt: defaulted(flag, false, 'Make the directory where it is missing.'),
  persist: defaulted(flag, true, 'False: leave the table of file systems alone.'),
  mount: defaulted(flag, true, 'False: only write the table.'),
  user: optional(account, 'Owner of a directory that is made.'),
  match_on: optional(anything, 'Accepted for trees of Salt; a line of the table is found by its place.'),
  device_name_regex: optional(
    anything,
    'Accepted for trees of Salt; names of one device are told by the node behind them.',
  ),
  extra_mount_invisible_options: comparing,
  extra_mount_invisible_keys: comparing,
  extra_mount_ignore_fs_keys: comparing,
  extra_mount_translate_options: comparing,
  bind_mount_copy_active_opts: comparing,
  hidden_opts: optional(
    nameList,
    'Options that are given to mount, and of which nothing is expected to be seen.',
  ),
}

export const optionText = (opts: readonly string[] | undefined): string =>
  opts && opts.length > 0 ? opts.join(',') : 'defaults'
