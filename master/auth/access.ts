/** The door that everything passes which an operator, a reactor, a schedule or an orchestration asks for. */
import type { Json } from '../../shared/data/codec.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { TargetText } from '../targeting/resolve.ts'
import { type Actor, reservedNames, trusted } from './actor.ts'

export interface Call {
  readonly fun: string
  readonly args: readonly Json[]
  readonly kwargs: Readonly<Record<string, Json>>
}

/** What someone wants. */
export type Act =
  /** @param minions what the target came to: each must be covered */
  | (Call & { readonly kind: 'job'; readonly minions: readonly MinionId[] })
  | (Call & { readonly kind: 'runner' | 'wheel' })
  /** @param minions whom it tells of; absent: of all */
  | { readonly kind: 'see'; readonly what: Sight; readonly minions?: readonly MinionId[] }

export type Sight = 'minions' | 'keys' | 'jobs' | 'rollouts' | 'events' | 'pillar' | 'states' | 'audit'

export interface Access {
  /** Returns where the actor may, by the rights that its name has now. @throws TsaltError `access-denied`, which is in the audit log then */
  require(actor: Actor, act: Act): Promise<void>
  /** The same question where a no is no refusal: what may not be seen is left out of a list. Nothing is audited. */
  allows(actor: Actor, act: Act): Promise<boolean>
  /** Of some minions those that the actor may see, asked at once; `all`: also what is about none of them. Nothing is audited. */
  sees(actor: Actor, what: Sight, minions: readonly MinionId[]): Promise<'all' | ReadonlySet<MinionId>>
  /**
   * Asked before a target is resolved: whether it may be asked at all. A target on pillars tells of their values.
   * @throws TsaltError `access-denied`, audited
   */
  requireTarget(actor: Actor, target: TargetText): void
  /** Why it is so, or not: for `tsalt auth check`. Nothing is audited. @param reader who is told; absent: the master's own */
  explain(actor: Actor, act: Act, reader?: Actor): Promise<Decision>
  /** Whether every minion may be seen: who may not is told neither names nor how many there are. */
  seesAll(actor: Actor): boolean
  /** The rights of a name as they are now: what was begun for it earlier goes on by these. */
  actor(name: string): Actor
  /** What someone may do, in the form of Salt's `external_auth`: what its clients are told at the login. */
  perms(actor: Actor): Json
}

export interface Decision {
  readonly allowed: boolean
  /** A sentence each: the rules that cover it, or the nearest ones and what is in the way. */
  readonly reasons: readonly string[]
}

/** Of an act, for who may not see the minions that it is about. */
export const describeUnseen = (act: Act): string =>
  act.kind === 'job' ? `run ${act.fun} on every minion that is meant` : describeAct(act)

/** Of an act, for the error and the audit log. */
export function describeAct(act: Act): string {
  if (act.kind === 'see') return `see ${act.what}`
  if (act.kind !== 'job') return `call the ${act.kind === 'runner' ? 'runner' : 'wheel function'} ${act.fun}`
  const { length } = act.minions
  return `run ${act.fun} on ${length === 1 ? 'that minion' : `${length} minions`}`
}

/** Nobody but those who may do everything may do anything: the rule where no rules are configured. */
export const closedAccess: Access = {
  async require(actor, act) {
    if (actor.grants !== 'everything')
      throw new TsaltError('access-denied', { name: actor.name, act: describeAct(act) })
  },
  allows: async (actor) => actor.grants === 'everything',
  sees: async ({ grants }) => (grants === 'everything' ? 'all' : new Set()),
  requireTarget: () => undefined,
  seesAll: ({ grants }) => grants === 'everything',
  explain: async ({ grants, name }) =>
    grants === 'everything'
      ? { allowed: true, reasons: [`${name} may do everything.`] }
      : { allowed: false, reasons: ['There are no rules.'] },
  actor: (name) => (reservedNames.has(name) ? trusted(name) : { name, grants: [] }),
  perms: ({ grants }) => (grants === 'everything' ? ['.*', '@runner', '@wheel', '@jobs'] : []),
}
