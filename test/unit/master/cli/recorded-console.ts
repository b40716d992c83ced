/** A console made of data: what was written, what is answered, and a way to press Ctrl-C. */
import type { Console } from '../../../../master/cli/console.ts'
import { type Program, runGuarded } from '../../../../master/cli/entry.ts'
import { runTsaltKey } from '../../../../master/cli/key-program.ts'
import { runTsaltRun } from '../../../../master/cli/run-program.ts'
import { runTsalt } from '../../../../master/cli/tsalt-program.ts'
import { systemClock } from '../../../../shared/clock.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface ConsoleOptions {
  /** `err`: standard output goes elsewhere. */
  readonly terminal?: boolean | 'err'
  readonly env?: Record<string, string>
  readonly answers?: string[]
  /** No configuration is named: the master is the one of this host, or that of a login. */
  readonly nowhere?: boolean
  /** What stands on standard input. */
  readonly input?: string
  /** Whether the reader of what is written is behind. */
  readonly drained?: () => Promise<void> | undefined
  /** Called with the way to interrupt, once something listens. */
  readonly onListening?: (interrupt: () => void) => void
}

const programs: Record<string, Program> = {
  tsalt: runTsalt,
  'tsalt-key': runTsaltKey,
  'tsalt-run': runTsaltRun,
}

/** Runs a program against a socket, as a shell would. */
export async function ran(
  socket: string,
  words: readonly string[],
  options: ConsoleOptions = {},
): Promise<Ran> {
  const [name = '', ...rest] = words
  const program = programs[name]
  if (!program) throw new Error(`no program ${name}`)
  const written = { out: '', err: '' }
  const answers = [...(options.answers ?? [])]
  const terminal = options.terminal ?? false
  const answer = (question: string): Promise<string | undefined> => {
    written.err += question
    return Promise.resolve(answers.shift())
  }
  const console: Console = {
    clock: systemClock,
    env: { LANG: 'C.UTF-8', TERM: 'xterm-256color', ...options.env },
    outIsTerminal: terminal === true,
    errIsTerminal: terminal !== false,
    inIsTerminal: terminal === true,
    out: (text) => {
      written.out += text
    },
    err: (text) => {
      written.err += text
    },
    outDrained: () => options.drained?.(),
    size: () => ({ columns: 80, rows: 10 }),
    onInterrupt: (handler) => {
      options.onListening?.(() => handler('SIGINT'))
      return () => undefined
    },
    allInput: () => Promise.resolve(options.input ?? ''),
    ask: answer,
    key: answer,
  }
  const typed = options.nowhere ? rest : withConfig(rest, socket)
  const code = await runGuarded(program, [...typed], console)
  return { code, ...written }
}

/** The socket comes from a configuration, as it does in real life. */
function withConfig(words: readonly string[], socket: string): string[] {
  const folder = socket.slice(0, socket.lastIndexOf('/'))
  const aliases = words[0] === 'key' || words[0] === 'run' ? 1 : 0
  return [...words.slice(0, aliases), '--config-dir', folder, ...words.slice(aliases)]
}
