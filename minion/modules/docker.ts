/** Execution module `docker`: the engine of containers behind its socket. */
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { flag, whole } from '../../shared/schema/scalars.ts'
import { encoded, inspect, listOf, send, textFrom, textsOf } from '../states/docker/engine.ts'
import { imageName, pullPath, thingName, withTag } from '../states/docker/names.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const container = { name: needed(thingName, 'The container.') }
const acting = (verb: string, summary: string, inverse: string | undefined) =>
  changing(summary, `docker.${verb} web`, container, async ({ name }, { act }) => {
    const undo = inverse === undefined ? {} : { undo: [{ argv: ['docker', inverse, name] }] }
    await send(`/containers/${name}/${verb}`, { ...undo, timeout: 120_000 }, act)
    return { result: true }
  })

export const dockerModule = execModule({
  summary: 'The engine of containers, behind its socket.',
  functions: {
    version: asking(
      'Versions of the engine.',
      'docker.version',
      {},
      async (_, { look }) => ((await inspect('/version', look)) ?? {}) as Plain,
    ),
    ps: asking(
      'Its containers by their id.',
      'docker.ps all=True',
      { all: defaulted(flag, false, 'Also those that do not run.') },
      async ({ all }, { look }) =>
        Object.fromEntries(
          (await listOf(`/containers/json?all=${all}`, look)).map((one) => [String(one['Id']), one as Plain]),
        ),
    ),
    list_containers: asking(
      'Names of its containers, also of those that do not run.',
      'docker.list_containers',
      {},
      async (_, { look }) =>
        (await listOf('/containers/json?all=true', look))
          .flatMap((one) => textsOf(one['Names']).map((name) => name.slice(1)))
          // A linked container has a second name, below the one that links it.
          .filter((name) => !name.includes('/'))
          .sort(),
    ),
    images: asking('Its images by their id.', 'docker.images', {}, async (_, { look }) =>
      Object.fromEntries(
        (await listOf('/images/json', look)).map((one) => [String(one['Id']), one as Plain]),
      ),
    ),
    inspect: asking(
      'All that is known of a container.',
      'docker.inspect web',
      container,
      async ({ name }, { look }) => {
        const found = await inspect(`/containers/${name}/json`, look)
        if (!found)
          throw new TsaltError('function-failed', {
            fun: 'docker.inspect',
            reason: `there is no container ${name}`,
          })
        return found as Plain
      },
    ),
    exists: asking(
      'True where a container exists.',
      'docker.exists web',
      container,
      async ({ name }, { look }) => (await inspect(`/containers/${name}/json`, look)) !== undefined,
    ),
    logs: asking(
      'What a container printed.',
      'docker.logs web tail=50',
      { ...container, tail: optional(whole, 'Only so many lines.') },
      async ({ name, tail }, { look }) =>
        textFrom(`/containers/${name}/logs?stdout=1&stderr=1&tail=${tail ?? 'all'}`, look),
    ),
    pull: changing(
      'Pulls an image.',
      'docker.pull postgres:16',
      { image: needed(imageName, 'The image.') },
      async ({ image }, { act }) => {
        const whole_ = withTag(image)
        await send(
          pullPath(whole_),
          { timeout: 3_600_000, undo: [{ argv: ['docker', 'image', 'rm', whole_] }] },
          act,
        )
        return { Id: String((await inspect(`/images/${encoded(whole_)}/json`, act.look))?.['Id'] ?? '') }
      },
    ),
    start: acting('start', 'Starts a container.', 'stop'),
    stop: acting('stop', 'Stops a container.', 'start'),
    restart: acting('restart', 'Restarts a container.', undefined),
    pause: acting('pause', 'Freezes the processes of a container.', 'unpause'),
    unpause: acting('unpause', 'Lets them go on.', 'pause'),
  },
})
