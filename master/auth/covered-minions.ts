/** Which of some minions a grant's target means. */
import type { MinionId } from '../../shared/ids.ts'
import { compileTarget } from '../../shared/targeting/compile-target.ts'
import { matchMinions, needsTable, orInvalid, refreshTable } from '../targeting/match.ts'
import type { TargetingParts, TargetText } from '../targeting/resolve.ts'

export type Targeting = Required<Pick<TargetingParts, 'accepted' | 'table' | 'pillarOf' | 'nodegroups'>>

/** @throws TsaltError `target-invalid`, `target-pillar` */
export async function coveredMinions(
  { accepted, table, pillarOf, nodegroups }: Targeting,
  target: TargetText,
  asked: ReadonlySet<MinionId>,
): Promise<readonly MinionId[]> {
  const compiled = orInvalid(target, () => compileTarget({ ...target, nodegroups }))
  const known = accepted()
  if (needsTable(compiled)) await refreshTable(table, known)
  const minions = known.filter(({ id }) => asked.has(id))
  const matched = await matchMinions({ target, compiled, table, pillarOf }, minions)
  const ids = new Set(matched.map(({ id }) => id))
  // A minion whose key is gone since is known by its name only: a job of it may still be ended by who named it so.
  const there = new Set(minions.map(({ id }) => id))
  if (!needsTable(compiled))
    for (const id of asked) if (!there.has(id) && compiled.matches({ id, grains: new Map() })) ids.add(id)
  return [...ids]
}

/** Whether a target asks for values of pillars: its answer tells of them. */
export function asksPillar(target: TargetText, nodegroups: Targeting['nodegroups']): boolean {
  try {
    return compileTarget({ ...target, nodegroups }).needsPillar
  } catch {
    // It is refused anyway, with its place.
    return false
  }
}
