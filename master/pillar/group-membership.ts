/** In which nodegroups of the master's configuration a minion is. What makes a group stays with the master. */
import type { Dict } from '../../shared/data/value.ts'
import { compileTarget } from '../../shared/targeting/compile-target.ts'
import { type Subject, TargetError } from '../../shared/targeting/target.ts'

/** @returns group → whether; without groups that nobody could be told to be in, as they are written */
export function groupsOf(nodegroups: Dict | undefined, subject: Subject): Record<string, boolean> {
  const groups: Record<string, boolean> = Object.create(null)
  for (const key of nodegroups?.keys() ?? []) {
    const name = String(key)
    try {
      groups[name] = compileTarget({ kind: 'nodegroup', expression: name, nodegroups }).matches(subject)
    } catch (error) {
      if (!(error instanceof TargetError)) throw error
    }
  }
  return groups
}
