/** The door, held by the rules of the configuration. What no rule covers is refused. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import { callsOf } from '../../shared/several-functions.ts'
import type { TargetText } from '../targeting/resolve.ts'
import { type Access, type Act, describeAct, describeUnseen, type Sight } from './access.ts'
import { type Actor, reservedNames, trusted } from './actor.ts'
import { letsSee, objectionTo } from './consider.ts'
import { asksPillar, coveredMinions, type Targeting } from './covered-minions.ts'
import type { Directory } from './directory.ts'
import type { Grant } from './grant.ts'
import { permsOf } from './perms.ts'
import { isFor, type Rule } from './rule.ts'

export interface RuleAccessParts {
  /** As they are now: a reload of the configuration brings others. */
  readonly rules: () => readonly Rule[]
  readonly directory: Pick<Directory, 'groupsOf' | 'look'>
  readonly targeting: Targeting
  /** Writes a refusal down. */
  readonly refused: (actor: Actor, act: string, reason: string) => void
}

export function makeRuleAccess(parts: RuleAccessParts): Access {
  const { rules, directory, targeting, refused } = parts

  function deny(actor: Actor, written: string, reasons: readonly Reason[], act = written): never {
    const reason = reasons[0] ?? 'No rule is for them.'
    refused(actor, written, toldTo(true, reason))
    const hint = `${toldTo(seesAll(actor), reason)} On the master, "tsalt auth check ${actor.name} …" tells more.`
    throw new TsaltError('access-denied', { name: actor.name, act }, { hint })
  }

  const actorOf = (name: string): Actor => {
    if (reservedNames.has(name)) return trusted(name)
    const groups = directory.groupsOf(name)
    const own = groups === undefined ? [] : rules().filter((rule) => isFor(rule, name, groups))
    return { name, grants: own.flatMap((rule) => rule.grants) }
  }

  /** What takes long, as an orchestration, goes on by the rights that there are now: its user may be disabled. */
  const asNow = (actor: Actor): Actor => (actor.grants === 'everything' ? actor : actorOf(actor.name))

  /** After a look at the account, where it is the system's. */
  const looked = async (actor: Actor): Promise<Actor> => {
    if (actor.grants !== 'everything') await directory.look(actor.name)
    return asNow(actor)
  }

  const seesAll = (actor: Actor): boolean => maySeeAll(asNow(actor).grants)

  const decide = (actor: Actor, act: Act): Promise<Judged> => {
    if (actor.grants === 'everything')
      return Promise.resolve({ allowed: true, reasons: [`${actor.name} may do everything.`] })
    return act.kind === 'see' ? seeing(targeting, actor.grants, act) : calling(targeting, actor.grants, act)
  }

  return {
    async require(actor, act) {
      const { allowed, reasons } = await decide(await looked(actor), act)
      if (allowed) return
      const written = describeAct(act)
      deny(actor, written, reasons, seesAll(actor) ? written : describeUnseen(act))
    },
    allows: async (actor, act) => (await decide(await looked(actor), act)).allowed,
    async sees(actor, what, minions) {
      const { grants } = await looked(actor)
      return grants === 'everything' ? 'all' : visibleMinions(targeting, grants, what, minions)
    },
    async explain(actor, act, reader = trusted('master')) {
      const { allowed, reasons } = await decide(actor, act)
      return { allowed, reasons: reasons.map((reason) => toldTo(seesAll(reader), reason)) }
    },
    seesAll,
    requireTarget(actor, target: TargetText) {
      const { grants } = asNow(actor)
      if (grants === 'everything' || !asksPillar(target, targeting.nodegroups)) return
      if (
        grants.some((grant) => grant.on === 'see' && grant.target === undefined && letsSee(grant, 'pillar'))
      )
        return
      deny(actor, 'target minions by their pillars', [
        'Such a target tells of pillars: "see: [pillar]" allows it.',
      ])
    },
    actor: actorOf,
    perms: ({ grants }) => permsOf(grants),
  }
}

/** A sentence; with another one where it counts minions, for who may not see them. */
type Reason = string | { readonly text: string; readonly unseen: string }

interface Judged {
  readonly allowed: boolean
  readonly reasons: readonly Reason[]
}

const toldTo = (seesAll: boolean, reason: Reason): string =>
  typeof reason === 'string' ? reason : seesAll ? reason.text : reason.unseen

const isEverybody = ({ kind, expression }: TargetText): boolean =>
  expression === '*' && (kind === 'glob' || kind === 'compound')

const maySeeAll = (grants: Actor['grants']): boolean =>
  grants === 'everything' ||
  grants.some(
    (grant) =>
      letsSee(grant, 'minions') &&
      (grant.target === undefined ? grant.on === 'see' : isEverybody(grant.target)),
  )

/** In words of a few minions, without their names. */
function missingOf(all: number, missing: number): string {
  return missing === all
    ? all === 1
      ? 'not that minion'
      : `none of ${all} minions`
    : `${all - missing} of ${all} minions`
}

type CallAct = Exclude<Act, { kind: 'see' }>

async function calling(targeting: Targeting, grants: readonly Grant[], act: CallAct): Promise<Judged> {
  const calls = callsOf(act)
  if (calls === undefined)
    return {
      allowed: false,
      reasons: [`What "${act.fun.slice(0, 60)}" calls, and with what, cannot be told.`],
    }
  const cover = coverOf(targeting, act.kind === 'job' ? act.minions : [])
  const reasons: Reason[] = []
  for (const call of calls) {
    const decision = await callingOne(cover, grants, { ...act, ...call })
    if (!decision.allowed) return decision
    reasons.push(...decision.reasons)
  }
  return { allowed: true, reasons }
}

async function callingOne(cover: Cover, grants: readonly Grant[], act: CallAct): Promise<Judged> {
  const asked = grants.map((grant) => ({ grant, objection: objectionTo(grant, act.kind, act) }))
  const covering = asked.flatMap(({ grant, objection }) => (objection === undefined ? [grant] : []))
  const near = asked
    .flatMap(({ grant, objection }) => (objection === undefined ? [] : [{ grant, ...objection }]))
    .sort((a, b) => b.nearness - a.nearness)
    .slice(0, 5)
    .map(({ grant, reason }) => `${named(grant)} does not cover it: ${reason}.`)
  if (covering.length === 0)
    return { allowed: false, reasons: near.length > 0 ? near : ['No rule is for them.'] }
  if (act.kind !== 'job') return { allowed: true, reasons: [`${named(covering[0])} covers it.`] }
  const { missing, reasons } = await missingMinions(cover, covering, act.minions)
  if (missing === 0) return { allowed: true, reasons }
  return { allowed: false, reasons: [...reasons, ...near] }
}

/** Which of the minions a target means; asked once, for however many functions: a fleet times all of them is long. */
type Cover = (target: TargetText) => Promise<readonly MinionId[]>

function coverOf(targeting: Targeting, minions: readonly MinionId[]): Cover {
  const asked = new Set(minions)
  const answers = new Map<TargetText, Promise<readonly MinionId[]>>()
  return (target) => {
    const answer = answers.get(target) ?? coveredMinions(targeting, target, asked)
    answers.set(target, answer)
    return answer
  }
}

/** Which minions no grant's target means. */
async function missingMinions(
  cover: Cover,
  grants: readonly Grant[],
  minions: readonly MinionId[],
): Promise<{ missing: number; reasons: readonly Reason[] }> {
  const missing = new Set(minions)
  const reasons: Reason[] = []
  // A job of nobody is nobody's right: it would be found out only what is granted.
  for (const grant of grants) {
    if (grant.target === undefined) continue
    let covered: readonly MinionId[] = []
    try {
      covered = await cover(grant.target)
    } catch (error) {
      const unseen = `${named(grant)} could not be asked`
      reasons.push({ text: `${unseen}: ${error instanceof Error ? error.message : String(error)}`, unseen })
    }
    for (const id of covered) missing.delete(id)
    const count = missingOf(minions.length, minions.length - covered.length)
    if (covered.length === minions.length) return { missing: 0, reasons: [`${named(grant)} covers it.`] }
    const means = `its target is ${grant.target.expression}.`
    reasons.push({
      text: `${named(grant)} covers ${count}: ${means}`,
      unseen: `${named(grant)} does not cover all of them: ${means}`,
    })
  }
  return { missing: missing.size, reasons }
}

async function seeing(
  targeting: Targeting,
  grants: readonly Grant[],
  { what, minions }: Extract<Act, { kind: 'see' }>,
): Promise<Judged> {
  const letting = grants.filter((grant) => letsSee(grant, what))
  const whole = letting.find((grant) => grant.on === 'see' && grant.target === undefined)
  if (whole) return { allowed: true, reasons: [`${named(whole)} covers it.`] }
  if (letting.length === 0) return { allowed: false, reasons: [`No rule lets them see ${what}.`] }
  if (minions === undefined || minions.length === 0)
    return { allowed: false, reasons: [`They may see ${what} of some minions only.`] }
  const { missing, reasons } = await missingMinions(coverOf(targeting, minions), letting, minions)
  return { allowed: missing === 0, reasons }
}

async function visibleMinions(
  targeting: Targeting,
  grants: readonly Grant[],
  what: Sight,
  minions: readonly MinionId[],
): Promise<'all' | ReadonlySet<MinionId>> {
  const letting = grants.filter((grant) => letsSee(grant, what))
  if (letting.some((grant) => grant.on === 'see' && grant.target === undefined)) return 'all'
  const visible = new Set<MinionId>()
  for (const { target } of letting) {
    if (target === undefined) continue
    const add = async (asked: readonly MinionId[]): Promise<void> => {
      for (const id of await coveredMinions(targeting, target, new Set(asked))) visible.add(id)
    }
    // Where one of them cannot be told, as with a pillar that does not compile, the others still can.
    await add(minions).catch(async () => {
      for (const id of minions) await add([id]).catch(() => undefined)
    })
  }
  return visible
}

function named(grant: Grant | undefined): string {
  const place = grant?.place
  return place === undefined ? 'A rule' : `The rule in ${place.file}:${place.line}`
}
