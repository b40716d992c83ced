/** Wheel functions that are only of use to clients over the network, beside those of master/wheel. */
import { decodeValue } from '../../shared/data/codec.ts'
import { type Plain, toValue, type Value } from '../../shared/data/value.ts'
import type { RouteContext } from '../api/services.ts'
import type { Actor } from '../auth/actor.ts'
import { bindWheel } from '../wheel/call-wheel.ts'
import type { Call } from './calls.ts'
import type { LowChunk } from './low.ts'

type Own = (context: RouteContext) => Plain

/** Options that clients may know; none of them is a secret or leads to one. */
const shown = [
  'default_target',
  'file_recv',
  'interface',
  'job_expiry',
  'keep_jobs_seconds',
  'nodegroups',
  'port',
  'reactor',
  'state_output',
  'state_verbose',
  'timeout',
  'token_expire',
] as const

const own: Readonly<Record<string, Own>> = {
  'minions.connected': ({ accepted, sessions }) =>
    accepted()
      .filter(({ id, generation }) => sessions.find(id)?.generation === generation)
      .map(({ id }) => id)
      .sort(),
  'config.values': ({ options, version }) => {
    const all = options as unknown as Readonly<Record<string, Plain>>
    const known = shown.filter((name) => Object.hasOwn(all, name)).map((name) => [name, all[name]] as const)
    return {
      ...Object.fromEntries(known),
      version,
      ...((options.api?.values ?? {}) as Record<string, Plain>),
    }
  },
  'key.finger_master': ({ keys }) => ({ local: { 'master.pub': keys.masterFingerprint() } }),
}

/** What cannot be here, and what to do instead. */
const refused: Readonly<Record<string, string>> = {
  'key.gen': 'keys are made by the minions that use them; a join token lets one in: tsalt-key --token',
  'key.gen_accept': 'keys are made by the minions that use them; a join token lets one in: tsalt-key --token',
  'key.gen_keys': 'keys are made by the minions that use them',
  'config.apply': 'the configuration of the master is changed on the master',
  'config.update_config': 'the configuration of the master is changed on the master',
  'file_roots.write': 'the state tree is changed where it is kept',
  'pillar_roots.write': 'the pillar tree is changed where it is kept',
}

/** Checks it without calling. @throws TsaltError `low-invalid`, `wheel-unknown`, `wheel-argument` */
export function bindWheelCall(
  call: Call,
  chunk: LowChunk,
  context: RouteContext,
): (actor: Actor) => Promise<Value> {
  const { fun, args, kwargs } = call
  const reason = refused[fun]
  if (reason !== undefined) throw chunk.wrong('fun', `${fun} is not to be had: ${reason}`)
  const run = Object.hasOwn(own, fun) ? own[fun] : undefined
  if (run === undefined) {
    bindWheel(call)
    return async (actor) => decodeValue(await context.callWheel(call, actor))
  }
  if (args.length > 0 || Object.keys(kwargs).length > 0) throw chunk.wrong('', `${fun} takes no arguments`)
  return async (actor) => {
    await context.access.require(actor, { kind: 'wheel', fun, args, kwargs })
    return toValue(run(context))
  }
}
