/** One program of dist/ as a process that tests start, kill and look at. */
import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where the bundles are: dist/, unless somebody who changes them meanwhile says otherwise. */
export const programs = process.env['TSALT_PROGRAMS'] ?? resolve(import.meta.dirname, '../../../dist')

export class Daemon {
  readonly log: string
  readonly #argv: readonly string[]
  readonly #environment: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  #gone: Promise<number> = Promise.resolve(0)
  /** How often it was started. */
  starts = 0

  /** @param root moves all its paths @param environment added to this process's */
  constructor(name: string, folder: string, root: string, environment: NodeJS.ProcessEnv = {}) {
    this.log = join(folder, `${name}-${root}.log`)
    const program = join(programs, `${name}.cjs`)
    const { flags, variables } = firstLine(program)
    this.#argv = [...flags, program, '--root-dir', join(folder, root)]
    // One thread for files: `strace` counts system calls for each thread.
    this.#environment = { ...process.env, UV_THREADPOOL_SIZE: '1', ...variables, ...environment }
  }

  start(environment: NodeJS.ProcessEnv = {}): void {
    const log = openSync(this.log, 'a')
    const env = { ...this.#environment, ...environment }
    const child = spawn(process.execPath, this.#argv, { stdio: ['ignore', log, log], env })
    this.#child = child
    this.starts++
    this.#gone = new Promise((done) =>
      child.once('exit', (code, signal) => done(code ?? (signal === 'SIGKILL' ? 137 : 143))),
    )
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get lives(): boolean {
    const child = this.#child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  /** Its exit code, 128 + signal where it was killed. */
  get gone(): Promise<number> {
    return this.#gone
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    this.#child?.kill(signal)
    return this.#gone
  }

  /** Resident megabytes. */
  memory(): number {
    const text = readFileSync(`/proc/${this.pid}/smaps_rollup`, 'utf8')
    return Math.round(Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 102.4) / 10
  }

  /** Megabytes that no other process has a part in: the pages of Node.js itself are shared, and how many are resident is chance. */
  ownMemory(): number {
    const text = readFileSync(`/proc/${this.pid}/smaps_rollup`, 'utf8')
    const kilobytes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)].map(([, size]) =>
      Number(size),
    )
    return Math.round(kilobytes.reduce((sum, size) => sum + size, 0) / 102.4) / 10
  }

  /** What it said, log file of the program not included. */
  said(): string {
    return readFileSync(this.log, 'utf8')
  }
}

/** What its first line gives to Node.js and to its environment, as when it is started by its name. */
function firstLine(program: string): { flags: string[]; variables: Record<string, string> } {
  const line = /^#!\S+(.*)$/m.exec(readFileSync(program, 'utf8').slice(0, 500))?.[1] ?? ''
  const words = line.split(' ').filter(Boolean)
  const variables = words.filter((word) => /^[A-Z_]+=/.test(word)).map((word) => word.split('=', 2))
  return { flags: words.slice(words.indexOf('node') + 1), variables: Object.fromEntries(variables) }
}
