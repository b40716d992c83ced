/** docker_container.running: a container that is made as it is described, and runs. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { describeError } from '../../../shared/errors/error.ts'
import { defaulted } from '../../../shared/schema/argument.ts'
import { choice, flag } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, type Decision, drift, inSync, type StateRun, stateFunction } from '../contract.ts'
import { containerEntries, networksOf, refuseContainer, wishesOf } from './container-arguments.ts'
import { configOf, difference } from './container-config.ts'
import { encoded, inspect, type JsonObject, objectOf, requireEngine, send } from './engine.ts'
import { pullPath, withTag } from './names.ts'

const args = v.strictObject({
  ...containerEntries,
  start: defaulted(flag, true, 'False: it is only made.'),
  force: defaulted(flag, false, 'True: make it anew at every run.'),
  watch_action: defaulted(
    choice(['force', 'SIGHUP', 'signal']),
    'force',
    'When a watched state changed: `force` makes it anew, `SIGHUP` sends a signal.',
  ),
})
type Arguments = v.InferOutput<typeof args>

const place = (name: string): string => `/containers/${name}`
/** One that never ran, with the nameless volumes that were made for it. */
const removal = (name: string): string => `${place(name)}?force=true&v=true`

async function check(wanted: Arguments, look: Reader, run: StateRun, anew: boolean): Promise<Decision> {
  const lacking = await requireEngine(look, run)
  if (lacking) return lacking
  const { name } = wanted
  const image = withTag(wanted.image)
  const now = await inspect(`${place(name)}/json`, look)
  const imageNow = await inspect(`/images/${encoded(image)}/json`, look)
  const wish = configOf({ ...wishesOf(wanted), image })
  const isUp = objectOf(now?.['State'])['Running'] === true
  const differing = now ? difference(wish, now, imageNow) : {}
  const networks = networksOf(wanted)
  const there = Object.keys(objectOf(objectOf(now?.['NetworkSettings'])['Networks']))
  const joining = now ? networks.filter((one) => !there.includes(one)) : []
  const replace = now !== undefined && (anew || wanted.force || Object.keys(differing).length > 0)
  const starts = wanted.start && (!isUp || replace)
  if (now && !replace && !starts && joining.length === 0)
    return inSync(`Container '${name}' is already configured as specified`)
  const changes: Record<string, Plain> = {
    ...(now && !replace ? {} : { container_id: null }),
    ...(Object.keys(differing).length > 0 && { container: differing }),
    ...(joining.length > 0 && !replace && { networks: joining }),
    ...(starts && !isUp && { state: { old: now ? 'stopped' : null, new: 'running' } }),
  }
  const what =
    now === undefined ? 'Created' : replace ? 'Replaced' : joining.length > 0 ? 'Connected' : 'Started'
  const comments = {
    would: `Container '${name}' would be ${what.toLowerCase()}`,
    done: `${what} container '${name}'`,
  }
  return drift(changes, comments, async (act): Promise<Applied | undefined> => {
    if (now && !replace) {
      if (starts) await start(name, act)
      await connect(name, joining, act)
      return undefined
    }
    if (!imageNow)
      await send(
        pullPath(image),
        { undo: [{ argv: ['docker', 'image', 'rm', image] }], timeout: 3_600_000 },
        act,
      )
    const id = await make(wanted, wish, networks, now, starts, act)
    return {
      changes: { ...changes, container_id: { added: id, ...(now && { removed: [String(now['Id'])] }) } },
    }
  })
}

/** The old one is kept under another name until the new one runs, and comes back where that fails. */
async function make(
  wanted: Arguments,
  wish: { readonly config: JsonObject; readonly host: JsonObject },
  networks: readonly string[],
  old: JsonObject | undefined,
  starts: boolean,
  act: Changer,
): Promise<string> {
  const { name, stop_timeout } = wanted
  const aside = `${name}_replaced`
  const oldId = old === undefined ? undefined : String(old['Id'])
  const wasUp = objectOf(old?.['State'])['Running'] === true
  if (oldId !== undefined) {
    if (wasUp)
      await send(`${place(oldId)}/stop?t=${stop_timeout}`, { timeout: stop_timeout * 1000 + 60_000 }, act)
    await send(`${place(oldId)}/rename?name=${aside}`, {}, act)
  }
  try {
    const undo = oldId === undefined ? { undo: [{ argv: ['docker', 'rm', '-f', name] }] } : {}
    const made = await send(
      `/containers/create?name=${name}`,
      { body: { ...wish.config, HostConfig: wish.host }, ...undo },
      act,
    )
    await connect(name, networks.slice(1), act)
    if (starts) await start(name, act)
    if (oldId !== undefined) await send(`${place(oldId)}?v=false`, { method: 'DELETE' }, act)
    return String(objectOf(made)['Id'])
  } catch (error) {
    if (oldId === undefined)
      await send(removal(name), { method: 'DELETE', undo: [] }, act).catch(() => undefined)
    else await bringBack(name, oldId, wasUp, act)
    throw error
  }
}

async function bringBack(name: string, oldId: string, wasUp: boolean, act: Changer): Promise<void> {
  const quietly = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((error: unknown) => describeError(error))
  await quietly(send(removal(name), { method: 'DELETE' }, act))
  await quietly(send(`${place(oldId)}/rename?name=${name}`, {}, act))
  if (wasUp) await quietly(send(`${place(oldId)}/start`, {}, act))
}

const start = (name: string, act: Changer): Promise<unknown> =>
  send(`${place(name)}/start`, { undo: [{ argv: ['docker', 'stop', name] }] }, act)

async function connect(name: string, networks: readonly string[], act: Changer): Promise<void> {
  for (const network of networks)
    await send(
      `/networks/${encodeURIComponent(network)}/connect`,
      {
        body: { Container: name },
        undo: [{ argv: ['docker', 'network', 'disconnect', network, name] }],
      },
      act,
    )
}

async function refresh(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const isUp = objectOf((await inspect(`${place(wanted.name)}/json`, look))?.['State'])['Running'] === true
  if (wanted.watch_action === 'force' || !isUp) return check(wanted, look, run, true)
  const comments = {
    would: `Container '${wanted.name}' would get SIGHUP`,
    done: `Sent SIGHUP to container '${wanted.name}'`,
  }
  return drift({ signal: 'SIGHUP' }, comments, async (act) => {
    await send(`${place(wanted.name)}/kill?signal=SIGHUP`, { undo: [] }, act)
  })
}

export const running = stateFunction({
  summary: 'Makes sure that a container is made as it is described, and runs.',
  args,
  examples: [
    'db:\n  docker_container.running:\n    - image: postgres:16\n    - environment:\n      - POSTGRES_DB: shop\n    - binds: /srv/db:/var/lib/postgresql/data\n    - port_bindings: 127.0.0.1:5432:5432\n    - restart_policy: always\n',
  ],
  refuse: refuseContainer,
  check: (wanted, look, run) => check(wanted, look, run, false),
  refresh,
})
