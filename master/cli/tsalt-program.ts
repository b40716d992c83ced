/** Which of its jobs `tsalt` was called for. */

import { isKnownFunction } from './command-words.ts'
import type { Console } from './console.ts'
import { isAboutJobs, runJobs } from './jobs-program.ts'
import { withMaster } from './open-master.ts'
import { runFunction } from './run-function.ts'
import { parseTsalt, targetKindOf } from './tsalt-options.ts'
import { withInput } from './typed-input.ts'

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
  login: async () => (await import('./login-program.ts')).runLogin,
  logout: async () => (await import('./logout-program.ts')).runLogout,
  session: async () => (await import('./session-program.ts')).runSession,
  whoami: async () => (await import('./session-program.ts')).runSession,
}

export async function runTsalt(given: readonly string[], console: Console): Promise<number> {
  const typed = await withInput(given, console)
  const at = afterPlace(typed)
  const [name = '', second = ''] = typed.slice(at)
  if (Object.hasOwn(programs, name) && !isKnownFunction(second)) {
    const program = await programs[name]?.()
    const place = typed.slice(0, at)
    // There --token is a join token.
    const before =
      name === 'key' ? place.map((word) => word.replace(/^--token(?==|$)/, '--auth-token')) : place
    if (program) return program([...before, ...typed.slice(at + 1)], console)
  }
  if (isAboutJobs(typed.slice(at))) return runJobs(withoutName(typed, at), console)
  const { options, words } = parseTsalt(typed, console)
  if (options.configDump) return (await import('./config-dump.ts')).dumpConfig(options, console)
  if (targetKindOf(options) === undefined && isAboutJobs(words))
    return runJobs(withoutName(typed, typed.indexOf(words[0] ?? '')), console)
  return withMaster(options, console, (client) => runFunction(client, console, options, words))
}

/** `jobs show` without `jobs`; `jobs.show` says what it is. */
const withoutName = (words: readonly string[], at: number): string[] =>
  words[at] === 'jobs' ? words.toSpliced(at, 1) : [...words]

/** Options of place may stand before the name of a program: `tsalt -c conf events`. @returns where they end */
function afterPlace(words: readonly string[]): number {
  let at = 0
  for (;;) {
    const word = words[at] ?? ''
    if (placeOptions.test(word)) at += 2
    else if (placeOptions.test(word.slice(0, word.indexOf('=')))) at += 1
    else return at
  }
}

const placeOptions =
  /^(?:-c|--config-dir|--root-dir|-l|--log-level|--api|--ca|--token|--auth-token|--client-cert|--client-key)$/
