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

/**
 * @param ids in the order of the target
 * @param canaries those of a canary that is a target; ids beyond `ids` do not count
 * @throws TsaltError `rollout-invalid`
 */
export function planRollout(
  wish: RolloutWish,
  ids: readonly MinionId[],
  canaries: readonly MinionId[],
): Plan {
  if (wish.pauseBetween !== undefined && wish.steps === undefined && wish.canary === undefined)
    throw invalid('there are no steps to pause between: they are made by steps, or by a canary')
  const first = new Set(canaries)
  const chosen = ids.filter((id) => first.has(id))
  if (typeof wish.canary === 'object' && chosen.length === 0)
    throw invalid('the canary is none of the minions that the target means')
  const order = [...chosen, ...ids.filter((id) => !first.has(id))]
  const canary = typeof wish.canary === 'number' ? Math.min(wish.canary, ids.length) : chosen.length
  const steps = (wish.steps ?? []).map((step) => atLeastOne(step, ids.length))
  steps.forEach((end, index) => {
    if (end < (steps[index - 1] ?? 0)) throw invalid('a step is smaller than the one before it')
  })
  const ends = [...new Set([...(canary > 0 ? [canary] : []), ...steps, ids.length])].filter(
    (end) => end >= canary,
  )
  return { order, ends: ends.sort((a, b) => a - b), limit: limitOf(wish, ids.length) }
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
