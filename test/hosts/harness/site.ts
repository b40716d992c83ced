/** tsalt installed on a fleet as a user would: units, configuration, trees, keys. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'
import type { Output } from './shell.ts'
import { until } from './shell.ts'

const project = new URL('../../..', import.meta.url).pathname.replace(/\/$/, '')
const programs = ['tsalt', 'tsalt-key', 'tsalt-run', 'tsalt-master', 'tsalt-minion', 'tsalt-call']

export interface SiteMinion {
  readonly host: string
  readonly id: string
  readonly grains?: Readonly<Record<string, unknown>>
  /** Further lines of /etc/tsalt/minion. */
  readonly configuration?: string
}

/** States and pillars as paths → texts, or the shipped example. */
export type Trees =
  | 'example'
  | { readonly states: Readonly<Record<string, string>>; readonly pillars: Readonly<Record<string, string>> }

export class Site {
  readonly fleet: Fleet
  readonly master: Host

  private constructor(fleet: Fleet, master: Host) {
    this.fleet = fleet
    this.master = master
  }

  /** Installs the programs everywhere and starts the master on the host `master`. */
  static async install(fleet: Fleet, trees: Trees, masterConfiguration = ''): Promise<Site> {
    const site = new Site(fleet, fleet.host('master'))
    await Promise.all(
      [...fleet.hosts.values()].map(async (host) => {
        await host.sh(
          programs.map((name) => `ln -sf /opt/tsalt/dist/${name}.cjs /usr/bin/${name}`).join('; '),
        )
      }),
    )
    const { master } = site
    site.writeTrees(trees)
    master.write(
      '/etc/systemd/system/tsalt-master.service',
      readFileSync(join(project, 'master/systemd/tsalt-master.service'), 'utf8'),
    )
    master.write(
      '/etc/tsalt/master',
      `default_target: '*'\npublic_host: ${master.address}\n${masterConfiguration}`,
      0o640,
    )
    await master.sh(`adduser --system --group --home /var/lib/tsalt --no-create-home tsalt >/dev/null
      chown root:tsalt /etc/tsalt /etc/tsalt/master; chmod 0750 /etc/tsalt
      systemctl daemon-reload; systemctl enable --now tsalt-master`)
    return site
  }

  writeTrees(trees: Trees): void {
    if (trees === 'example') {
      for (const [from, to] of [
        ['states', '/srv/tsalt'],
        ['pillars', '/srv/pillar'],
      ] as const) {
        cpSync(join(project, from), join(this.master.root, to), { recursive: true })
      }
      return
    }
    for (const [path, text] of Object.entries(trees.states)) this.master.write(join('/srv/tsalt', path), text)
    for (const [path, text] of Object.entries(trees.pillars))
      this.master.write(join('/srv/pillar', path), text)
    mkdirSync(join(this.master.root, '/srv/pillar'), { recursive: true })
  }

  /** Writes a minion's configuration and unit; `join` is a line that tells it whom to trust. */
  configureMinion(minion: SiteMinion, join: string): Host {
    const host = this.fleet.host(minion.host)
    const unit = readFileSync(`${project}/minion/systemd/tsalt-minion.service`, 'utf8')
    host.write('/etc/systemd/system/tsalt-minion.service', unit)
    const text = `id: ${minion.id}\nmaster: ${this.master.address}\n${join}\ngrains: ${JSON.stringify(minion.grains ?? {})}\n${minion.configuration ?? ''}`
    host.write('/etc/tsalt/minion', text, 0o640)
    return host
  }

  /** Joins a minion with a one-time token and waits until it answers. */
  async join(minion: SiteMinion): Promise<Host> {
    const made = await this.must('tsalt-key', ['--token', '--id', minion.id, '--out', 'json'])
    const token = /"(tsalt1:[^"]+)"/.exec(made)?.[1]
    if (!token) throw new Error(`no token in: ${made}`)
    const host = this.configureMinion(minion, `join_token: '${token}'`)
    await host.sh('systemctl daemon-reload; systemctl enable --now tsalt-minion')
    try {
      await this.answers(minion.id)
    } catch (error) {
      const said = async (one: Host, unit: string): Promise<string> =>
        one.sh(
          `journalctl -u ${unit} -o short-precise --no-pager | tail -n 40; tail -n 40 /var/log/tsalt/* || true`,
        )
      const logs = [await said(host, 'tsalt-minion'), await said(this.master, 'tsalt-master')]
      throw new Error(`${error}\n${logs.join('\n')}`, { cause: error })
    }
    return host
  }

  /** Waits until a minion answers a ping. */
  async answers(id: string, seconds = 30): Promise<void> {
    await until(
      `${id} to answer`,
      async () => ((await this.tsalt([id, 'test.ping'])).code === 0 ? true : undefined),
      seconds,
    )
  }

  /** Runs `tsalt` on the master's host. */
  tsalt(args: readonly string[], timeout = 300_000): Promise<Output> {
    return this.master.exec(['tsalt', ...args], { timeout })
  }

  /** Runs a program on the master's host; a failure is an error with what it printed. */
  async must(program: string, args: readonly string[]): Promise<string> {
    const result = await this.master.exec([program, ...args])
    if (result.code !== 0)
      throw new Error(
        `${program} ${args.join(' ')}\nexited ${result.code}\n${result.stdout}\n${result.stderr}`,
      )
    return result.stdout
  }

  /** A state run as data: by minion, by tag. */
  async states(
    args: readonly string[],
  ): Promise<{ code: number; returns: Record<string, Record<string, StateEntry>>; stderr: string }> {
    const result = await this.tsalt([...args, '--out', 'json', '--static'])
    try {
      return { code: result.code, returns: JSON.parse(result.stdout), stderr: result.stderr }
    } catch {
      throw new Error(`not JSON (exit ${result.code}):\n${result.stdout}\n${result.stderr}`)
    }
  }

  /** Changes a file of a tree on the master. */
  edit(path: string, from: string, to: string): void {
    const file = join(this.master.root, path)
    const before = readFileSync(file, 'utf8')
    if (!before.includes(from)) throw new Error(`${path} does not contain ${from}`)
    writeFileSync(file, before.replace(from, to))
  }
}

export interface StateEntry {
  readonly name: string
  readonly result: boolean | null
  readonly comment: string
  readonly changes: Readonly<Record<string, unknown>>
  readonly __id__: string
  readonly __run_num__: number
  /** Milliseconds. */
  readonly duration?: number
}

/** What differs from a machine that is as it should be: failed, or with changes. */
export function notSilent(returns: Readonly<Record<string, Record<string, StateEntry>>>): string[] {
  return Object.entries(returns).flatMap(([id, states]) =>
    Array.isArray(states)
      ? [`${id}: ${JSON.stringify(states)}`]
      : Object.entries(states)
          .filter(([, state]) => state.result !== true || Object.keys(state.changes).length > 0)
          .map(
            ([tag, state]) =>
              `${id} ${tag} ${state.result} ${state.comment} ${JSON.stringify(state.changes)}`,
          ),
  )
}
