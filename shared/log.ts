/** The log: JSON lines through pino, written at once (a daemon that crashes has said everything). */
import pino, { type Logger } from 'pino'
import type { Clock } from './clock.ts'

/** The levels of the configuration, which are Salt's, as pino's. */
const levels = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
  quiet: 'silent',
} as const
export type LogLevel = keyof typeof levels
const names: Readonly<Record<string, LogLevel>> = { warn: 'warning', fatal: 'critical' }

export interface LogOptions {
  /** Name of the program: `tsalt-minion`. */
  readonly name: string
  readonly level: LogLevel
  /** Path of the log file (made 0600 in a folder that exists), or `stderr`. */
  readonly to: string
  readonly clock: Clock
  /** Every line goes through it before it is written; secrets are taken out here. */
  readonly redact?: (line: string) => string
}

/** @throws Error of the file system where the file cannot be opened */
export function makeLogger({ name, level, to, clock, redact }: LogOptions): Logger {
  const file = pino.destination({ dest: to === 'stderr' ? 2 : to, sync: true, mkdir: false, mode: 0o600 })
  const destination = redact ? { write: (line: string) => file.write(redact(line)) } : file
  return pino(
    {
      name,
      level: levels[level],
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: names[label] ?? label }) },
      serializers: { err: pino.stdSerializers.err },
    },
    destination,
  )
}

/** A logger that says nothing, for tools that answer their user in another way. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' })
}
