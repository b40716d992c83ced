/** `--log-file`: what a command line did, for those who look for it later. */
import { appendFileSync } from 'node:fs'
import { TsaltError } from '../../shared/errors/error.ts'
import { harmless } from '../../shared/output/terminal-text.ts'
import type { Console } from './console.ts'

/** Salt's, from everything to nothing. */
export const logLevels = [
  'all',
  'garbage',
  'trace',
  'debug',
  'profile',
  'info',
  'warning',
  'error',
  'critical',
  'quiet',
] as const
export type LogLevel = (typeof logLevels)[number]

/** As the words of the command say; what is absent was not given. */
export interface LogFile {
  path?: string
  /** Of the file. */
  level?: string
  /** Of the terminal, which the file follows. */
  terminalLevel?: string
}

/** Is a line of this level shown where `wanted` was asked for? */
export const isLogged = (level: LogLevel, wanted: string): boolean =>
  logLevels.indexOf(level) >= logLevels.findIndex((name) => name === wanted)

/** @throws TsaltError `usage-wrong` where the file can't be written */
export function logToFile({ clock, logFile }: Console, level: LogLevel, text: string): void {
  if (logFile?.path === undefined) return
  if (!isLogged(level, logFile.level ?? logFile.terminalLevel ?? 'warning')) return
  const time = new Date(clock.now()).toISOString().replace('T', ' ').replace('.', ',').replace('Z', ' UTC')
  const line = `${time} [${level.toUpperCase().padEnd(8)}] ${harmless(text).trimEnd()}\n`
  try {
    appendFileSync(logFile.path, line, { mode: 0o600 })
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new TsaltError(
      'usage-wrong',
      { reason: `Cannot write ${logFile.path}: ${reason}` },
      { cause: error },
    )
  }
}
