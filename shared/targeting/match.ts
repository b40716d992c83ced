/** Whether one minion is meant by an expression: for the master's targets and for top files. */
import type { Dict } from '../data/value.ts'
import type { MinionId } from '../ids.ts'
import type { Expression } from './expression.ts'

export interface Candidate {
  readonly id: MinionId
  /** Asked for only by expressions that look at grains. */
  readonly grains: () => Dict
}

export function matchesTarget(expression: Expression, candidate: Candidate): boolean {
  switch (expression.kind) {
    case 'glob':
      return expression.matches(candidate.id)
    case 'list':
      return expression.ids.includes(candidate.id)
    case 'grain':
      return expression.matches(candidate.grains())
  }
}
