/** lvm.lv_*: logical volumes. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText, whole } from '../../../shared/schema/scalars.ts'
import { drift, failed, inSync, stateFunction } from '../contract.ts'
import { runSteps } from '../steps.ts'
import { isRows, rows, volumeName } from './report.ts'

const units: Readonly<Record<string, number>> = {
  b: 1,
  s: 512,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
}

function bytesOf(size: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([bskmgt]?)(?:i?b)?$/i.exec(size) ?? []
  return number === undefined ? undefined : Number(number) * (units[unit.toLowerCase() || 'm'] ?? 1)
}

export const lvPresent = stateFunction({
  summary: 'Makes sure that a logical volume exists, and on request has its size.',
  args: v.strictObject({
    name: needed(volumeName, 'The volume.'),
    vgname: needed(volumeName, 'Its group.'),
    size: optional(nonEmptyText, 'Its size: `10G`; without a unit mebibytes.'),
    extents: optional(nonEmptyText, 'Its size in extents: `100`, `50%VG`, `100%FREE`.'),
    resizefs: defaulted(flag, false, 'True: the file system grows and shrinks with it.'),
    force: defaulted(
      flag,
      false,
      'True: it may become smaller, and what was on the device is lost at its making.',
    ),
    stripes: optional(whole, 'Over so many devices.'),
  }),
  examples: ['shop:\n  lvm.lv_present:\n    - vgname: data\n    - size: 10G\n'],
  refuse: ({ size, extents }) => {
    if ((size === undefined) === (extents === undefined))
      return { argument: 'size', reason: 'either size or extents is needed' }
    if (size !== undefined && bytesOf(size) === undefined)
      return { argument: 'size', reason: `"${size}" is not one such as 10G` }
    return extents === undefined || /^\d+(?:%(?:VG|FREE|PVS|ORIGIN))?$/.test(extents)
      ? undefined
      : { argument: 'extents', reason: `"${extents}" is not one such as 100%FREE` }
  },
  async check(wanted, look, run) {
    const { name, vgname, size, extents, force, resizefs } = wanted
    const found = await rows('lvs', 'lv_name,vg_name,lv_size,vg_extent_size', look, run)
    if (!isRows(found)) return found
    const now = found.find(([volume, group]) => volume === name && group === vgname)
    const wish = size === undefined ? ['-l', extents ?? ''] : ['-L', `${bytesOf(size)}b`]
    if (!now) {
      const stripes = wanted.stripes === undefined ? [] : ['-i', String(wanted.stripes)]
      const argv = ['lvcreate', ...(force ? ['--yes'] : []), '-n', name, ...wish, ...stripes, vgname]
      const comments = {
        would: `Logical Volume ${name} is set to be created`,
        done: `Created Logical Volume ${name}`,
      }
      return drift({ created: `/dev/${vgname}/${name}` }, comments, (act) =>
        runSteps(
          [{ argv, undo: [{ argv: ['lvremove', '--yes', `${vgname}/${name}`] }] }],
          act,
          `Failed to create Logical Volume ${name}`,
        ),
      )
    }
    const current = Number(now[2])
    const extent = Number(now[3]) || 4 * 1024 ** 2
    const bytes = Math.ceil((bytesOf(size ?? '') ?? current) / extent) * extent
    if (bytes === current) return inSync(`Logical Volume ${name} already present`)
    if (bytes < current && !force)
      return failed(
        `Logical Volume ${name} is larger than ${size}`,
        'Give "force: True" to make it smaller; shrink its file system before.',
      )
    const verb = bytes > current ? 'lvextend' : 'lvreduce'
    const argv = [
      verb,
      ...(resizefs ? ['-r'] : []),
      ...(bytes < current ? ['--force', '--yes'] : []),
      '-L',
      `${bytes}b`,
      `${vgname}/${name}`,
    ]
    const comments = {
      would: `Logical Volume ${name} is set to be resized`,
      done: `Resized Logical Volume ${name}`,
    }
    return drift({ resized: { old: current, new: bytes } }, comments, (act) =>
      runSteps([{ argv }], act, `Failed to resize Logical Volume ${name}`),
    )
  },
})

export const lvAbsent = stateFunction({
  summary: 'Makes sure that a logical volume does not exist; what it holds is lost.',
  args: v.strictObject({
    name: needed(volumeName, 'The volume.'),
    vgname: optional(volumeName, 'Its group.'),
  }),
  examples: ['old:\n  lvm.lv_absent:\n    - vgname: data\n'],
  async check({ name, vgname }, look, run) {
    const found = await rows('lvs', 'lv_name,vg_name', look, run)
    if (!isRows(found)) return found
    const there = found.filter(
      ([volume, group]) => volume === name && (vgname === undefined || group === vgname),
    )
    if (there.length === 0) return inSync(`Logical Volume ${name} already absent`)
    if (there.length > 1) return failed(`There are ${there.length} volumes ${name}`, 'Give "vgname".')
    const comments = {
      would: `Logical Volume ${name} is set to be removed`,
      done: `Removed Logical Volume ${name}`,
    }
    return drift({ removed: name }, comments, (act) =>
      runSteps(
        [{ argv: ['lvremove', '--yes', `${there[0]?.[1]}/${name}`] }],
        act,
        `Failed to remove Logical Volume ${name}`,
      ),
    )
  },
})
