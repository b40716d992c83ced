/** `test.*` in orchestrations: the states that need no machine. */
import { failure, fine, type StateOutcome, wouldChange } from '../../shared/run/outcome.ts'
import { type PureDecision, type PureState, pureStates } from '../../shared/run/pure-states.ts'
import type { OrchestrationFunction } from './contract.ts'

export const test: Readonly<Record<string, OrchestrationFunction>> = Object.fromEntries(
  Object.entries(pureStates).map(([name, state]) => [name, ofMaster(state)]),
)

function ofMaster({ decide, refresh, repeats: _, ...described }: PureState): OrchestrationFunction {
  return {
    ...described,
    predict: async (args, { pillar }) => outcomeOf(decide(args, pillar), true),
    run: async (args, { pillar }) => outcomeOf(decide(args, pillar), false),
    ...(refresh && { refresh: (dry) => outcomeOf(refresh(), dry) }),
  }
}

function outcomeOf(decision: PureDecision, dry: boolean): StateOutcome {
  if (decision.kind !== 'drift')
    return decision.kind === 'failed' ? failure(decision.comment) : fine(decision.comment)
  const { changes, would, done, ok } = decision
  if (dry) return wouldChange(would, changes)
  return ok ? fine(done, changes) : failure(done)
}
