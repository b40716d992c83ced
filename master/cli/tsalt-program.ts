/** Which of its jobs `tsalt` was called for. */

import { isKnownFunction } from './command-words.ts'
import type { Console } from './console.ts'
import { jobsWords, runJobsCommand } from './jobs-command.ts'
import { connectMaster } from './master-client.ts'
import { runFunction } from './run-function.ts'
import { socketPath } from './socket-path.ts'
import { parseTsalt, targetKindOf } from './tsalt-options.ts'

export async function runTsalt(words: readonly string[], console: Console): Promise<number> {
  const [first, second = ''] = words
  if (first === 'key' && !isKnownFunction(second)) {
    return (await import('./key-program.ts')).runTsaltKey(words.slice(1), console)
  }
  if (first === 'run' && !isKnownFunction(second)) {
    return (await import('./run-program.ts')).runTsaltRun(words.slice(1), console)
  }
  if (first === 'migrate' && !isKnownFunction(second)) {
    return (await import('./migrate-program.ts')).runMigrate(words.slice(1), console)
  }
  // A host may be called events; then a function follows.
  if (first === 'events' && !isKnownFunction(second)) {
    return (await import('./events-program.ts')).runEvents(words.slice(1), console)
  }
  // A host may be called doctor; then a function follows.
  if (first === 'doctor' && (second === '' || second.startsWith('-'))) {
    return (await import('./doctor-program.ts')).runDoctor(words.slice(1), console)
  }
  const { options, words: rest } = parseTsalt(words, console)
  const jobs = targetKindOf(options) !== undefined ? undefined : jobsWords(rest)
  const socket = await socketPath({ configDir: options.configDir, rootDir: options.rootDir })
  const client = connectMaster(socket)
  return jobs ? runJobsCommand(client, console, options, jobs) : runFunction(client, console, options, rest)
}
