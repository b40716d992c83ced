/** A crew in a process of its own, and the program of that process. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Report } from './counts.ts'
import { Crew, type CrewSetup } from './crew.ts'

type Order = { readonly start: CrewSetup } | 'report' | 'stop'

export class CrewProcess {
  readonly #child: ChildProcess
  #waiting: ((report: Report) => void)[] = []

  constructor(setup: CrewSetup) {
    this.#child = fork(fileURLToPath(import.meta.url), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Their processor time is taken from the master's: V8 optimizes and collects as late as there.
      execArgv: [...process.execArgv, '--interrupt-budget=1000000', '--heap-growing-percent=400'],
    })
    this.#child.on('message', (report) => {
      const waiting = this.#waiting
      this.#waiting = []
      for (const answer of waiting) answer(report as Report)
    })
    this.#child.send({ start: setup } satisfies Order)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  report(): Promise<Report> {
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null) reject(new Error('a crew has ended'))
      this.#waiting.push(resolve)
      this.#child.send('report' satisfies Order)
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = new Promise((done) => this.#child.once('exit', done))
    this.#child.kill('SIGKILL')
    await gone
  }
}

/** In the child. */
function serve(): void {
  let crew: Crew | undefined
  process.on('disconnect', () => process.exit(0))
  process.on('message', (order: Order) => {
    if (order === 'report') process.send?.(crew?.report())
    else if (order !== 'stop') {
      crew = new Crew(order.start)
      crew.start()
    }
  })
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) serve()
