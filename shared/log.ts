/** The log: JSON lines through pino, written at once (a daemon that crashes has said everything). */
import { writeSync } from 'node:fs'
import pino, { type Logger } from 'pino'
import type { Clock } from './clock.ts'
import { harmless } from './output/terminal-text.ts'

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
  /** `[WARNING ] text` instead of JSON, for programs whose log is the terminal. */
  readonly forPeople?: boolean
}

/** Bytes that wait for a log that cannot be written; what comes then is dropped. */
const heldBack = 262_144

/** @throws Error of the file system where the file cannot be opened */
export function makeLogger({ name, level, to, clock, redact, forPeople }: LogOptions): Logger {
  const dest = to === 'stderr' ? 2 : to
  const file = pino.destination({ dest, sync: true, mkdir: false, mode: 0o600, maxLength: heldBack })
  survive(file, to)
  const shape = (line: string): string => {
    const safe = redact ? redact(line) : line
    return forPeople ? lineForPeople(safe) : safe
  }
  const destination = redact || forPeople ? { write: (line: string) => file.write(shape(line)) } : file
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

/** As Salt's programs show their log; the details of an error are for log files. */
function lineForPeople(line: string): string {
  try {
    const { level, msg, reason } = JSON.parse(line) as { level?: unknown; msg?: unknown; reason?: unknown }
    const text = typeof reason === 'string' ? `${String(msg)}: ${reason}` : String(msg)
    return `[${String(level).toUpperCase().padEnd(8)}] ${harmless(text)}\n`
  } catch {
    return line
  }
}

/** A full disk must not end a daemon: without a listener, a failed write would be thrown by whoever logs. */
function survive(file: ReturnType<typeof pino.destination>, to: string): void {
  let told = false
  file.on('error', (error: Error) => {
    if (told) return
    told = true
    try {
      writeSync(2, `The log ${to} cannot be written: ${error.message}. Lines may be lost until it can.\n`)
    } catch {
      // Nowhere left to say it.
    }
  })
  file.on('write', () => {
    told = false
  })
}

/** A logger that says nothing, for tools that answer their user in another way. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' })
}
