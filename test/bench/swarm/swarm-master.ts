/** The built master of a swarm in a scratch folder, the real command line beside it, and what both cost. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectMaster, type MasterClient } from '../../../master/cli/master-client.ts'
import { Daemon, programs } from '../../integration/stage/daemon.ts'
import { until } from '../../integration/stage/stage.ts'
import { enlist, type Fleet } from './fleet.ts'

/** Of one run of the command line. */
export interface CommandRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from the start to the end. */
  readonly wall: number
  /** Megabytes: the most that it had resident. */
  readonly peak: number
  /** Milliseconds of processor time, but for its last moments. */
  readonly processor: number
}

export class SwarmMaster {
  readonly folder: string
  readonly port: number
  readonly client: MasterClient
  readonly #daemon: Daemon

  /** @param fleet minions that it knows already @param options further lines of its configuration */
  constructor(fleet: Fleet | undefined, port: number, options = '') {
    this.folder = mkdtempSync(join(tmpdir(), 'tsalt-swarm-'))
    this.port = port
    const library = join(this.folder, 'm/var/lib/tsalt')
    mkdirSync(library, { recursive: true, mode: 0o700 })
    if (fleet) enlist(fleet, join(library, 'pki'), join(library, 'master.db'))
    mkdirSync(join(this.folder, 'm/etc/tsalt'), { recursive: true })
    mkdirSync(join(this.folder, 'states'))
    writeFileSync(join(this.folder, 'states/top.yaml'), '{}\n')
    writeFileSync(
      join(this.folder, 'm/etc/tsalt/master'),
      `interface: 127.0.0.1\nport: ${port}\npublic_host: 127.0.0.1\n` +
        `file_roots: {base: ['${join(this.folder, 'states')}']}\n` +
        `pillar_roots: {base: ['${join(this.folder, 'pillars')}']}\n${options}`,
      { mode: 0o600 },
    )
    this.#daemon = new Daemon('tsalt-master', this.folder, 'm', { UV_THREADPOOL_SIZE: '4' })
    this.client = connectMaster(join(this.folder, 'm/run/tsalt/master.sock'))
  }

  async start(): Promise<void> {
    this.#daemon.start()
    await until('the master to answer', 60, async () => {
      if (!this.#daemon.lives) throw new Error(`the master ended: ${this.#daemon.said().slice(-2000)}`)
      return this.client.status().then(
        () => true,
        () => undefined,
      )
    })
  }

  get pid(): number {
    return this.#daemon.pid
  }

  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    return this.#daemon.end(signal)
  }

  /** Resident megabytes. */
  memory(): number {
    return this.#daemon.memory()
  }

  /** Milliseconds of processor time since its start, of all its threads, user's and system's. */
  processorTime(): number {
    return processorTime(this.pid)
  }

  /** Runs `tsalt` with these words and waits for it. */
  async run(words: readonly string[], input: { readonly timeout?: number } = {}): Promise<CommandRun> {
    const argv = [join(programs, 'tsalt.cjs'), '--root-dir', join(this.folder, 'm'), ...words]
    const from = performance.now()
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), input.timeout ?? 300_000)
    let [peak, processor] = [0, 0]
    const watching = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid ?? 0))
      processor = Math.max(processor, timeOf(child.pid ?? 0))
    }, 20)
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)]
    const status = await new Promise<number | null>((done) => child.once('close', done))
    const wall = performance.now() - from
    clearTimeout(timer)
    clearInterval(watching)
    return { status, stdout: await stdout, stderr: await stderr, wall, peak, processor }
  }

  async close(): Promise<void> {
    if (this.#daemon.lives) await this.end('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Megabytes that a process had resident at most, as the kernel remembers it; 0 where it is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** As `processorTime`; 0 where it is gone. */
function timeOf(pid: number): number {
  try {
    return processorTime(pid)
  } catch {
    return 0
  }
}

const ticksPerSecond = 100

export function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}

/** The grains of this machine, as a real minion collects them. */
export function realGrains(): Record<string, never> {
  const scratch = mkdtempSync(join(tmpdir(), 'tsalt-grains-'))
  try {
    const argv = [
      join(programs, 'tsalt-call.cjs'),
      '--local',
      '--root-dir',
      scratch,
      'grains.items',
      '--out',
      'json',
    ]
    const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
    if (!stdout.startsWith('{')) throw new Error(`tsalt-call could not tell the grains: ${stderr}`)
    return (JSON.parse(stdout) as { local: Record<string, never> }).local
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
