/** A target becomes the accepted minions that it means. */
import { decodeValue } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { isDict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import { type Expression, parseTarget, type TargetText } from '../../shared/targeting/expression.ts'
import { isGlob } from '../../shared/targeting/glob.ts'
import type { MinionStore } from '../store/minions.ts'

/** A minion whose key is accepted. */
export interface AcceptedMinion {
  readonly id: MinionId
  readonly generation: number
}

export type ResolveTarget = (target: TargetText) => Promise<readonly AcceptedMinion[]>

/**
 * @param accepted the minions with an accepted key, asked anew for each target
 * @returns sorted by id, a list in its own order. @throws TsaltError `target-empty`, `target-unknown`, `target-invalid`
 */
export function makeResolveTarget(
  accepted: () => readonly AcceptedMinion[],
  minions: Pick<MinionStore, 'grains'>,
): ResolveTarget {
  return async (target) => {
    const expression = parseTarget(target)
    const known = accepted()
    if (expression.kind === 'list') return resolveList(expression.ids, known)
    const matched = await resolveMatch(expression, known, minions)
    if (matched.length === 0) throw nothingMatched(expression, known)
    return matched.sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}

async function resolveMatch(
  expression: Exclude<Expression, { kind: 'list' }>,
  known: readonly AcceptedMinion[],
  minions: Pick<MinionStore, 'grains'>,
): Promise<AcceptedMinion[]> {
  if (expression.kind === 'glob') return known.filter(({ id }) => expression.matches(id))
  const matched: AcceptedMinion[] = []
  for (const minion of known) {
    const encoded = await minions.grains(minion.id, minion.generation)
    const grains = encoded === undefined ? undefined : decodeValue(encoded)
    if (isDict(grains) && expression.matches(grains)) matched.push(minion)
  }
  return matched
}

function resolveList(ids: readonly MinionId[], known: readonly AcceptedMinion[]): readonly AcceptedMinion[] {
  const byId = new Map(known.map((minion) => [minion.id, minion]))
  const unknown = ids.filter((id) => !byId.has(id))
  if (unknown.length > 0) {
    const [first = ''] = unknown
    const near = nearest(first, byId.keys())
    throw new TsaltError(
      'target-unknown',
      { ids: unknown.slice(0, 20).join(', ') + (unknown.length > 20 ? ', …' : '') },
      { hint: near ? `Did you mean "${near}"?` : '"tsalt-key -L" lists the accepted minions.' },
    )
  }
  return ids.flatMap((id) => byId.get(id) ?? [])
}

function nothingMatched(expression: Expression, known: readonly AcceptedMinion[]): TsaltError {
  const plainId = expression.kind === 'glob' && !isGlob(expression.pattern)
  const near = plainId
    ? nearest(
        expression.pattern,
        known.map(({ id }) => id),
      )
    : undefined
  return new TsaltError('target-empty', {}, near === undefined ? {} : { hint: `Did you mean "${near}"?` })
}
