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
export const isLogLevel = (name: string): name is LogLevel => Object.hasOwn(levels, name)
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
  /** The same in a file as JSON lines, with a level of its own. */
  readonly alsoTo?: { readonly path: string; readonly level: LogLevel }
}

/** Bytes that wait for a log that cannot be written; what comes then is dropped. */
const heldBack = 262_144

/** @throws Error of the file system where the file cannot be opened */
export function makeLogger({ name, level, to, clock, redact, forPeople, alsoTo }: LogOptions): Logger {
  const dest = to === 'stderr' ? 2 : to
  const file = pino.destination({ dest, sync: true, mkdir: false, mode: 0o600, maxLength: heldBack })
  survive(file, to)
  const shape = (line: string): string => {
    const safe = redact ? redact(line) : line
    return forPeople ? lineForPeople(safe) : safe
  }
  const destination = redact || forPeople ? { write: (line: string) => file.write(shape(line)) } : file
  const both = alsoTo === undefined ? undefined : withCopy(destination, level, alsoTo, redact)
  return pino(
    {
      name,
      level: both?.level ?? levels[level],
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: names[label] ?? label }) },
      serializers: { err: pino.stdSerializers.err },
    },
    both?.streams ?? destination,
  )
}

interface Destination {
  write(line: string): unknown
}

function withCopy(
  first: Destination,
  level: LogLevel,
  { path, level: copied }: NonNullable<LogOptions['alsoTo']>,
  redact: ((line: string) => string) | undefined,
): { readonly level: string; readonly streams: Destination } {
  const file = pino.destination({ dest: path, sync: true, mkdir: false, mode: 0o600, maxLength: heldBack })
  survive(file, path)
  const copy = { write: (line: string) => file.write(redact ? redact(line) : line) }
  const wanted = [
    { level: levels[level], stream: first },
    { level: levels[copied], stream: copy },
  ]
  const streams = wanted.filter(({ level: each }) => each !== 'silent') as pino.StreamEntry[]
  const order = Object.values(levels)
  const lowest = Math.min(...wanted.map(({ level: each }) => order.indexOf(each)))
  return { level: order[lowest] ?? 'silent', streams: pino.multistream(streams) }
}

/** Of a logger that runs already. Those that were made of it before keep theirs. */
export function setLogLevel(logger: Logger, level: LogLevel): void {
  logger.level = levels[level]
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
