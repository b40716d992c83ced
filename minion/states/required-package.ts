/** In a dry run: a package that the state requires and that an earlier state would install, with files nobody knows yet. */
import type { PredictedChange, StateRun } from './contract.ts'

export function requiredPackage(run: StateRun): PredictedChange | undefined {
  if (!run.test) return undefined
  const required = new Set((run.required ?? []).map(({ state, id }) => `${state} ${id}`))
  return run.predicted.find(
    ({ state, fun, id }) =>
      state === 'pkg' && (fun === 'installed' || fun === 'latest') && required.has(`pkg ${id}`),
  )
}
