/** What the compiler found odd about a state, and its arguments that mean nothing here: both are told in its warnings. */
import type { LowChunk } from '../sls/low.ts'

const reasons: Readonly<Record<string, string>> = {
  provider: 'is ignored: the option "providers" of the minion chooses the provider for all states',
  runas_password: 'is ignored: it means something on Windows only',
}

export function ignoredArguments({ globals, warnings = [] }: LowChunk): readonly string[] {
  if (globals.size === 0) return warnings
  const ignored = Object.entries(reasons).flatMap(([name, reason]) =>
    globals.has(name) ? [`"${name}" ${reason}`] : [],
  )
  return [...warnings, ...ignored]
}
