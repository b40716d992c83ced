/** A master and one minion below a scratch folder, from the bundles, for measuring. No root rights. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const dist = resolve(import.meta.dirname, '../../dist')

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsalt-bench-'))
  readonly states = join(this.folder, 'states')
  readonly pillars = join(this.folder, 'pillars')
  #master: ChildProcess | undefined
  #minion: ChildProcess | undefined

  constructor(port: number) {
    for (const folder of [
      this.states,
      this.pillars,
      join(this.folder, 'm/etc/tsalt'),
      join(this.folder, 'w/etc/tsalt'),
    ]) {
      mkdirSync(folder, { recursive: true })
    }
    const master = `interface: 127.0.0.1\nport: ${port}\npublic_host: 127.0.0.1\ndefault_target: '*'
file_roots: {base: ['${this.states}']}\npillar_roots: {base: ['${this.pillars}']}\n`
    writeFileSync(join(this.folder, 'm/etc/tsalt/master'), master, { mode: 0o600 })
    writeFileSync(join(this.pillars, 'top.yaml'), "base: {'*': [data]}\n")
    writeFileSync(join(this.pillars, 'data.yaml'), 'greeting: hello\nport: 6379\n')
  }

  async start(): Promise<void> {
    await this.startMaster()
    const made = this.run('tsalt-key', ['--token', '--id', 'bench', '--out', 'json'])
    const token = /"(tsalt1:[^"]+)"/.exec(made.stdout)?.[1] ?? ''
    const configuration = `id: bench\njoin_token: '${token}'\n`
    writeFileSync(join(this.folder, 'w/etc/tsalt/minion'), configuration, { mode: 0o600 })
    this.#minion = this.#daemon('tsalt-minion', 'w')
    await this.answers()
  }

  async startMaster(): Promise<void> {
    this.#master = this.#daemon('tsalt-master', 'm')
    const socket = join(this.folder, 'm/run/tsalt/master.sock')
    for (let waited = 0; waited < 600 && !existsSync(socket); waited++) await pause(20)
  }

  async killMaster(): Promise<void> {
    const gone = new Promise((done) => this.#master?.once('exit', done))
    this.#master?.kill('SIGKILL')
    await gone
  }

  async answers(): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      if (this.run('tsalt', ['bench', 'test.ping']).status === 0) return
      await pause(50)
    }
    throw new Error(`the minion does not answer; logs are in ${this.folder}`)
  }

  #daemon(name: string, root: string): ChildProcess {
    const log = openSync(join(this.folder, `${name}.log`), 'a')
    return spawn(join(dist, `${name}.cjs`), ['--root-dir', join(this.folder, root)], {
      stdio: ['ignore', log, log],
    })
  }

  run(name: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
    const all = [join(dist, `${name}.cjs`), '--root-dir', join(this.folder, 'm'), ...args]
    return spawnSync(process.execPath, all, { encoding: 'utf8', maxBuffer: 1 << 28 })
  }

  /** Median, least and most milliseconds of wall time of a command, after one run to warm up. */
  time(times: number, name: string, args: readonly string[], expected = 0): Timing {
    return timeOf(times, () => {
      const result = this.run(name, args)
      if (result.status !== expected)
        throw new Error(`${name} ${args.join(' ')}: ${result.status} ${result.stdout} ${result.stderr}`)
    })
  }

  /** Resident and proportional set size in MB. */
  memory(who: 'master' | 'minion'): { rss: number; pss: number } {
    const pid = (who === 'master' ? this.#master : this.#minion)?.pid
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const read = (key: string): number =>
      Math.round(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 102.4) / 10
    return { rss: read('Rss'), pss: read('Pss') }
  }

  async stop(): Promise<void> {
    const ended = [this.#minion, this.#master].map(
      (child) => new Promise((done) => (child ? child.once('exit', done) : done(0))),
    )
    this.#minion?.kill('SIGTERM')
    this.#master?.kill('SIGTERM')
    await Promise.all(ended)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export interface Timing {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function timeOf(times: number, run: () => void): Timing {
  run()
  const taken = Array.from({ length: times }, () => {
    const from = performance.now()
    run()
    return performance.now() - from
  }).sort((a, b) => a - b)
  return { median: taken[Math.floor(times / 2)] ?? 0, least: taken[0] ?? 0, most: taken.at(-1) ?? 0 }
}
