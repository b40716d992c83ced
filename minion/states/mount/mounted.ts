/** mount.mounted and mount.unmounted: a file system at its place, now and after the next start. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { readTextFile, writeTextFile } from '../text-file.ts'
import { isSameDevice, missingOptions } from './active.ts'
import { config, device, fstabEntries, mountedEntries, optionText, point } from './arguments.ts'
import { entriesIn, type FstabEntry, isSameEntry, withEntry, withoutEntry } from './fstab.ts'

/** What the kernel has mounted at the place, the last one on top. */
export async function mountedAt(place: string, look: Reader): Promise<FstabEntry | undefined> {
  const file = (await look.files.infoFollowed('/proc/mounts'))
    ? await look.files.read('/proc/mounts')
    : new Uint8Array()
  return entriesIn(Buffer.from(file).toString('utf8'))
    .filter((entry) => entry.point === place)
    .at(-1)
}

/** @param back the command that takes it back */
export async function run(
  words: readonly string[],
  back: readonly string[],
  act: Changer,
): Promise<Applied | undefined> {
  const { code, stderr, stdout } = await act.commands.run(words, { undo: [{ argv: back }] })
  return code === 0
    ? undefined
    : { ok: false, comment: `${words[0]} failed: ${saidBy({ code, stderr, stdout })}` }
}

/** As the kernel has it; its list of options is one that mount takes. */
const mountAgain = ({ device: from, point: at, type, options }: FstabEntry): string[] => [
  'mount',
  '-t',
  type,
  ...(options === '' ? [] : ['-o', options]),
  '--',
  from,
  at,
]

const mountedArguments = v.strictObject({ name: point, device, ...fstabEntries, ...mountedEntries })
type MountedArguments = v.InferOutput<typeof mountedArguments>

const wish = ({ name, device: from, fstype, opts, dump, pass_num }: MountedArguments): FstabEntry => ({
  device: from,
  point: name,
  type: fstype,
  options: optionText(opts),
  dump: String(dump),
  pass: String(pass_num),
})

export const sameLine = (a: FstabEntry | undefined, b: FstabEntry): boolean =>
  a !== undefined &&
  a.device === b.device &&
  a.point === b.point &&
  a.type === b.type &&
  a.options === b.options &&
  a.dump === b.dump &&
  a.pass === b.pass

export const mounted = stateFunction({
  summary: 'Makes sure that a file system is mounted, and stands in the table of file systems.',
  args: mountedArguments,
  examples: [
    '/srv/data:\n  mount.mounted:\n    - device: /dev/sdb1\n    - fstype: ext4\n    - opts: [noatime, nodev]\n    - mkmnt: True\n    - pass_num: 2\n',
  ],
  async check(wanted, look, state) {
    const { name } = wanted
    const file = await readTextFile(wanted.config, look)
    if (file.kind !== 'text') return file
    const entry = wish(wanted)
    const kept = entriesIn(file.text).find((one) => isSameEntry(one, entry))
    const writes = wanted.persist && !sameLine(kept, entry)
    const active = wanted.mount ? await mountedAt(name, look) : undefined
    const isOther = active !== undefined && !(await isSameDevice(entry, active, look))
    const mounts = wanted.mount && (active === undefined || isOther)
    const visible = (wanted.opts ?? []).filter((option) => !wanted.hidden_opts?.includes(option))
    const missing = active === undefined || isOther ? [] : missingOptions(visible.join(','), active)
    const directory = await look.files.infoFollowed(name)
    if (!directory && !wanted.mkmnt && mounts && !(state.test && state.predicted.length > 0))
      return failed(
        `Mount directory ${name} is not present`,
        'Give "mkmnt: True", or make it in an earlier state.',
      )
    const remounts = `options (${missing.join(', ')}) changed`
    const changes: Record<string, Plain> = {
      ...(isOther && {
        umount: `Forced unmount because devices don't match. Wanted: ${entry.device}, current: ${active.device}`,
      }),
      ...(missing.length > 0 && { umount: `Forced remount because ${remounts}` }),
      ...(mounts && { mount: true }),
      ...(writes && { persist: kept ? 'update' : 'new' }),
    }
    if (Object.keys(changes).length === 0)
      return inSync(wanted.mount ? 'Target was already mounted' : `${name} is already in ${wanted.config}`)
    const comments = {
      would: mounts
        ? `${name} would be mounted`
        : missing.length > 0
          ? `Remount would be forced because ${remounts}`
          : `${wanted.config} would be updated`,
      done: mounts
        ? 'Target was successfully mounted'
        : missing.length > 0
          ? 'Target was already mounted, and remounted with its options'
          : `${wanted.config} was updated`,
    }
    return drift(changes, comments, async (act) => {
      if (!directory && wanted.mkmnt)
        await act.files.makeDirectory(name, {
          parents: true,
          mode: 0o755,
          ...(wanted.user !== undefined && { user: wanted.user }),
        })
      if (isOther) {
        const failure = await run(['umount', '--', name], mountAgain(active), act)
        if (failure) return failure
      }
      if (active && missing.length > 0) {
        const failure = await remount(wanted, active, act)
        if (failure) return failure
      }
      if (mounts) {
        const options = wanted.opts && wanted.opts.length > 0 ? ['-o', optionText(wanted.opts)] : []
        const words = ['mount', '-t', wanted.fstype, ...options, '--', wanted.device, name]
        const failure = await run(words, ['umount', '--', name], act)
        if (failure) return failure
      }
      if (writes) await writeTextFile(file, withEntry(file.text, entry), act, { mode: 0o644 })
      return undefined
    })
  },
  /** With its options again: a table or a file on the device may have changed. */
  async refresh(wanted, look) {
    const active = await mountedAt(wanted.name, look)
    if (!active) return inSync(`${wanted.name} is not mounted`)
    const comments = { would: `${wanted.name} would be remounted`, done: `${wanted.name} remounted` }
    return drift({}, comments, (act) => remount(wanted, active, act))
  },
})

function remount(
  { name, opts }: MountedArguments,
  active: FstabEntry,
  act: Changer,
): Promise<Applied | undefined> {
  const words = (options: string): string[] => ['mount', '-o', `remount,${options}`, '--', name]
  return run(words(optionText(opts)), words(active.options), act)
}

export const unmounted = stateFunction({
  summary: 'Makes sure that nothing is mounted at a place.',
  args: v.strictObject({
    name: point,
    device: optional(nonEmptyText, 'Only if this is what is mounted.'),
    persist: defaulted(flag, false, 'Also take it from the table of file systems.'),
    config,
    user: optional(nonEmptyText, 'Accepted for trees of Salt.'),
  }),
  examples: ['/mnt/old:\n  mount.unmounted:\n    - persist: True\n'],
  async check(wanted, look) {
    const { name } = wanted
    const file = await readTextFile(wanted.config, look)
    if (file.kind !== 'text') return file
    const now = await mountedAt(name, look)
    const isIt = now !== undefined && (wanted.device === undefined || wanted.device === now.device)
    const kept = entriesIn(file.text).find(
      (one) =>
        one.point === name &&
        one.type !== 'swap' &&
        (wanted.device === undefined || one.device === wanted.device),
    )
    const forgets = wanted.persist && kept !== undefined
    const changes: Record<string, Plain> = {
      ...(isIt && { umount: true }),
      ...(forgets && { persist: 'purged' }),
    }
    if (Object.keys(changes).length === 0) return inSync('Target was already unmounted')
    const comments = {
      would: `Mount point ${name} is mounted but should not be`,
      done: isIt ? 'Target was successfully unmounted' : `${name} was removed from ${wanted.config}`,
    }
    return drift(changes, comments, async (act) => {
      const failure = isIt ? await run(['umount', '--', name], mountAgain(now), act) : undefined
      if (failure) return failure
      if (forgets) await writeTextFile(file, withoutEntry(file.text, kept), act)
      return undefined
    })
  },
})
