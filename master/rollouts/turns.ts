/** What a minion of a rollout has come to, from what its job knows of it. */
import type { Json } from '../../shared/data/codec.ts'
import type { Turn } from './next-move.ts'
import type { RolloutParts, TargetVerdict } from './rollout-parts.ts'
import type { Rollout } from './schemas.ts'

export function turnOf(
  target: TargetVerdict | undefined,
  { gates, skipped, wish, state }: Rollout,
  { clock, options }: Pick<RolloutParts, 'clock' | 'options'>,
): Turn {
  // A job that was never completed, or a target of an earlier life of the id.
  if (target === undefined) return 'offline'
  const { id, status, since, verdict } = target
  const isLate = clock.now() - since > options.timeout * 1000
  switch (status) {
    case 'held':
      return skipped.includes(id) ? 'offline' : 'held'
    case 'expired':
      return 'offline'
    case 'waiting':
      return isLate ? 'failed' : 'busy'
    case 'lost':
      return isLate ? 'failed' : 'busy'
    case 'returned': {
      if (state === 'aborted' && verdict?.outcome === 'cancelled') return 'left'
      if (verdict?.outcome !== 'done' || !verdict.success || verdict.retcode !== 0) return 'failed'
      if (wish.gate === undefined) return 'ok'
      const gate = gates[id]
      if (gate === undefined) return 'gate-due'
      return gate.state === 'asking' ? 'busy' : gate.state === 'open' ? 'ok' : 'failed'
    }
    default:
      return 'busy'
  }
}

/** Whether the results of states report any change. */
export function didChange(ret: Json): boolean {
  if (ret === null || typeof ret !== 'object' || Array.isArray(ret)) return false
  return Object.values(ret).some((entry) => {
    const changes = (entry as { readonly changes?: Json } | null)?.changes
    return changes !== null && typeof changes === 'object' && Object.keys(changes).length > 0
  })
}
