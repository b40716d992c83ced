/** Wheel functions: what Salt's wheel does with keys, for reactions, orchestrations and Salt's clients. */
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { type Dict, type Plain, toValue, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Access } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import type { Events } from '../events/event-bus.ts'
import type { KeyService } from '../pki/key-service.ts'
import { keyFunctions } from './key-functions.ts'

export interface WheelCall {
  readonly fun: string
  readonly args: readonly Json[]
  readonly kwargs: Readonly<Record<string, Json>>
}

/** @throws TsaltError `wheel-unknown`, `wheel-argument`, `access-denied`, or of the keys */
export type CallWheel = (call: WheelCall, actor: Actor) => Promise<Json>

export interface WheelServices {
  readonly keys: KeyService
  readonly events: Events
  readonly access: Access
}

export interface WheelFunction {
  /** Names of its arguments, in the order in which they may be given by position. */
  readonly takes: readonly string[]
  run(given: Dict, services: WheelServices, operator: string): Plain
}

const functions: Readonly<Record<string, WheelFunction>> = keyFunctions

export const wheelFunctions: readonly string[] = Object.keys(functions).sort()

export function makeCallWheel(services: WheelServices): CallWheel {
  return async (call, actor) => {
    const { wheel, given } = bindWheel(call)
    await services.access.require(actor, { kind: 'wheel', ...call })
    return encodeValue(toValue(wheel.run(given, services, actor.name)))
  }
}

/** Without calling it. @throws TsaltError `wheel-unknown`, `wheel-argument` */
export function bindWheel({ fun, args, kwargs }: WheelCall): {
  readonly wheel: WheelFunction
  readonly given: Dict
} {
  const wheel = Object.hasOwn(functions, fun) ? functions[fun] : undefined
  if (wheel === undefined) {
    const near = nearest(fun, wheelFunctions)
    const hint = near ? `Did you mean "${near}"?` : `There are: ${wheelFunctions.join(', ')}.`
    throw new TsaltError('wheel-unknown', { fun }, { hint })
  }
  const wrong = (reason: string): TsaltError => new TsaltError('wheel-argument', { fun, reason })
  if (args.length > wheel.takes.length) throw wrong(`it takes at most ${wheel.takes.length} arguments`)
  const given: Dict = new Map(
    args.map((arg, index): [string, Value] => [wheel.takes[index] ?? '', decodeValue(arg)]),
  )
  for (const [name, arg] of Object.entries(kwargs)) {
    if (!wheel.takes.includes(name))
      throw wrong(`there is no argument "${name}", only ${wheel.takes.join(', ')}`)
    if (given.has(name)) throw wrong(`${name} was given twice`)
    given.set(name, decodeValue(arg))
  }
  return { wheel, given }
}
