/** Faults at a chosen system call of a running process: `strace` kills it there, or makes the call fail. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

export const straceWorks = spawnSync('strace', ['-V']).status === 0 && process.getuid?.() === 0

/** `signal=SIGKILL:when=3`, `error=ENOSPC:when=2+` */
export interface Fault {
  readonly calls: string
  readonly what: string
}

export class Strace {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  #text = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.on('data', (chunk) => {
      this.#text += String(chunk)
    })
    this.#gone = new Promise((done) => child.once('exit', done))
  }

  /** Returns when all threads of the process are watched: calls are counted from here, for each thread. */
  static async attach(pid: number, { calls, what }: Fault): Promise<Strace> {
    const trace = ['-e', `trace=${calls}`, '-e', `inject=${calls}:${what}`]
    const child = spawn('strace', ['-f', '-p', String(pid), ...trace], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const strace = new Strace(child)
    for (let waited = 0; !/attached/.test(strace.#text); waited++) {
      if (waited > 1000 || child.exitCode !== null) throw new Error(`strace: ${strace.#text}`)
      await pause(5)
    }
    return strace
  }

  /** What it has seen. */
  get text(): string {
    return this.#text
  }

  /** Lets go of the process, which goes on without faults. */
  async detach(): Promise<void> {
    this.#child.kill('SIGINT')
    await this.#gone
  }
}
