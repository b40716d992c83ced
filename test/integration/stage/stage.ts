/** A master and one minion as real processes below a scratch folder, and a client of the master's socket. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { JobSubmission, TargetAccount } from '../../../master/api/schemas.ts'
import { connectMaster, type MasterClient } from '../../../master/cli/master-client.ts'
import { MasterRefusal } from '../../../master/cli/master-refusal.ts'
import type { Json } from '../../../shared/data/codec.ts'
import { type JobId, nextJobId } from '../../../shared/ids.ts'
import { Daemon, programs } from './daemon.ts'
import { freePort } from './free-port.ts'

export interface StageOptions {
  /** Further lines of the configuration files. */
  readonly master?: string
  readonly minion?: string
  /** Path below the state tree → content. */
  readonly states?: Readonly<Record<string, string>>
}

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsalt-stage-'))
  readonly master: Daemon
  readonly minion: Daemon
  readonly client: MasterClient
  readonly port: number
  #last: JobId | undefined

  private constructor(port: number) {
    this.port = port
    this.master = new Daemon('tsalt-master', this.folder, 'm')
    this.minion = new Daemon('tsalt-minion', this.folder, 'w')
    this.client = connectMaster(join(this.folder, 'm/run/tsalt/master.sock'))
  }

  /** Master and minion `one`, joined and answering. */
  static async open(options: StageOptions = {}): Promise<Stage> {
    const stage = await Stage.prepare(options)
    try {
      stage.master.start()
      await stage.masterAnswers()
      await stage.configureMinion(options.minion)
      stage.minion.start()
      await stage.minionAnswers()
    } catch (error) {
      await stage.close()
      throw error
    }
    return stage
  }

  /** Folders and the master's configuration only. */
  static async prepare(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(await freePort())
    const states = join(stage.folder, 'states')
    for (const [path, content] of Object.entries({ 'top.yaml': '{}\n', ...options.states })) {
      mkdirSync(dirname(join(states, path)), { recursive: true })
      writeFileSync(join(states, path), content)
    }
    mkdirSync(join(stage.folder, 'm/etc/tsalt'), { recursive: true })
    writeFileSync(
      join(stage.folder, 'm/etc/tsalt/master'),
      `interface: 127.0.0.1\nport: ${stage.port}\npublic_host: 127.0.0.1\nping_interval: 2\ntimeout: 4
file_roots: {base: ['${states}']}\npillar_roots: {base: ['${join(stage.folder, 'pillars')}']}\n${options.master ?? ''}`,
      { mode: 0o600 },
    )
    return stage
  }

  /** @param more further lines of its configuration */
  async configureMinion(more = '', id = 'one'): Promise<void> {
    const { token } = await this.client.post<{ token: string }>('/tokens', { idGlob: id, seconds: 600 })
    mkdirSync(join(this.folder, 'w/etc/tsalt'), { recursive: true })
    writeFileSync(
      join(this.folder, 'w/etc/tsalt/minion'),
      `id: ${id}\njoin_token: '${token}'\nping_interval: 2\n${more.includes('recon_') ? '' : quick}${more}`,
      { mode: 0o600 },
    )
  }

  writeState(path: string, content: string): void {
    writeFileSync(join(this.folder, 'states', path), content)
  }

  async masterAnswers(seconds = 20): Promise<void> {
    await until('the master to answer', seconds, async () => {
      if (!this.master.lives) throw new Error(`the master ended: ${this.master.said().slice(-2000)}`)
      return this.client.status().then(
        () => true,
        () => undefined,
      )
    })
  }

  async minionAnswers(seconds = 20): Promise<void> {
    await until('the minion to be connected', seconds, async () => {
      if (!this.minion.lives) throw new Error(`the minion ended: ${this.minion.said().slice(-2000)}`)
      const found = await this.client.targets({ kind: 'glob', expression: 'one' }).catch(() => undefined)
      return found?.targets[0]?.connected || undefined
    })
  }

  async restart(daemon: Daemon): Promise<void> {
    daemon.start()
    if (daemon === this.master) await this.masterAnswers()
    else await this.minionAnswers()
  }

  newJid(): JobId {
    // As the command line does: what the master makes itself ends with zeros, and would be the same now and then.
    const micros = String(1 + Math.floor(Math.random() * 999)).padStart(3, '0')
    const made = `${nextJobId(Date.now(), undefined).slice(0, 17)}${micros}` as JobId
    this.#last = this.#last !== undefined && made <= this.#last ? nextJobId(0, this.#last) : made
    return this.#last
  }

  /**
   * Submits until the master says that it has it, as a client does that mints the jid itself.
   * @throws MasterRefusal where the master refused for another reason than its store
   */
  async submit(
    jid: JobId,
    fun: string,
    args: readonly Json[],
    more: Partial<JobSubmission> = {},
  ): Promise<void> {
    await until(`the master to take ${jid}`, 30, async () => {
      try {
        await this.client.submit({
          target: { kind: 'glob', expression: '*' },
          fun,
          args: [...args],
          kwargs: {},
          jid,
          ...more,
        })
        return true
      } catch (error) {
        if (error instanceof MasterRefusal && !storeTrouble.has(error.code)) throw error
        return undefined
      }
    })
  }

  /** The final account of the target, once there is one. */
  async ended(jid: JobId, seconds = 30, id = 'one'): Promise<TargetAccount> {
    let seen: TargetAccount | undefined
    try {
      return await until(`the end of ${jid} on ${id}`, seconds, async () => {
        const job = await this.client.job(jid).catch(() => undefined)
        seen = job?.targets.find((target) => target.id === id)
        return seen?.status === 'returned' || seen?.status === 'expired' ? seen : undefined
      })
    } catch (error) {
      const last = (daemon: Daemon): string => daemon.said().slice(-3000)
      const logs = `the minion said:\n${last(this.minion)}\nthe master said:\n${last(this.master)}`
      throw new Error(`${error} — it is ${JSON.stringify(seen)}; ${logs}`, { cause: error })
    }
  }

  /** A job whose one visible effect cannot be undone: it appends its id to a file. */
  async submitEffect(jid: JobId, command = ''): Promise<void> {
    await this.submit(jid, 'cmd.run', [`${command}echo ${jid} >> ${this.path('effects')}`])
  }

  /** How often a job's effect was seen. */
  effects(jid: JobId): number {
    return lines(this.path('effects')).filter((line) => line === jid).length
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  run(name: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
    const all = [join(programs, `${name}.cjs`), '--root-dir', this.path('m'), ...args]
    return spawnSync(process.execPath, all, { encoding: 'utf8', timeout: 60_000 })
  }

  /** As `run`, not waited for. */
  async follow(name: string, args: readonly string[]): Promise<{ status: number | null; text: string }> {
    const all = [join(programs, `${name}.cjs`), '--root-dir', this.path('m'), ...args]
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
    const status = await new Promise<number | null>((done) => child.once('close', done))
    return { status, text }
  }

  async close(): Promise<void> {
    await Promise.all([this.minion, this.master].map((daemon) => daemon.lives && daemon.end('SIGKILL')))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const quick = 'recon_default: 20\nrecon_max: 150\n'
const storeTrouble = new Set(['store-write-failed', 'master-stopping', 'audit-unwritable'])

export function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    // Not there yet.
    return []
  }
}

/** Asks until there is an answer. @throws after so many seconds */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`waited ${seconds} s for ${what}`)
    await pause(15)
  }
}
