/** What the `state.show_*` functions answer: the compiler's data in Salt's shapes. */
import type { Plain, Value } from '../../shared/data/value.ts'
import type { Compiled } from '../../shared/sls/compiled.ts'
import { graphDot } from '../../shared/sls/graph-dot.ts'
import { slsNames } from '../../shared/sls/names.ts'
import type { Tree } from '../../shared/sls/tree.ts'
import type { Shown } from '../modules/contract.ts'

export function showCompiled(what: Shown, compiled: Compiled, tree: Tree): Plain {
  switch (what) {
    case 'top':
      return new Map([...compiled.top].map(([environment, names]) => [environment, [...names] as Value]))
    case 'high':
      return compiled.high()
    case 'low':
      return [...compiled.low()]
    case 'states':
      return [...new Set(compiled.chunks.map(({ sls }) => sls))]
    case 'usage':
      return usageOf(compiled, tree)
    case 'graph':
      return graphDot(compiled.chunks)
  }
}

/** Environment → which of its SLS are part of the run, by the top file or by an include, and which are not. */
function usageOf(compiled: Compiled, tree: Tree): Plain {
  const used = new Set(compiled.rendered)
  return new Map(
    tree.environments.map((environment) => {
      const names = slsNames(tree, environment)
      const isUsed = (sls: string): boolean => used.has(`${environment}:${sls}`)
      const [those, others] = [names.filter(isUsed), names.filter((sls) => !isUsed(sls))]
      const usage: [string, Value][] = [
        ['used', those],
        ['unused', others],
        ['count_all', names.length],
        ['count_used', those.length],
        ['count_unused', others.length],
      ]
      return [environment, new Map(usage)]
    }),
  )
}
