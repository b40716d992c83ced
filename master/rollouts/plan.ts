/** From what was asked for to the order of the minions and the ends of the steps. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { RolloutWish } from './schemas.ts'

export interface Plan {
  readonly order: readonly MinionId[]
  /** Rising; the last is the number of all. */
  readonly ends: readonly number[]
  readonly limit: number | undefined
}

export interface Known {
  /** Those of a canary that is a target; ids that the rollout does not mean do not count. */
  readonly canaries: readonly MinionId[]
  /** Whether it is connected now, or expected back at once. */
  readonly isThere: (id: MinionId) => boolean
}

/**
 * @param ids in the order of the target
 * @throws TsaltError `rollout-invalid`
 */
export function planRollout(wish: RolloutWish, ids: readonly MinionId[], { canaries, isThere }: Known): Plan {
  if (wish.pauseBetween !== undefined && wish.steps === undefined && wish.canary === undefined)
    throw invalid('there are no steps to pause between: they are made by steps, or by a canary')
  const first = new Set(canaries)
  const chosen = ids.filter((id) => first.has(id))
  if (typeof wish.canary === 'object' && chosen.length === 0)
    throw invalid('the canary is none of the minions that the target means')
  const canary = typeof wish.canary === 'number' ? Math.min(wish.canary, ids.length) : chosen.length
  const steps = (wish.steps ?? []).map((step) => atLeastOne(step, ids.length))
  steps.forEach((end, index) => {
    if (end < (steps[index - 1] ?? 0)) throw invalid('a step is smaller than the one before it')
  })
  const ends = [...new Set([...(canary > 0 ? [canary] : []), ...steps, ids.length])].filter(
    (end) => end >= canary,
  )
  ends.sort((a, b) => a - b)
  // Who is to show first that it works should be there: unless the canaries were named.
  const begin = chosen.length > 0 || ends.length === 1 ? chosen : ids.filter(isThere).slice(0, ends[0] ?? 0)
  return { order: withFirst(begin, ids), ends, limit: limitOf(wish, ids.length) }
}

function withFirst(first: readonly MinionId[], ids: readonly MinionId[]): readonly MinionId[] {
  const before = new Set(first)
  return [...first, ...ids.filter((id) => !before.has(id))]
}

/** How many at once. */
export const windowOf = ({ batch }: RolloutWish, total: number): number =>
  batch === undefined ? Number.POSITIVE_INFINITY : atLeastOne(batch, total)

function atLeastOne(amount: number | string, total: number): number {
  if (typeof amount === 'number') return Math.min(amount, total)
  const share = Number.parseFloat(amount) / 100
  return Math.min(total, Math.max(1, Math.floor(total * share)))
}

function limitOf({ maxFail, canary, steps, gate }: RolloutWish, total: number): number | undefined {
  if (typeof maxFail === 'number') return maxFail
  if (maxFail !== undefined) {
    const share = /^((?:100|[1-9]?\d)(?:\.\d+)?)%$/.exec(maxFail)?.[1]
    if (share === undefined)
      throw invalid(`"${maxFail}" is neither a number of failures nor a share such as 5%`)
    return Math.floor((total * Number(share)) / 100)
  }
  return canary === undefined && steps === undefined && gate === undefined ? undefined : 0
}

const invalid = (reason: string): TsaltError => new TsaltError('rollout-invalid', { reason: `${reason}.` })
