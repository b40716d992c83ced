/** What the states of one orchestration may do, in the name of whoever started it: each act passes the door that it has for everybody. */
import { decodeValue } from '../../shared/data/codec.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import type { HostFunctions } from '../../shared/render/host.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { CallRunner } from '../runners/call.ts'
import type { ResolveTarget } from '../targeting/resolve.ts'
import type { CallWheel } from '../wheel/call-wheel.ts'
import type { Acting, Looking, RunnerResult } from './contract.ts'
import { waitForEvents } from './event-wait.ts'
import { type FleetContext, runOnFleet } from './fleet.ts'
import { encodedCall } from './mistakes.ts'
import type { WrittenCall } from './runner-words.ts'

export interface ActingParts extends FleetContext {
  readonly pillar: Dict
  readonly resolveTarget: ResolveTarget
  readonly callRunner: CallRunner
  readonly callWheel: CallWheel
  readonly events: Pick<EventBus, 'follow'>
  readonly functions: HostFunctions
}

export function lookingOf(parts: ActingParts): Looking {
  return {
    pillar: parts.pillar,
    tryStates: (request) =>
      runOnFleet(parts, { ...request, kwargs: new Map([...request.kwargs, ['test', true]]) }),
    async meaning(target) {
      try {
        return (await parts.resolveTarget(target)).map(({ id }) => id)
      } catch (error) {
        if (isTsaltError(error) && ['target-empty', 'target-unknown'].includes(error.code)) return undefined
        throw error
      }
    },
  }
}

export function actingOf(parts: ActingParts): Acting {
  return {
    ...lookingOf(parts),
    run: (request) => runOnFleet(parts, request),
    callRunner: (fun, args, kwargs) => askRunner(parts, { fun, args, kwargs }),
    callWheel: async (fun, args, kwargs) =>
      decodeValue(await parts.callWheel(encodedCall({ fun, args, kwargs }), parts.actor)),
    waitFor: (wait) => waitForEvents(wait, parts),
    approves: async (fun, ret) => isTrue(await parts.functions.call(fun, [ret], new Map(), undefined)),
  }
}

/** @throws TsaltError of the runner, `access-denied` */
export async function askRunner(
  { callRunner, actor, ends }: Pick<ActingParts, 'callRunner' | 'actor' | 'ends'>,
  call: WrittenCall,
): Promise<RunnerResult> {
  const { ret, retcode } = await callRunner(encodedCall(call), actor, ends.signal)
  return { ret: decodeValue(ret), retcode }
}

function isTrue(value: Value): boolean {
  if (isDict(value)) return value.size > 0
  return isList(value) ? value.length > 0 : Boolean(value)
}
