/** docker_volume.*: volumes of the engine of containers. */
import * as v from 'valibot'
import { toPlain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { mapping } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import { drift, failed, inSync, stateFunction, stateModule } from './contract.ts'
import { inspect, type JsonObject, requireEngine, send } from './docker/engine.ts'
import { thingName } from './docker/names.ts'

const name = needed(thingName, 'The volume.')

const present = stateFunction({
  summary: 'Makes sure that a volume exists.',
  args: v.strictObject({
    name,
    driver: optional(nonEmptyText, 'Its driver; default `local`.'),
    driver_opts: optional(mapping, 'Options of the driver.'),
    force: defaulted(flag, false, 'True: one with another driver is made anew; what it holds is lost.'),
  }),
  examples: ['data:\n  docker_volume.present: []\n'],
  async check({ name: volume, driver, driver_opts, force }, look, run) {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    const now = await inspect(`/volumes/${volume}`, look)
    const isOther = now !== undefined && driver !== undefined && now['Driver'] !== driver
    if (isOther && !force)
      return failed(
        `Driver for existing volume '${volume}' ('${String(now['Driver'])}') does not match specified driver ('${driver}')`,
        'Give "force: True" to make it anew, without what it holds.',
      )
    if (now && !isOther) return inSync(`Volume '${volume}' already exists`)
    const made = {
      Name: volume,
      Driver: driver ?? 'local',
      ...(driver_opts && { DriverOpts: toPlain(driver_opts) as JsonObject }),
    }
    const changes = { created: volume, ...(isOther ? { removed: volume } : {}) }
    return drift(
      changes,
      { would: `Volume '${volume}' would be created`, done: `Volume '${volume}' created` },
      async (act) => {
        if (isOther) await send(`/volumes/${volume}`, { method: 'DELETE' }, act)
        await send(
          '/volumes/create',
          { body: made, undo: [{ argv: ['docker', 'volume', 'rm', volume] }] },
          act,
        )
      },
    )
  },
})

const absent = stateFunction({
  summary: 'Makes sure that a volume does not exist; what it holds is lost.',
  args: v.strictObject({ name }),
  examples: ['old:\n  docker_volume.absent: []\n'],
  async check({ name: volume }, look, run) {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    if (!(await inspect(`/volumes/${volume}`, look))) return inSync(`Volume '${volume}' already absent`)
    const comments = { would: `Volume '${volume}' will be removed`, done: `Volume '${volume}' removed` }
    return drift({ removed: volume }, comments, async (act) => {
      await send(`/volumes/${volume}`, { method: 'DELETE' }, act)
    })
  },
})

export const dockerVolume = stateModule({
  summary: 'Volumes of the engine of containers.',
  functions: { present, absent },
})
