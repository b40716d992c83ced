/** Whether one grant covers a call, but for the minions: those are counted over all grants together. */
import type { Call, Sight } from './access.ts'
import { compileGrant } from './compiled-grant.ts'
import type { Grant } from './grant.ts'
import { type Ground, isDryRun, natureOf } from './nature/nature.ts'

const grounds = {
  job: 'functions on minions',
  runner: 'runners',
  wheel: 'wheel functions',
  see: 'what is seen',
} as const

/** How near a grant came, for who asks why not: a wrong argument is nearer than another function. */
export interface Objection {
  readonly nearness: 0 | 1 | 2 | 3
  readonly reason: string
}

/** @returns why not, or undefined where it covers the call */
export function objectionTo(grant: Grant, ground: Ground, call: Call): Objection | undefined {
  if (grant.on !== ground) return { nearness: 0, reason: `it is about ${grounds[grant.on]}` }
  const { names, arguments: judge } = compileGrant(grant)
  if (!names(call.fun))
    return {
      nearness: 1,
      reason: `it names ${[...grant.functions, ...(grant.expressions ?? [])].join(', ')}`,
    }
  const wrong = judge?.(ground, call)
  if (wrong !== undefined) return { nearness: 2, reason: wrong }
  const nature = natureOf(ground, call)
  if (grant.rootEquivalent !== true) {
    if (nature.kind === 'root')
      return { nearness: 3, reason: `${nature.because}, and it does not say root_equivalent: true` }
    const guarded = nature.guarded.find((name) => !Object.hasOwn(grant.kwargs ?? {}, name))
    if (guarded !== undefined)
      return { nearness: 3, reason: `"${guarded}" chooses what is run: the rule must name it under kwargs` }
  }
  if (grant.testOnly === true && nature.kind !== 'look' && !isDryRun(call))
    return { nearness: 3, reason: 'it is for dry runs: test=True' }
  return undefined
}

/** Whoever may call something on a minion may see that it is there. */
export const letsSee = (grant: Grant, what: Sight): boolean =>
  (grant.on === 'see' && compileGrant(grant).names(what)) || (grant.on === 'job' && what === 'minions')
