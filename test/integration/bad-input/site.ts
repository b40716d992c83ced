/** A master and minions as processes below a scratch folder, without root. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../stage/free-port.ts'
import { Bench, programs, type Said } from './bench.ts'

export class Site extends Bench {
  readonly port: number
  readonly #stops: (() => Promise<void>)[] = []

  private constructor(port: number) {
    super()
    this.port = port
  }

  /** A master that is ready. */
  static async start(): Promise<Site> {
    const site = new Site(await freePort())
    site.write('states/marker.yaml', `marker:\n  file.managed:\n    - name: ${site.path('marker')}\n`)
    site.write(
      'master/etc/tsalt/master',
      [
        'interface: 127.0.0.1',
        `port: ${site.port}`,
        'public_host: 127.0.0.1',
        `file_roots: {base: ['${site.path('states')}']}`,
        '',
      ].join('\n'),
    )
    site.daemon('tsalt-master', 'master')
    await until('the master', () => existsSync(site.path('master/run/tsalt/master.sock')))
    return site
  }

  /** A program of the master's host. */
  on(program: 'tsalt' | 'tsalt-key' | 'tsalt-run', ...words: readonly string[]): Promise<Said> {
    return this.run(program, ['--root-dir', this.path('master'), ...words])
  }

  async token(...words: readonly string[]): Promise<string> {
    const { stdout } = await this.on('tsalt-key', '--token', ...words, '--out', 'json')
    const token = /"(tsalt1:[^"]+)"/.exec(stdout)?.[1]
    if (token === undefined) throw new Error(`no token in ${stdout}`)
    return token
  }

  /** Starts a minion; `lines` of its configuration say whom it trusts. */
  minion(id: string, ...lines: readonly string[]): Daemon {
    const text = [`id: ${id}`, 'master: 127.0.0.1', 'recon_default: 200', 'recon_max: 400', ...lines, '']
    this.write(`${id}/etc/tsalt/minion`, text.join('\n'))
    return this.daemon('tsalt-minion', id)
  }

  /** A minion with an accepted key, connected. */
  async joined(id: string): Promise<Daemon> {
    const minion = this.minion(
      id,
      `master_port: ${this.port}`,
      `join_token: '${await this.token('--id', id)}'`,
    )
    await until(`${id} to answer`, async () => (await this.on('tsalt', id, 'test.ping')).code === 0)
    return minion
  }

  daemon(program: string, root: string): Daemon {
    const daemon = new Daemon(this, program, root)
    this.#stops.push(() => daemon.stop())
    return daemon
  }

  async end(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()))
    this.remove()
  }
}

export class Daemon {
  readonly gone: Promise<number>
  readonly #site: Bench
  readonly #root: string
  readonly #said: string
  readonly #kill: (signal: NodeJS.Signals) => void

  constructor(site: Bench, program: string, root: string) {
    this.#site = site
    this.#root = root
    this.#said = site.path(`${root}.out`)
    const out = openSync(this.#said, 'a')
    const child = spawn(process.execPath, [join(programs, `${program}.cjs`), '--root-dir', site.path(root)], {
      stdio: ['ignore', out, out],
    })
    closeSync(out)
    this.#kill = (signal) => child.kill(signal)
    this.gone = new Promise((done) => child.once('exit', (code) => done(code ?? 1)))
  }

  /** What the person who started it sees. */
  said(): string {
    return readFileSync(this.#said, 'utf8')
  }

  /** The lines of a minion's log. */
  log(): Record<string, unknown>[] {
    const file = this.#site.path(this.#root, 'var/log/tsalt/minion')
    if (!existsSync(file)) return []
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    return lines.filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  async stop(): Promise<void> {
    this.#kill('SIGTERM')
    const late = setTimeout(() => this.#kill('SIGKILL'), 10_000)
    await this.gone
    clearTimeout(late)
  }
}

export async function until(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await pause(50)
  }
}
