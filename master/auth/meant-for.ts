/** Whom a target means, for somebody who may not see every minion: the answer tells of none that are hidden. */
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { isMinionId, type MinionId } from '../../shared/ids.ts'
import { isGlob } from '../../shared/targeting/glob.ts'
import type { AcceptedMinion, ResolveTarget, TargetText } from '../targeting/resolve.ts'
import type { Access } from './access.ts'
import type { Actor } from './actor.ts'

export interface MeantParts {
  readonly access: Pick<Access, 'seesAll'>
  readonly resolveTarget: ResolveTarget
  /** The right that is needed on these minions. @throws TsaltError `access-denied` */
  readonly require: (minions: readonly MinionId[]) => Promise<void>
}

/**
 * The right to those that are meant is not asked for yet; where somebody names minions that there are not, it is:
 * a name that is free is refused as one that is taken.
 * @throws TsaltError as `ResolveTarget`, without suggestions of names that may not be seen; `access-denied`
 */
export async function meantFor(
  { access, resolveTarget, require }: MeantParts,
  actor: Actor,
  target: TargetText,
): Promise<readonly AcceptedMinion[]> {
  try {
    return await resolveTarget(target)
  } catch (error) {
    const isNobody = isTsaltError(error) && (error.code === 'target-empty' || error.code === 'target-unknown')
    if (!isNobody || access.seesAll(actor)) throw error
    const named = namesIn(target)
    if (named.length > 0) await require(named)
    throw new TsaltError(error.code, error.parameters as never)
  }
}

/** Minions that a target names; none where it is a pattern. */
function namesIn({ kind, expression }: TargetText): readonly MinionId[] {
  const words =
    kind === 'compound' ? expression.split(/[\s()]+/) : kind === 'list' ? expression.split(',') : [expression]
  if (kind !== 'list' && kind !== 'compound' && (kind !== 'glob' || isGlob(expression))) return []
  return words
    .filter((word) => kind !== 'compound' || !(operators.has(word) || isGlob(word)))
    .map((word) => word.trim().toLowerCase())
    .filter(isMinionId)
}

/** Of compound targets. */
const operators: ReadonlySet<string> = new Set(['and', 'or', 'not'])
