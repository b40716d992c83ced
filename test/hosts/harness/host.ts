/** One Debian host: an overlay over the shared root, booted by systemd-nspawn with systemd as its init. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execute, must, type Output, pause, until } from './shell.ts'

export interface HostOptions {
  readonly name: string
  readonly address: string
  readonly bridge: string
  readonly lower: string
  readonly folder: string
  /** Outer path → inner path, read only. */
  readonly binds: Readonly<Record<string, string>>
}

export class Host {
  readonly name: string
  readonly address: string
  readonly root: string
  readonly #options: HostOptions
  #nspawn: ChildProcess | undefined
  #init = 0

  constructor(options: HostOptions) {
    this.#options = options
    this.name = options.name
    this.address = options.address
    this.root = join(options.folder, options.name, 'root')
  }

  async boot(): Promise<void> {
    const { folder, lower, name, address } = this.#options
    const own = join(folder, name)
    for (const part of ['upper', 'work', 'root']) mkdirSync(join(own, part), { recursive: true })
    await must(
      `mount -t overlay overlay -o lowerdir=${lower},upperdir=${own}/upper,workdir=${own}/work ${this.root}`,
    )
    this.#writeNetwork(address)
    await this.#start()
  }

  /** Pulls the plug and boots again: no process is told, the disk stays as it is. */
  async reboot(): Promise<void> {
    const nspawn = this.#nspawn
    const gone = new Promise((done) => nspawn?.once('exit', done))
    // The init of its own namespace: with it every process inside is killed at once.
    process.kill(this.#init, 'SIGKILL')
    await gone
    await this.#start()
  }

  /** As `systemctl reboot` does it: services are stopped in order, then it boots again. */
  async shutDownAndBoot(): Promise<void> {
    const nspawn = this.#nspawn
    const gone = new Promise((done) => nspawn?.once('exit', done))
    await this.exec(['systemctl', 'poweroff', '--no-block'])
    await gone
    await this.#start()
  }

  async #start(): Promise<void> {
    const { folder, bridge, name, binds } = this.#options
    const own = join(folder, name)
    const log = openSync(join(own, 'console.log'), 'a')
    this.#nspawn = spawn(
      'systemd-nspawn',
      [
        '-q',
        ...['-D', this.root, `--machine=${machineName(bridge, name)}`, '-b', '--register=no', '--keep-unit'],
        ...[`--network-bridge=${bridge}`, '--console=passive', '--hostname', name],
        ...Object.entries(binds).map(([outer, inner]) => `--bind-ro=${outer}:${inner}`),
      ],
      { detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...unifiedHierarchy() } },
    )
    const pid = this.#nspawn.pid
    if (pid === undefined) throw new Error(`systemd-nspawn did not start for ${name}`)
    // The first child is a passing one that makes the namespaces, so the init is looked for until it answers.
    await until(
      `${name} to be up`,
      async () => {
        this.#init = (await childOf(pid)) ?? 0
        if (this.#init === 0) return undefined
        const state = await this.exec(['systemctl', 'is-system-running'])
        return ['running', 'degraded'].includes(state.stdout.trim()) ? true : undefined
      },
      60,
    )
    await this.#plugIn()
  }

  /** udev takes the interface down for a moment, now and then after test-network.service has set it up. */
  async #plugIn(): Promise<void> {
    const { address } = this.#options
    let seen = 0
    await until(`the network of ${this.name}`, async () => {
      await this.sh(
        `udevadm settle 2>/dev/null; ip addr replace ${address}/24 dev host0; ip link set host0 up; ip link set lo up`,
      )
      const carrier = await this.exec(['cat', '/sys/class/net/host0/carrier'])
      seen = carrier.stdout.trim() === '1' ? seen + 1 : 0
      return seen > 1 || undefined
    })
  }

  #writeNetwork(address: string): void {
    const unit = `[Unit]\nDescription=Address of the test host\n[Service]\nType=oneshot\nRemainAfterExit=yes
ExecStart=/bin/sh -c 'ip addr add ${address}/24 dev host0; ip link set host0 up; ip link set lo up'
[Install]\nWantedBy=multi-user.target\n`
    this.write('/etc/systemd/system/test-network.service', unit)
    mkdirSync(join(this.root, 'etc/systemd/system/multi-user.target.wants'), { recursive: true })
    const link = join(this.root, 'etc/systemd/system/multi-user.target.wants/test-network.service')
    rmSync(link, { force: true })
    symlinkSync('/etc/systemd/system/test-network.service', link)
    this.write('/etc/hostname', `${this.name}\n`)
    this.write('/etc/hosts', `127.0.0.1 localhost\n${address} ${this.name}\n`)
  }

  /** Writes a file of the host, from outside, before or after boot. */
  write(path: string, content: string, mode = 0o644): void {
    const outer = join(this.root, path)
    mkdirSync(dirname(outer), { recursive: true })
    writeFileSync(outer, content, { mode })
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  /** Runs argv inside, as root. */
  exec(argv: readonly string[], options: { input?: string; timeout?: number } = {}): Promise<Output> {
    const environment = [
      'env',
      '-i',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOME=/root',
      'LANG=C.UTF-8',
    ]
    return execute(['nsenter', '-t', String(this.#init), '-a', ...environment, ...argv], options)
  }

  /** Runs a shell text inside; a failure is an error with what it printed. */
  async sh(script: string): Promise<string> {
    const result = await this.exec(['bash', '-c', script])
    if (result.code !== 0)
      throw new Error(`${this.name}: ${script}\nexited ${result.code}\n${result.stdout}\n${result.stderr}`)
    return result.stdout
  }

  /** Pulls the cable: established sockets stay, nothing passes any more. */
  async cutCable(): Promise<void> {
    await must(`ip link set ${await this.#link()} nomaster`)
  }

  async mendCable(): Promise<void> {
    await must(`ip link set ${await this.#link()} master ${this.#options.bridge}`)
  }

  /** nspawn names the outer end after the machine, cut to what an interface name can hold. */
  async #link(): Promise<string> {
    const names = (await must('ls /sys/class/net')).split('\n')
    const wanted = `vb-${machineName(this.#options.bridge, this.name)}`.slice(0, 15)
    const found = names.find((candidate) => candidate === wanted)
    if (!found) throw new Error(`no link ${wanted} among ${names.join(' ')}`)
    return found
  }

  async halt(): Promise<void> {
    const process = this.#nspawn
    if (process && process.exitCode === null) {
      process.kill('SIGTERM')
      for (let waited = 0; waited < 150 && process.exitCode === null; waited++) await pause(100)
      if (process.exitCode === null) process.kill('SIGKILL')
    }
    await execute(['umount', '-l', this.root])
    rmSync(join(this.#options.folder, this.name), { recursive: true, force: true })
  }
}

/** Short and unique: interface names have 15 characters. */
function machineName(bridge: string, host: string): string {
  return `${bridge.slice(2)}${host}`.slice(0, 12)
}

async function childOf(pid: number): Promise<number | undefined> {
  const listed = await execute(['pgrep', '-P', String(pid)])
  const child = Number(listed.stdout.trim().split('\n')[0])
  return child > 0 ? child : undefined
}

function unifiedHierarchy(): Record<string, string> {
  const unified = readFileSync('/proc/mounts', 'utf8').includes(' /sys/fs/cgroup cgroup2 ')
  return unified ? {} : { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '0' }
}
