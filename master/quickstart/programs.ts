/** Starts the bundled programs of this checkout below a scratch folder, and runs commands as a user would type them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'

export interface Outcome {
  readonly code: number
  readonly output: string
}

export class Programs {
  readonly #folder: string
  readonly #daemons: ChildProcess[] = []

  /** @param folder where the bundles are */
  constructor(folder: string) {
    this.#folder = folder
  }

  path(name: string): string {
    return join(this.#folder, `${name}.cjs`)
  }

  /** A daemon that lives until `stop`; its output goes to a file. @param input what it reads on standard input */
  start(name: string, args: readonly string[], logFile: string, input?: string): ChildProcess {
    const log = openSync(logFile, 'a')
    // By its own first line, which names the flags that its program runs with.
    const child = spawn(this.path(name), args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', log, log],
      detached: true,
    })
    child.stdin?.end(input)
    closeSync(log)
    this.#daemons.push(child)
    return child
  }

  /** Runs a command to its end. `show`: its output appears on this terminal, colours included. */
  run(name: string, args: readonly string[], show: boolean): Promise<Outcome> {
    const colour = show && process.stdout.isTTY ? ['--force-color'] : []
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.path(name), ...args, ...colour], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let output = ''
      const keep = (chunk: Buffer, to: NodeJS.WriteStream): void => {
        output += chunk.toString()
        if (show) to.write(chunk)
      }
      child.stdout.on('data', (chunk: Buffer) => keep(chunk, process.stdout))
      child.stderr.on('data', (chunk: Buffer) => keep(chunk, process.stderr))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code: code ?? 1, output }))
    })
  }

  /** Pids of the daemons that still run. */
  pids(): number[] {
    return this.#daemons.filter(isAlive).map((child) => child.pid ?? 0)
  }

  /** Lets go of the daemons, so that this process can end while they go on. */
  release(): void {
    for (const child of this.#daemons) child.unref()
  }

  async stop(): Promise<void> {
    const running = this.#daemons.filter(isAlive)
    const ended = running.map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())))
    for (const child of running) child.kill('SIGTERM')
    const late = setTimeout(() => {
      for (const child of running) if (isAlive(child)) child.kill('SIGKILL')
    }, 5_000)
    await Promise.all(ended)
    clearTimeout(late)
  }
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null
