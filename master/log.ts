/** The master's log: JSON lines in a file of mode 0600, opened again on SIGHUP for whoever rotates it. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import pino, { type Logger } from 'pino'
import { TsaltError } from '../shared/errors/error.ts'

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

export interface Log {
  readonly logger: Logger
  /** After the file was moved away. */
  reopen(): void
}

/** @throws TsaltError `log-unwritable` */
export function openLog(file: string, level: LogLevel): Log {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 })
    const destination = pino.destination({ dest: file, sync: true, mode: 0o600 })
    return {
      logger: pino({ level: levels[level], base: null }, destination),
      reopen: () => destination.reopen(),
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TsaltError('log-unwritable', { file, reason }, { cause })
  }
}
