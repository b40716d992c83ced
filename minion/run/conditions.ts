/** `global_state_conditions`: which states a minion calls at all, by compound expressions in its configuration. */
import { type Dict, isList } from '../../shared/data/value.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import { compileTopMatch, type TopSubject } from '../../shared/sls/top-match.ts'

type Condition = (subject: TopSubject) => boolean

/**
 * @param configured `*`, a module or `module.function` → expression or list of them; one that matches is enough
 * @returns whether a state may be called
 * @throws TsaltError `top-expression-invalid`, `top-match-unsupported`
 */
export function stateConditions(
  configured: Dict,
  subject: TopSubject,
): (chunk: Pick<LowChunk, 'state' | 'fun'>) => boolean {
  if (configured.size === 0) return () => true
  const conditions = new Map<string, boolean[]>()
  for (const [key, value] of configured) {
    const expressions = isList(value) ? value : [value]
    const tests = expressions.map(
      (one): Condition => compileTopMatch({ expression: String(one), type: undefined }),
    )
    conditions.set(
      String(key),
      tests.map((matches) => matches(subject)),
    )
  }
  return ({ state, fun }) => {
    const found = ['*', state, `${state}.${fun}`].flatMap((key) => conditions.get(key) ?? [])
    return found.length === 0 || found.includes(true)
  }
}
