/** systemd.unit_absent: no such unit file or drop-in, and nothing that runs by it. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction } from '../contract.ts'
import { finishUnits, leaveToEnd } from './finish-units.ts'
import { unitFolder } from './unit-arguments.ts'
import { dropinName, isTemplate, unitName } from './unit-name.ts'
import { actOnServices, hasWork, planServices, serviceChanges } from './unit-services.ts'

const args = v.strictObject({
  name: needed(unitName, 'The unit: `app.service` (or `app`), the template `worker@.service`.'),
  dropin: optional(dropinName, 'Only this drop-in of it goes; the unit stays.'),
  restart: defaulted(flag, true, 'Of a drop-in: restart what runs with it, at the end of the run.'),
  folder: unitFolder,
})
type AbsentArguments = v.InferOutput<typeof args>

export const unitAbsent = stateFunction({
  summary:
    'Makes sure that a unit file, or a drop-in of one, is gone; the unit (or each instance) is stopped and disabled before.',
  args,
  examples: [
    'worker@.service:\n  systemd.unit_absent: []\n',
    'nginx.service:\n  systemd.unit_absent:\n    - dropin: limits\n',
  ],
  check,
  atEnd: async (given, _look, run) => finishUnits(keyOf(given, run), run),
})

const pathOf = ({ name, dropin, folder }: AbsentArguments): string =>
  dropin === undefined ? `${folder}/${name}` : `${folder}/${name}.d/${dropin}.conf`

const keyOf = (given: AbsentArguments, { id }: StateRun): string => `${id} ${pathOf(given)}`

async function check(given: AbsentArguments, look: Reader, run: StateRun): Promise<Decision> {
  const path = pathOf(given)
  const info = await look.files.info(path)
  if (info && info.type !== 'file' && info.type !== 'symlink')
    return failed(`${path} is a ${info.type}, not a file`)
  if (!info) return inSync(`${path} does not exist`)
  const isUnit = given.dropin === undefined
  const wish = isUnit
    ? isTemplate(given.name)
      ? { name: given.name, instances: [], instances_clean: true }
      : { name: given.name, instances_clean: false, enable: false, running: false }
    : { name: given.name, instances_clean: false }
  const services = await planServices(wish, look, run)
  const note = (): void => {
    if (!services) return
    leaveToEnd(keyOf(given, run), run, {
      reload: services.known || isUnit,
      restarts: !isUnit && given.restart ? services.running : [],
    })
  }
  if (run.test) note()
  const comments = { would: `${path} is set to be removed`, done: `${path} was removed` }
  return drift({ removed: path, ...(services && serviceChanges(services)) }, comments, async (act) => {
    const trouble = services && hasWork(services) ? await actOnServices(services, undefined, act) : undefined
    await act.files.remove(path)
    const folder = path.slice(0, path.lastIndexOf('/'))
    if (!isUnit && (await act.look.files.list(folder)).length === 0) await act.files.remove(folder)
    note()
    return trouble
  })
}
