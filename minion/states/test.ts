/** The states of shared/run/pure-states.ts on a machine, which they leave as it is. */
import { type PureDecision, type PureState, pureStates } from '../../shared/run/pure-states.ts'
import { type Decision, drift, failed, inSync, type StateFunction, stateModule } from './contract.ts'

export const test = stateModule({
  summary: 'States that do nothing, succeed or fail on request.',
  functions: Object.fromEntries(Object.entries(pureStates).map(([name, state]) => [name, onMachine(state)])),
})

function onMachine({ decide, refresh, ...described }: PureState): StateFunction {
  return {
    ...described,
    check: async (args, look) => decisionOf(decide(args, look.pillar)),
    ...(refresh && { refresh: async () => decisionOf(refresh()) }),
  }
}

function decisionOf(pure: PureDecision): Decision {
  if (pure.kind !== 'drift') return pure.kind === 'failed' ? failed(pure.comment) : inSync(pure.comment)
  const { changes, would, done, ok } = pure
  return drift(changes, { would, done }, async () => ({ ok }))
}
