/** Salt's retcode of a finished run: 2 where a state failed and no `onfail` handler with `onfail_stop: False` took care of it, else 0. */
import type { LowChunk } from '../sls/low.ts'
import type { Finished } from './outcome.ts'

export function retcodeOf(finished: readonly Finished[], chunks: readonly LowChunk[]): 0 | 2 {
  const handled = new Set<LowChunk>()
  for (const { chunk, outcome } of finished) {
    if (!outcome.ran || outcome.result === false || chunk.globals.get('onfail_stop') !== false) continue
    for (const requisite of chunk.requisites) {
      if (!requisite.kind.startsWith('onfail')) continue
      for (const target of requisite.targets) {
        const other = chunks[target]
        if (other) handled.add(other)
      }
    }
  }
  return finished.some(({ chunk, outcome }) => outcome.result === false && !handled.has(chunk)) ? 2 : 0
}
