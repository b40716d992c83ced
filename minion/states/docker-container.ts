/** docker_container.*: containers of the engine of containers. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { flag, whole } from '../../shared/schema/scalars.ts'
import { type Decision, drift, failed, inSync, stateFunction, stateModule } from './contract.ts'
import { runOnce } from './docker/container-run.ts'
import { running } from './docker/container-running.ts'
import { inspect, objectOf, requireEngine, send } from './docker/engine.ts'
import { thingName } from './docker/names.ts'

const stopped = stateFunction({
  summary: 'Makes sure that containers do not run.',
  args: v.strictObject({
    name: needed(thingName, 'The container; with `containers` only a name for the state.'),
    containers: optional(textList, 'Several containers.'),
    stop_timeout: defaulted(whole, 10, 'Seconds that each gets to end.'),
    shutdown_timeout: optional(whole, 'The same.'),
    error_on_absent: defaulted(flag, true, 'False: one that does not exist is no failure.'),
  }),
  examples: ['web:\n  docker_container.stopped: []\n'],
  async check(
    { name, containers = [name], stop_timeout, shutdown_timeout, error_on_absent },
    look,
    run,
  ): Promise<Decision> {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    const lively: string[] = []
    const missing: string[] = []
    for (const one of containers) {
      const now = await inspect(`/containers/${encodeURIComponent(one)}/json`, look)
      if (!now) missing.push(one)
      else if (objectOf(now['State'])['Running'] === true) lively.push(one)
    }
    if (missing.length > 0 && error_on_absent)
      return failed(`The following container(s) are not present: ${missing.join(', ')}`)
    const names = containers.join(', ')
    if (lively.length === 0) return inSync(`Container(s) ${names} are already stopped`)
    const changes = Object.fromEntries(lively.map((one) => [one, { old: 'running', new: 'stopped' }]))
    const comments = {
      would: `The following container(s) will be stopped: ${lively.join(', ')}`,
      done: `The following container(s) were stopped: ${lively.join(', ')}`,
    }
    return drift(changes, comments, async (act) => {
      const seconds = shutdown_timeout ?? stop_timeout
      for (const one of lively)
        await send(
          `/containers/${encodeURIComponent(one)}/stop?t=${seconds}`,
          {
            undo: [{ argv: ['docker', 'start', one] }],
            timeout: seconds * 1000 + 60_000,
          },
          act,
        )
    })
  },
})

const absent = stateFunction({
  summary: 'Makes sure that a container does not exist.',
  args: v.strictObject({
    name: needed(thingName, 'The container.'),
    force: defaulted(flag, false, 'True: also where it runs.'),
  }),
  examples: ['old:\n  docker_container.absent:\n    - force: True\n'],
  async check({ name, force }, look, run) {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    const now = await inspect(`/containers/${name}/json`, look)
    if (!now) return inSync(`Container '${name}' does not exist`)
    if (objectOf(now['State'])['Running'] === true && !force)
      return failed('Container is running, set force to True to forcibly remove it')
    const done = `${force ? 'Forcibly removed' : 'Removed'} container '${name}'`
    return drift(
      { removed: [String(now['Id'])] },
      { would: `Container '${name}' will be removed`, done },
      async (act) => {
        await send(`/containers/${name}?force=${force}`, { method: 'DELETE' }, act)
      },
    )
  },
})

export const dockerContainer = stateModule({
  summary: 'Containers of the engine of containers.',
  functions: { running, stopped, absent, run: runOnce },
})
