/** What every program of the command line does around its work: exit code, errors, closed pipes. */
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import { harmless } from '../../shared/output/terminal-text.ts'
import { type Console, processConsole } from './console.ts'
import { logToFile } from './log-file.ts'

export type Program = (words: readonly string[], console: Console) => Promise<number>

/** Runs to the end and leaves the exit code; the process ends by itself when everything is written. */
export function runProgram(program: Program): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader (head, less) has seen enough.
      process.exit(error.code === 'EPIPE' ? 0 : 74)
    })
  }
  const console = processConsole()
  runGuarded(program, process.argv.slice(2), console).then(
    (code) => {
      process.exitCode = code
    },
    (error: unknown) => {
      process.exitCode = 70
      process.stderr.write(`ERROR: ${String(error)}\n`)
    },
  )
}

/** The program with its errors turned into a message on stderr and an exit code. */
export async function runGuarded(
  program: Program,
  words: readonly string[],
  console: Console,
): Promise<number> {
  try {
    return await program(words, console)
  } catch (error) {
    const exit = exitCodeOf(error)
    const text =
      error instanceof Error && exit === 70 && !isTsaltError(error)
        ? (error.stack ?? error.message)
        : describeError(error)
    if (text !== '') {
      console.err(`ERROR: ${harmless(text)}\n`)
      logError(console, text)
    }
    return exit
  }
}

function logError(console: Console, text: string): void {
  try {
    logToFile(console, 'error', text)
  } catch {
    // A log that can't be written hides no error.
  }
}

function exitCodeOf(error: unknown): number {
  const code = (error as { exitCode?: unknown } | null)?.exitCode
  return typeof code === 'number' ? code : 70
}
