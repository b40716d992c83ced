/** lvm.pv_* and lvm.vg_*: physical volumes, and groups of them. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import { drift, failed, inSync, stateFunction } from '../contract.ts'
import { runSteps } from '../steps.ts'
import { isRows, rows, volumeName } from './report.ts'

export const pvPresent = stateFunction({
  summary: 'Makes sure that a device is a physical volume.',
  args: v.strictObject({
    name: needed(absolutePath, 'The device.'),
    uuid: optional(nonEmptyText, 'Accepted; LVM gives one.'),
    force: defaulted(flag, false, 'True: also where something else is on it.'),
  }),
  examples: ['/dev/sdb:\n  lvm.pv_present: []\n'],
  refuse: ({ uuid }) =>
    uuid === undefined
      ? undefined
      : { argument: 'uuid', reason: 'it is for restoring from a backup of LVM, which is done by hand' },
  async check({ name, force }, look, run) {
    const found = await rows('pvs', 'pv_name', look, run)
    if (!isRows(found)) return found
    if (found.some(([device]) => device === name)) return inSync(`Physical Volume ${name} already present`)
    const step = {
      argv: ['pvcreate', ...(force ? ['--yes', '--force'] : []), name],
      undo: [{ argv: ['pvremove', name] }],
    }
    const comments = {
      would: `Physical Volume ${name} is set to be created`,
      done: `Created Physical Volume ${name}`,
    }
    return drift({ created: name }, comments, (act) =>
      runSteps([step], act, `Failed to create Physical Volume ${name}`),
    )
  },
})

export const pvAbsent = stateFunction({
  summary: 'Makes sure that a device is not a physical volume.',
  args: v.strictObject({ name: needed(absolutePath, 'The device.') }),
  examples: ['/dev/sdb:\n  lvm.pv_absent: []\n'],
  async check({ name }, look, run) {
    const found = await rows('pvs', 'pv_name', look, run)
    if (!isRows(found)) return found
    if (!found.some(([device]) => device === name)) return inSync(`Physical Volume ${name} does not exist`)
    const step = { argv: ['pvremove', name], undo: [{ argv: ['pvcreate', name] }] }
    const comments = {
      would: `Physical Volume ${name} is set to be removed`,
      done: `Removed Physical Volume ${name}`,
    }
    return drift({ removed: name }, comments, (act) =>
      runSteps([step], act, `Failed to remove Physical Volume ${name}`),
    )
  },
})

export const vgPresent = stateFunction({
  summary: 'Makes sure that a group of physical volumes exists, with just these devices.',
  args: v.strictObject({
    name: needed(volumeName, 'The group.'),
    devices: needed(nameList, 'Its devices, a list or with commas.'),
    force: defaulted(flag, false, 'Accepted for trees of Salt.'),
  }),
  examples: ['data:\n  lvm.vg_present:\n    - devices: /dev/sdb,/dev/sdc\n'],
  refuse: ({ devices }) =>
    devices.length > 0 && devices.every((device) => device.startsWith('/'))
      ? undefined
      : { argument: 'devices', reason: 'absolute paths are expected' },
  async check({ name, devices }, look, run) {
    const found = await rows('pvs', 'pv_name,vg_name', look, run)
    if (!isRows(found)) return found
    const foreign = found.find(
      ([device = '', group = '']) => devices.includes(device) && group !== '' && group !== name,
    )
    if (foreign) return failed(`${foreign[0]} is part of ${foreign[1]}`)
    const own = found.filter(([, group]) => group === name).map(([device = '']) => device)
    const added = devices.filter((device) => !own.includes(device))
    const removed = own.filter((device) => !devices.includes(device))
    if (added.length + removed.length === 0) return inSync(`Volume Group ${name} already present`)
    if (own.length === 0) {
      const step = { argv: ['vgcreate', name, ...devices], undo: [{ argv: ['vgremove', name] }] }
      const comments = {
        would: `Volume Group ${name} is set to be created`,
        done: `Created Volume Group ${name}`,
      }
      return drift({ created: name }, comments, (act) =>
        runSteps([step], act, `Failed to create Volume Group ${name}`),
      )
    }
    const steps = [
      ...added.map((device) => ({
        argv: ['vgextend', name, device],
        undo: [{ argv: ['vgreduce', name, device] }],
      })),
      ...removed.map((device) => ({
        argv: ['vgreduce', name, device],
        undo: [{ argv: ['vgextend', name, device] }],
      })),
    ]
    const changes = { ...(added.length > 0 && { added }), ...(removed.length > 0 && { removed }) }
    const comments = {
      would: `Volume Group ${name} is set to be changed`,
      done: `Changed Volume Group ${name}`,
    }
    return drift(changes, comments, (act) => runSteps(steps, act, `Failed to change Volume Group ${name}`))
  },
})

export const vgAbsent = stateFunction({
  summary:
    'Makes sure that a group of physical volumes does not exist; one that has logical volumes is left alone.',
  args: v.strictObject({ name: needed(volumeName, 'The group.') }),
  examples: ['old:\n  lvm.vg_absent: []\n'],
  async check({ name }, look, run) {
    const found = await rows('pvs', 'pv_name,vg_name', look, run)
    if (!isRows(found)) return found
    const devices = found.filter(([, group]) => group === name).map(([device = '']) => device)
    if (devices.length === 0) return inSync(`Volume Group ${name} already absent`)
    const step = { argv: ['vgremove', name], undo: [{ argv: ['vgcreate', name, ...devices] }] }
    const comments = {
      would: `Volume Group ${name} is set to be removed`,
      done: `Removed Volume Group ${name}`,
    }
    return drift({ removed: name }, comments, (act) =>
      runSteps([step], act, `Failed to remove Volume Group ${name}`),
    )
  },
})
