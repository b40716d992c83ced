/** A user who is not root and comes from elsewhere: a home of its own, no socket, and a master with rules and an API. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ran, ran } from '../../unit/master/cli/recorded-console.ts'
import { NetworkMaster, passwords } from '../api/network-master.ts'

const rules = `access:
  - {who: webmaster, target: 'web*', functions: [test.ping, 'state.*'], see: [minions], runner: jobs.list_jobs}
  - {who: admin, target: '*', functions: '*', runner: '*', wheel: '*', see: '*', root_equivalent: true}
`

export interface Typed {
  readonly answers?: string[]
  readonly env?: Record<string, string>
}

export interface Saved {
  readonly api: string
  readonly ca: string
  readonly token: string
  readonly user: string
  readonly expire: number
}

export class Elsewhere {
  readonly master: NetworkMaster
  readonly api: string
  /** The file with the certificate of the API. */
  readonly ca: string
  readonly #folders: string[] = []

  private constructor(master: NetworkMaster) {
    this.master = master
    this.api = `https://127.0.0.1:${master.https.port}`
    this.ca = join(master.folder, 'api.crt')
  }

  static async open(): Promise<Elsewhere> {
    return new Elsewhere(await NetworkMaster.start({ minions: ['web1', 'db1'], rules }))
  }

  async close(): Promise<void> {
    await this.master.stop()
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true })
  }

  /** @param loggedIn as whom, or nobody yet */
  async home(loggedIn?: string): Promise<OperatorHome> {
    const folder = mkdtempSync(join(tmpdir(), 'tsalt-home-'))
    this.#folders.push(folder)
    const home = new OperatorHome(this, folder)
    if (loggedIn !== undefined) {
      const done = await home.logIn(loggedIn)
      if (done.code !== 0) throw new Error(done.err)
    }
    return home
  }

  /** Whether the master takes a token. */
  async holds(token: string): Promise<boolean> {
    return (await this.master.https.get('/api/v1/session', { 'x-auth-token': token })).status === 200
  }

  tokens(): Promise<{ id: string; user: string; note: string }[]> {
    return this.master.client.get('/auth/tokens')
  }
}

export class OperatorHome {
  readonly folder: string
  readonly #elsewhere: Elsewhere

  constructor(elsewhere: Elsewhere, folder: string) {
    this.#elsewhere = elsewhere
    this.folder = folder
  }

  get file(): string {
    return join(this.folder, '.config/tsalt/session.json')
  }

  saved(): Saved {
    return JSON.parse(readFileSync(this.file, 'utf8'))
  }

  /** A program as it is typed; no configuration is named. */
  typed(words: readonly string[], { answers = [], env = {} }: Typed = {}): Promise<Ran> {
    const { folder } = this
    return ran('', words, { nowhere: true, answers, env: { HOME: folder, USER: 'webmaster', ...env } })
  }

  tsalt(words: readonly string[], more?: Typed): Promise<Ran> {
    return this.typed(['tsalt', ...words], more)
  }

  logIn(name: string): Promise<Ran> {
    const { api, ca } = this.#elsewhere
    return this.tsalt(['login', name, '--api', api, '--ca', ca], { answers: [passwords[name] ?? ''] })
  }
}
