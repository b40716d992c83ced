/** A bridge and some hosts on it, with this checkout's programs mounted at /opt/tsalt. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, type DebianRoot, debianRoot } from './debian-root.ts'
import { Host } from './host.ts'
import { execute, must, until } from './shell.ts'

const project = new URL('../../..', import.meta.url).pathname.replace(/\/$/, '')

export class Fleet {
  readonly hosts: ReadonlyMap<string, Host>
  readonly #bridge: string
  readonly #folder: string

  private constructor(bridge: string, folder: string, hosts: ReadonlyMap<string, Host>) {
    this.#bridge = bridge
    this.#folder = folder
    this.hosts = hosts
  }

  /** Boots hosts with these names, addresses from 10.77.N.11 on, all at once. */
  static async boot(names: readonly string[]): Promise<Fleet> {
    const debian = await debianRoot()
    await must(`mkdir -p /run/systemd/nspawn
      flock /run/systemd/nspawn sh -c 'mountpoint -q /run/systemd/nspawn || mount -t tmpfs tmpfs /run/systemd/nspawn'`)
    const { bridge, number } = await ownBridge()
    mkdirSync(cacheFolder, { recursive: true })
    const folder = mkdtempSync(join(cacheFolder, 'run-'))
    const repository = await ownRepository(debian, folder)
    const binds = {
      '/usr/bin/node': '/usr/local/bin/node',
      [project]: '/opt/tsalt',
      [repository]: '/srv/repository',
    }
    const hosts = new Map(
      names.map((name, index) => {
        const address = `10.77.${number}.${11 + index}`
        return [name, new Host({ name, address, bridge, lower: debian.root, folder, binds })]
      }),
    )
    const fleet = new Fleet(bridge, folder, hosts)
    try {
      await Promise.all([...hosts.values()].map((host) => host.boot()))
    } catch (error) {
      await fleet.halt()
      throw error
    }
    const table = [...hosts.values()].map((host) => `${host.address} ${host.name}`).join('\n')
    for (const host of hosts.values()) host.write('/etc/hosts', `127.0.0.1 localhost\n${table}\n`)
    return fleet
  }

  host(name: string): Host {
    const host = this.hosts.get(name)
    if (!host) throw new Error(`no host ${name}`)
    return host
  }

  /** The outer path of the package repository that the hosts see at /srv/repository. */
  get repository(): string {
    return join(this.#folder, 'repository')
  }

  async halt(): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host.halt()))
    await execute(['ip', 'link', 'del', this.#bridge])
    await until('the bridge to be gone', async () =>
      (await execute(['ip', 'link', 'show', this.#bridge])).code === 0 ? undefined : true,
    )
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Names are taken by making the bridge, so that fleets of several runs stand side by side. */
async function ownBridge(): Promise<{ bridge: string; number: number }> {
  for (let offset = 0; offset < 200; offset++) {
    const number = (process.pid + offset) % 200
    const bridge = `tb${number.toString(36)}`
    const added = await execute(['ip', 'link', 'add', bridge, 'type', 'bridge'])
    if (added.code !== 0 && /exists/.test(added.stderr)) continue
    if (added.code !== 0) throw new Error(`no bridge: ${added.stderr}`)
    await must(`ip addr add 10.77.${number}.1/24 dev ${bridge} && ip link set ${bridge} up`)
    return { bridge, number }
  }
  throw new Error('every number of a test network is taken')
}

/** Its own copy for each fleet, by hard links, so that a test can add packages. */
async function ownRepository(debian: DebianRoot, folder: string): Promise<string> {
  const repository = join(folder, 'repository')
  await must(
    `cp -al ${debian.repository} ${repository} && cp --remove-destination ${debian.repository}/Packages ${repository}/Packages`,
  )
  return repository
}
