/** Which of its jobs `tsalt` was called for. */

import { isKnownFunction } from './command-words.ts'
import type { Console } from './console.ts'
import { isAboutJobs, runJobs } from './jobs-program.ts'
import { connectMaster } from './master-client.ts'
import { runFunction } from './run-function.ts'
import { socketPath } from './socket-path.ts'
import { parseTsalt, targetKindOf } from './tsalt-options.ts'

type Program = (words: readonly string[], console: Console) => Promise<number>

/** Hosts may have these names too; then a function follows. */
const programs: Readonly<Record<string, () => Promise<Program>>> = {
  key: async () => (await import('./key-program.ts')).runTsaltKey,
  run: async () => (await import('./run-program.ts')).runTsaltRun,
  migrate: async () => (await import('./migrate-program.ts')).runMigrate,
  events: async () => (await import('./events-program.ts')).runEvents,
  reactor: async () => (await import('./reactor-program.ts')).runReactor,
  rollout: async () => (await import('./rollout-program.ts')).runRollout,
  auth: async () => (await import('./auth-program.ts')).runAuth,
  audit: async () => (await import('./audit-program.ts')).runAudit,
  doctor: async () => (await import('./doctor-program.ts')).runDoctor,
}

export async function runTsalt(typed: readonly string[], console: Console): Promise<number> {
  const at = afterPlace(typed)
  const [name = '', second = ''] = typed.slice(at)
  if (Object.hasOwn(programs, name) && !isKnownFunction(second)) {
    const program = await programs[name]?.()
    if (program) return program([...typed.slice(0, at), ...typed.slice(at + 1)], console)
  }
  if (isAboutJobs(typed.slice(at))) return runJobs(withoutName(typed, at), console)
  const { options, words } = parseTsalt(typed, console)
  if (targetKindOf(options) === undefined && isAboutJobs(words))
    return runJobs(withoutName(typed, typed.indexOf(words[0] ?? '')), console)
  const socket = await socketPath({ configDir: options.configDir, rootDir: options.rootDir })
  const client = connectMaster(socket)
  return runFunction(client, console, options, words)
}

/** `jobs show` without `jobs`; `jobs.show` says what it is. */
const withoutName = (words: readonly string[], at: number): string[] =>
  words[at] === 'jobs' ? words.toSpliced(at, 1) : [...words]

/** Options of place may stand before the name of a program: `tsalt -c conf events`. @returns where they end */
function afterPlace(words: readonly string[]): number {
  let at = 0
  for (;;) {
    const word = words[at] ?? ''
    if (/^(?:-c|--config-dir|--root-dir|-l|--log-level)$/.test(word)) at += 2
    else if (/^--(?:config-dir|root-dir|log-level)=/.test(word)) at += 1
    else return at
  }
}
