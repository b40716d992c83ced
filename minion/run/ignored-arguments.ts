/** Arguments of Salt that mean nothing here; a state that has one says so in its warnings. */
import type { LowChunk } from '../../shared/sls/low.ts'

const reasons: Readonly<Record<string, string>> = {
  provider: 'is ignored: the option "providers" of the minion chooses the provider for all states',
  runas_password: 'is ignored: it means something on Windows only',
}

export function ignoredArguments({ globals }: LowChunk): string[] {
  if (globals.size === 0) return []
  return Object.entries(reasons).flatMap(([name, reason]) =>
    globals.has(name) ? [`"${name}" ${reason}`] : [],
  )
}
