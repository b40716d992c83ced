/** The terminal (or pipe) that a command line runs in, as one object, so that tests can be the other side of it. */
import { once } from 'node:events'
import type { Clock } from '../../shared/clock.ts'
import { systemClock } from '../../shared/clock.ts'
import type { LogFile } from './log-file.ts'
import { readKey } from './read-key.ts'

export interface Console {
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  readonly inIsTerminal: boolean
  /** Of --log-file, once the words are read. */
  logFile?: LogFile
  out(text: string): void
  err(text: string): void
  /** Who reads standard output is behind: resolves when more may be written. undefined: it may be written at once. */
  outDrained(): Promise<void> | undefined
  size(): { readonly columns: number; readonly rows: number }
  /** Ctrl-C, SIGTERM, SIGHUP. @returns how to stop listening */
  onInterrupt(handler: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void
  /** One line of the answer, without its end; undefined at the end of the input, or when `signal` aborts. */
  ask(question: string, signal?: AbortSignal): Promise<string | undefined>
  /** One key as it is pressed, where standard input is a terminal; Enter is `\n`. undefined as for `ask`. */
  key(question: string, signal?: AbortSignal): Promise<string | undefined>
  /** All of standard input. */
  allInput(): Promise<string>
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function processConsole(): Console {
  const { stdout, stderr, stdin } = process
  return {
    clock: systemClock,
    env: process.env,
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    inIsTerminal: stdin.isTTY === true,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outDrained: () => (stdout.writableNeedDrain ? once(stdout, 'drain').then(() => undefined) : undefined),
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    onInterrupt(handler) {
      const listeners = signals.map((signal) => [signal, () => handler(signal)] as const)
      for (const [signal, listener] of listeners) process.on(signal, listener)
      return () => {
        for (const [signal, listener] of listeners) process.off(signal, listener)
      }
    },
    key(question, signal) {
      stderr.write(question)
      return readKey(stdin, signal)
    },
    async allInput() {
      const chunks: Buffer[] = []
      for await (const chunk of stdin) chunks.push(chunk as Buffer)
      return Buffer.concat(chunks).toString('utf8')
    },
    async ask(question, signal) {
      const { createInterface } = await import('node:readline')
      const lines = createInterface({ input: stdin })
      const close = (): void => lines.close()
      signal?.addEventListener('abort', close, { once: true })
      if (signal?.aborted) close()
      stderr.write(question)
      try {
        for await (const line of lines) return line
        return undefined
      } finally {
        signal?.removeEventListener('abort', close)
        lines.close()
      }
    },
  }
}

/** Do the locale's texts go beyond ASCII? As programs in C decide it: the first of these that is set. */
export function speaksUnicode(env: Console['env']): boolean {
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '')
}

/** Colour on a terminal, unless NO_COLOR, TERM=dumb, the configuration or --no-color say no; --force-color wins. */
export function wantsColor(
  console: Console,
  options: { readonly color: boolean; readonly forceColor: boolean },
  configured = true,
): boolean {
  if (options.forceColor) return true
  if (!options.color || !configured || console.env.NO_COLOR || console.env.TERM === 'dumb') return false
  return console.outIsTerminal
}
