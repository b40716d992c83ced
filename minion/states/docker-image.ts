/** docker_image.*: images of the engine of containers. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { flag, nonEmptyText, seconds } from '../../shared/schema/scalars.ts'
import type { Changer } from '../system/changer.ts'
import { type Applied, type Decision, drift, inSync, stateFunction, stateModule } from './contract.ts'
import { encoded, inspect, type Json, objectOf, requireEngine, send } from './docker/engine.ts'
import { imageName, pullPath, withTag } from './docker/names.ts'
import { runSteps } from './steps.ts'

const presentArgs = v.strictObject({
  name: needed(imageName, 'The image: `postgres:16`.'),
  tag: optional(nonEmptyText, 'Its tag; default `latest`.'),
  build: optional(absolutePath, 'Build it from this folder, with the program docker.'),
  dockerfile: optional(nonEmptyText, 'Of `build`: the file in the folder; default `Dockerfile`.'),
  load: optional(absolutePath, 'Load it from this archive, with the program docker.'),
  force: defaulted(flag, false, 'True: pull, build or load it at every run.'),
  client_timeout: defaulted(seconds, 3600, 'Seconds for a pull.'),
  insecure_registry: optional(flag, 'Accepted; the engine itself is told of such registries.'),
})
type Present = v.InferOutput<typeof presentArgs>

const present = stateFunction({
  summary: 'Makes sure that an image is there: pulled, built or loaded.',
  args: presentArgs,
  examples: ['postgres:\n  docker_image.present:\n    - tag: "16"\n'],
  refuse: ({ build, load, dockerfile }) => {
    if (build !== undefined && load !== undefined) return { argument: 'load', reason: 'either build or load' }
    return dockerfile !== undefined && (build === undefined || dockerfile.startsWith('-'))
      ? { argument: 'dockerfile', reason: 'it is a file in the folder that is built' }
      : undefined
  },
  async check(wanted, look, run) {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    const image = withTag(wanted.name, wanted.tag)
    const now = await inspect(`/images/${encoded(image)}/json`, look)
    if (now && !wanted.force) return inSync(`Image ${image} already present`)
    const verb = wanted.build !== undefined ? 'built' : wanted.load !== undefined ? 'loaded' : 'pulled'
    const comments = { would: `Image ${image} will be ${verb}`, done: `Image ${image} was ${verb}` }
    const undo = now ? [] : [{ argv: ['docker', 'image', 'rm', image] }]
    return drift({ Id: null }, comments, (act) => bring(wanted, image, undo, act))
  },
})

async function bring(
  wanted: Present,
  image: string,
  undo: readonly { readonly argv: readonly string[] }[],
  act: Changer,
): Promise<Applied> {
  const { build, load, dockerfile } = wanted
  if (build === undefined && load === undefined)
    await send(pullPath(image), { undo, timeout: wanted.client_timeout * 1000 }, act)
  else {
    const words =
      build === undefined
        ? ['load', '-i', load ?? '']
        : ['build', '-t', image, ...(dockerfile === undefined ? [] : ['-f', `${build}/${dockerfile}`]), build]
    const failure = await runSteps([{ argv: ['docker', ...words], undo }], act, `Image ${image} was not made`)
    if (failure) return failure
  }
  const after = await inspect(`/images/${encoded(image)}/json`, act.look)
  if (!after) return { ok: false, comment: `Image ${image} is not there afterwards` }
  return { changes: { Id: String(after['Id']) } }
}

const absent = stateFunction({
  summary: 'Makes sure that images are not there.',
  args: v.strictObject({
    name: needed(imageName, 'The image; with `images` only a name for the state.'),
    images: optional(textList, 'Several images.'),
    force: defaulted(flag, false, 'True: also where a container uses it.'),
  }),
  examples: ['old:\n  docker_image.absent:\n    - images:\n      - postgres:12\n'],
  async check({ name, images, force }, look, run): Promise<Decision> {
    const lacking = await requireEngine(look, run)
    if (lacking) return lacking
    const there: string[] = []
    for (const image of images ?? [name])
      if (await inspect(`/images/${encoded(withTag(image))}/json`, look)) there.push(withTag(image))
    if (there.length === 0) return inSync(`Image(s) ${(images ?? [name]).join(', ')} already absent`)
    const comments = {
      would: `The following image(s) will be removed: ${there.join(', ')}`,
      done: `The following image(s) were removed: ${there.join(', ')}`,
    }
    return drift(Object.fromEntries(there.map((image) => [image, null])), comments, async (act) => {
      const changes: Record<string, Plain> = {}
      for (const image of there) {
        const undo = [{ argv: ['docker', 'pull', image] }]
        try {
          const said = await send(`/images/${encoded(image)}?force=${force}`, { method: 'DELETE', undo }, act)
          changes[image] = deleted(said)
        } catch (error) {
          if (Object.keys(changes).length === 0) throw error
          // What was removed before is told all the same.
          return { ok: false, comment: describeError(error), changes }
        }
      }
      return { changes }
    })
  },
})

const deleted = (said: Json): Plain =>
  Array.isArray(said) ? said.map((one) => ({ ...objectOf(one) }) as Plain) : []

export const dockerImage = stateModule({
  summary: 'Images of the engine of containers.',
  functions: { present, absent },
})
