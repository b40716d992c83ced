/** A target becomes the accepted minions that it means. */
import { nearest } from '../../shared/data/nearest.ts'
import type { Dict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { isMinionId, type MinionId } from '../../shared/ids.ts'
import { compileTarget } from '../../shared/targeting/compile-target.ts'
import { isGlob } from '../../shared/targeting/glob.ts'
import { TargetError, type TargetKind } from '../../shared/targeting/target.ts'
import type { MinionStore } from '../store/minions.ts'
import { GrainTable } from './grain-table.ts'
import { invalidTarget as invalid, matchMinions, needsTable, orInvalid, refreshTable } from './match.ts'

/** A minion whose key is accepted. */
export interface AcceptedMinion {
  readonly id: MinionId
  readonly generation: number
}

export interface TargetText {
  readonly kind: TargetKind
  readonly expression: string
  /** Between the steps of a path; `:` where absent. */
  readonly delimiter?: string | undefined
}

export type ResolveTarget = (target: TargetText) => Promise<readonly AcceptedMinion[]>

export interface TargetingParts {
  /** The minions with an accepted key, asked anew for each target. */
  readonly accepted: () => readonly AcceptedMinion[]
  readonly minions: Pick<MinionStore, 'grainsSince'>
  /** Shared with others that match; absent: one of its own. */
  readonly table?: GrainTable
  /** Compiled by the master; what a minion says of its pillar counts for nothing. @throws where it can't be compiled */
  readonly pillarOf: (minion: AcceptedMinion) => Promise<Dict>
  /** Option `nodegroups`. */
  readonly nodegroups: Dict | undefined
}

/**
 * @returns sorted by id, a list in its own order
 * @throws TsaltError `target-empty`, `target-unknown`, `target-invalid`, `target-pillar`
 */
export function makeResolveTarget(parts: TargetingParts): ResolveTarget {
  const { table = new GrainTable(parts.minions), pillarOf } = parts
  // So that the first command does not wait for it; what fails now is told to whoever asks.
  table.refresh().catch(() => undefined)
  return async (target) => {
    const { kind, expression } = target
    if (expression.trim() === '') throw invalid(target, new TargetError('it is empty'))
    const known = parts.accepted()
    if (kind === 'list') return resolveList(target, known)
    const compiled = orInvalid(target, () => compileTarget({ ...target, nodegroups: parts.nodegroups }))
    if (needsTable(compiled)) await refreshTable(table, known)
    const matched = await matchMinions({ target, compiled, table, pillarOf }, known)
    if (matched.length === 0) throw nothingMatched(target, known)
    return matched.sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}

/** Repeated ids count once; the order is kept. */
function resolveList(target: TargetText, known: readonly AcceptedMinion[]): readonly AcceptedMinion[] {
  const byId = new Map(known.map((minion) => [minion.id, minion]))
  const ids = listed(target)
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

function listed(target: TargetText): readonly MinionId[] {
  const ids = new Set<MinionId>()
  for (const { 0: item, index } of target.expression.matchAll(/[^,]+/g)) {
    const id = item.trim().toLowerCase()
    if (id === '') continue
    const offset = index + item.length - item.trimStart().length
    if (!isMinionId(id))
      throw invalid(target, new TargetError(`"${id.slice(0, 80)}" is not a minion id`, undefined, offset))
    ids.add(id)
  }
  if (ids.size === 0) throw invalid(target, new TargetError('it names no minion'))
  return [...ids]
}

function nothingMatched({ kind, expression }: TargetText, known: readonly AcceptedMinion[]): TsaltError {
  const plainId = kind === 'glob' && !isGlob(expression)
  const near = plainId
    ? nearest(
        expression,
        known.map(({ id }) => id),
      )
    : undefined
  return new TsaltError('target-empty', {}, near === undefined ? {} : { hint: `Did you mean "${near}"?` })
}
