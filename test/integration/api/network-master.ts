/** A whole master in this process with its API on a port of loopback, users, rules and simulated minions. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashPassword } from '../../../master/auth/password.ts'
import { connectMaster, type MasterClient } from '../../../master/cli/master-client.ts'
import { type RunningMaster, startMaster } from '../../../master/server.ts'
import type { Reloaded } from '../../../master/settings/reload.ts'
import { keyMigrations } from '../../../master/store/sqlite/keys.ts'
import { openStore } from '../../../master/store/sqlite/store.ts'
import { systemClock } from '../../../shared/clock.ts'
import { loadOptions } from '../../../shared/config/load.ts'
import { type MasterOptions, masterOptions } from '../../../shared/config/master-options.ts'
import { silentLogger } from '../../../shared/log.ts'
import { SimulatedMinion } from '../stage/simulated-minion.ts'
import { until } from '../stage/stage.ts'
import { HttpsClient } from './https-client.ts'

/** Cheap, so that tests do not wait; it is made stronger at the first login, as any old one. */
export const passwords: Readonly<Record<string, string>> = {
  admin: 'correct horse',
  webmaster: 'battery staple',
  nobody: 'no rules at all',
}

const rules = `
external_auth:
  local:
    admin: [{'*': [{'.*': {root_equivalent: true}}]}, '.*', '@runner', '@wheel', '@jobs']
    webmaster: [{'web*': [test.ping, 'state.*']}]
`

export interface NetworkMasterOptions {
  /** Lines of the configuration: rules of who may do what. */
  readonly rules?: string
  /** Further lines of `api:`, each with two spaces in front. */
  readonly api?: string
  readonly minions?: readonly string[]
}

export class NetworkMaster {
  readonly folder: string
  readonly client: MasterClient
  readonly https: HttpsClient
  readonly minions: SimulatedMinion[] = []
  readonly #running: RunningMaster
  readonly #fixed: string

  private constructor(folder: string, running: RunningMaster, port: number, fixed: string) {
    this.folder = folder
    this.#running = running
    this.#fixed = fixed
    this.client = connectMaster(running.socket)
    this.https = new HttpsClient(port)
  }

  static async start(options: NetworkMasterOptions = {}): Promise<NetworkMaster> {
    const folder = mkdtempSync(join(tmpdir(), 'tsalt-network-'))
    for (const name of ['etc/tsalt', 'states', 'pillars']) mkdirSync(join(folder, name), { recursive: true })
    selfSigned(folder)
    writeFileSync(join(folder, 'states/top.sls'), 'base: {}\n')
    const fixed = `interface: 127.0.0.1\nport: 0\npublic_host: 127.0.0.1\ntimeout: 4\nping_interval: 2
file_roots: {base: ['${folder}/states']}\npillar_roots: {base: ['${folder}/pillars']}
api:\n  host: 127.0.0.1\n  port: 0\n  certificate: api.crt\n  key: api.key\n${options.api ?? ''}\n`
    const file = join(folder, 'etc/tsalt/master')
    writeFileSync(file, `${fixed}${options.rules ?? rules}`, { mode: 0o600 })
    await addUsers(folder)
    const reread = (): MasterOptions => loadOptions(masterOptions, file, { root_dir: folder })
    const running = await startMaster({
      options: reread(),
      reread,
      clock: systemClock,
      logger: silentLogger(),
    })
    const master = new NetworkMaster(folder, running, running.api?.port ?? 0, fixed)
    for (const id of options.minions ?? []) await master.addMinion(id)
    return master
  }

  /** Other lines in place of its rules, read while it runs. @throws TsaltError of the configuration */
  reload(lines: string): Promise<Reloaded> {
    writeFileSync(join(this.folder, 'etc/tsalt/master'), `${this.#fixed}${lines}`)
    return this.#running.reload()
  }

  async addMinion(id: string): Promise<void> {
    this.minions.push(await SimulatedMinion.join(this, id))
    await until(`${id} to be connected`, 20, async () => {
      const { minions } = await this.client.get<{ minions: { id: string }[] }>('/minions')
      return minions.some((minion) => minion.id === id) || undefined
    })
  }

  /** @returns the token */
  async login(username: string, path = '/api/v1/login'): Promise<string> {
    const answer = await this.https.post(path, { username, password: passwords[username], eauth: 'local' })
    const { token, return: list } = answer.body as { token?: string; return?: { token: string }[] }
    const found = token ?? list?.[0]?.token
    if (found === undefined) throw new Error(`no token: ${answer.status} ${answer.text}`)
    return found
  }

  async stop(): Promise<void> {
    this.https.close()
    for (const minion of this.minions) await minion.stop()
    await this.#running.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** `api.crt` and `api.key` for 127.0.0.1. */
export function selfSigned(folder: string): void {
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', join(folder, 'api.key'), '-out', join(folder, 'api.crt')],
  ])
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`)
}

/** As `tsalt auth user add` does, before the master runs. */
export async function addUsers(folder: string, users = passwords): Promise<void> {
  mkdirSync(join(folder, 'var/lib/tsalt'), { recursive: true, mode: 0o700 })
  const store = openStore(join(folder, 'var/lib/tsalt/master.db'), [keyMigrations])
  for (const [name, password] of Object.entries(users)) {
    const at = Date.now()
    const stored = await hashPassword(password)
    await store.operators.addUser({
      name,
      password: stored,
      groups: [],
      disabled: false,
      made: at,
      changed: at,
    })
  }
  await store.close()
}
