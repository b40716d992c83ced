/** `runner`, `runner_async`, `wheel`, `wheel_async`: functions on the master, with Salt's events around them. */
import type { Clock } from '../../shared/clock.ts'
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import { isDict, type Plain, type Value } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { type JobId, nextJobId } from '../../shared/ids.ts'
import type { RouteContext } from '../api/services.ts'
import type { Actor } from '../auth/actor.ts'
import { checkRunnerCall } from '../runners/call.ts'
import { type Call, masterCall } from './calls.ts'
import type { Ready } from './local-clients.ts'
import type { LowChunk } from './low.ts'
import { bindWheelCall } from './wheel.ts'

export function runnerClient(chunk: LowChunk, context: RouteContext): Ready {
  const call = masterCall(chunk)
  const isFull = chunk.flag('full_return')
  return async (actor) => {
    const ret = await runRunner(call, context, actor)
    return [isFull ? told('run', call, { ret, actor, success: true, ...stamp(context) }) : ret]
  }
}

/** Begun, not waited for: what it returns is told by `salt/run/<jid>/ret`. What is refused tells nobody anything. */
export function runnerAsyncClient(chunk: LowChunk, context: RouteContext): Ready {
  const call = masterCall(chunk)
  checkRunnerCall(call)
  return async (actor) => {
    await context.access.require(actor, { kind: 'runner', ...call })
    return [begin('run', call, context, actor, () => runRunner(call, context, actor))]
  }
}

export function wheelClient(chunk: LowChunk, context: RouteContext): Ready {
  const call = masterCall(chunk)
  const run = bindWheelCall(call, chunk, context)
  return async (actor) => {
    const ret = await run(actor)
    return [told('wheel', call, { ret, actor, success: true, ...stamp(context) })]
  }
}

export function wheelAsyncClient(chunk: LowChunk, context: RouteContext): Ready {
  const call = masterCall(chunk)
  const run = bindWheelCall(call, chunk, context)
  return async (actor) => {
    await context.access.require(actor, { kind: 'wheel', ...call })
    return [begin('wheel', call, context, actor, () => run(actor))]
  }
}

async function runRunner(call: Call, { callRunner }: RouteContext, actor: Actor): Promise<Value> {
  const { ret } = await callRunner(call, actor)
  const value = decodeValue(ret)
  return call.fun === 'manage.versions' ? named(value) : value
}

/** `tsalt 0.1.0`: SaltGUI takes a bare number for one of Salt's, and warns of the holes that Salt had then. */
function named(value: Value): Value {
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, named(item)]))
  return typeof value === 'string' ? `tsalt ${value}` : value
}

interface Told {
  readonly ret: Plain
  readonly success: boolean
  readonly actor: Actor
  readonly jid: JobId
  readonly at: string
}

/** What Salt's event of it says. */
function told(
  kind: 'run' | 'wheel',
  { fun, args, kwargs }: Call,
  { ret, success, actor, jid, at }: Told,
): Plain {
  const tag = `salt/${kind}/${jid}`
  const named = Object.entries(kwargs).map(([key, json]) => [key, decodeValue(json)] as const)
  const data = {
    jid,
    return: ret,
    success,
    user: actor.name,
    fun: `${kind === 'run' ? 'runner' : 'wheel'}.${fun}`,
    fun_args: [...args.map((arg: Json) => decodeValue(arg)), ...(named.length === 0 ? [] : [new Map(named)])],
    tag,
    _stamp: at,
  }
  return { tag, data }
}

function begin(
  kind: 'run' | 'wheel',
  call: Call,
  context: RouteContext,
  actor: Actor,
  run: () => Promise<Plain>,
): Plain {
  const { jid, at } = stamp(context)
  const tag = `salt/${kind}/${jid}`
  context.events.fire(`${tag}/new`, { jid, fun: call.fun, user: actor.name, tag, _stamp: at })
  const end = (ret: Plain, success: boolean): void => {
    const { data } = told(kind, call, { ret, success, actor, jid, at: timeStamp(context.clock) }) as {
      readonly data: Plain
    }
    context.events.fire(`${tag}/ret`, data)
  }
  run().then(
    (ret) => end(ret, true),
    (error: unknown) => end(describeError(error), false),
  )
  return { tag, jid }
}

let last: JobId | undefined

function stamp({ clock }: RouteContext): { readonly jid: JobId; readonly at: string } {
  last = nextJobId(clock.now(), last)
  return { jid: last, at: timeStamp(clock) }
}

/** `2026-11-22T03:20:02.867000`, in UTC. */
export const timeStamp = (clock: Pick<Clock, 'now'>, at = clock.now()): string =>
  `${new Date(at).toISOString().slice(0, -1)}000`
