/**
 * A machine of plain data that implements Reader and Changer. What a case file writes down goes in, what a state
 * made of it comes out as plain data again, so two machines can be compared.
 */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Changer } from '../../minion/system/changer.ts'
import { journalledAccounts } from '../../minion/system/journalled-accounts.ts'
import { journalledCommands } from '../../minion/system/journalled-commands.ts'
import { journalledHttp } from '../../minion/system/journalled-http.ts'
import { journalledPackages } from '../../minion/system/journalled-packages.ts'
import { journalledServices } from '../../minion/system/journalled-services.ts'
import type { CommandOptions, CommandResult, Reader, SourceReader } from '../../minion/system/reader.ts'
import type { UndoJournal } from '../../minion/system/undo-journal.ts'
import { systemClock } from '../../shared/clock.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import { FakeAccountChanger, FakeAccounts } from './fake-accounts.ts'
import { FakeFileChanger } from './fake-file-changer.ts'
import { FakeFiles, type Inode } from './fake-files.ts'
import { FakeHttp } from './fake-http.ts'
import { FakeJournal } from './fake-journal.ts'
import { FakePackageChanger, FakePackages } from './fake-packages.ts'
import { FakeServiceChanger, FakeServices } from './fake-services.ts'
import type { CommandData, FakeMachineOptions, MachineData, SourceData } from './machine-data.ts'

export class FakeMachine {
  readonly reader: Reader
  readonly changer: Changer
  /** How to undo what `changer` did. */
  readonly journal = new FakeJournal()
  /** What was changed, in order, one line each: `service.restart nginx`. */
  readonly actions: string[] = []
  /** Commands that were run by a guard or a changer, in order. */
  readonly ran: string[] = []
  readonly files: FakeFiles
  readonly packages: FakePackages
  readonly services: FakeServices
  readonly accounts: FakeAccounts
  readonly http: FakeHttp
  readonly #data: MachineData
  readonly #commands: Record<string, CommandData | string>
  readonly #abort = new AbortController()
  #undoing = false
  /** What commands wrote over. */
  readonly #written = new Map<string, Inode | undefined>()

  constructor(data: MachineData = {}, options: FakeMachineOptions = {}) {
    this.#data = data
    this.#commands = { ...data.commands }
    this.accounts = new FakeAccounts(data.users ?? {}, data.groups ?? {})
    this.files = new FakeFiles(data.files ?? {}, this.accounts)
    this.packages = new FakePackages(data.packages ?? {})
    this.services = new FakeServices(data.services ?? {}, (path) => this.files.inodes.has(path))
    this.http = new FakeHttp(data.http ?? {}, (action) => void this.actions.push(action))
    this.reader = this.#makeReader(options)
    this.changer = this.changerFor(this.journal)
  }

  /**
   * A job of its own for an undo. Commands that a case does not name exist and end with 0: what takes a command back
   * does something that plain data does not know of. The sources offer what was installed at first.
   */
  async whileUndoing<Result>(
    work: (act: Changer) => Promise<Result>,
  ): Promise<Result & { readonly ran: string[] }> {
    const from = this.ran.length
    this.#undoing = true
    this.packages.offerFirst()
    try {
      const result = await work(this.changerFor(new FakeJournal()))
      return { ...result, ran: this.ran.slice(from) }
    } finally {
      this.#undoing = false
    }
  }

  /** Ends the job that the changer belongs to. */
  kill(): void {
    this.#abort.abort('TERM')
  }

  /** Everything that can differ, as plain data with sorted keys; times are left out. */
  snapshot(): object {
    const sorted = <Value>(map: ReadonlyMap<string, Value>, write: (value: Value) => object) =>
      Object.fromEntries(
        [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, write(value)]),
      )
    return {
      files: sorted(
        this.files.inodes,
        ({ modified: _modified, accessed: _accessed, id: _id, content, target, uid, gid, ...inode }) => ({
          ...inode,
          mode: inode.mode.toString(8).padStart(4, '0'),
          user: this.accounts.userName(uid),
          group: this.accounts.groupName(gid),
          ...(inode.type === 'file' ? { content: Buffer.from(content).toString('utf8') } : {}),
          ...(inode.type === 'symlink' ? { target } : {}),
        }),
      ),
      packages: sorted(this.packages.table, ({ version, held }) => ({ version, held })),
      configurationLeft: [...this.packages.left].sort(),
      services: sorted(this.services.table, (service) => ({ ...service })),
      users: sorted(this.accounts.userTable, (user) => ({ ...user })),
      groups: sorted(this.accounts.groupTable, (group) => ({ ...group })),
    }
  }

  #makeReader({ grains, pillar, render }: FakeMachineOptions): Reader {
    return {
      grains: grains ?? new Map(),
      pillar: pillar ?? new Map(),
      files: this.files,
      commands: {
        query: async (argv, options) => this.#answer(argv, options),
        guard: async (command) => {
          this.ran.push(lineOf(command))
          return this.#answer(command)
        },
        which: async (program) => this.#which(program),
      },
      packages: this.packages,
      services: this.services,
      accounts: this.accounts,
      http: { ask: this.http.ask },
      sources: fakeSources(this.#data.sources ?? {}, this.files, render),
    }
  }

  /** Of a job of its own, which `journal` gets to know how to undo. */
  changerFor(journal: UndoJournal): Changer {
    const note = (action: string) => void this.actions.push(action)
    const bring = (services: readonly string[]) => {
      for (const name of services) this.services.table.set(name, { running: true, enabled: true })
    }
    const look = this.reader
    const changed = () => undefined
    const run: Changer['commands']['run'] = (command, options) => this.#run(command, options)
    return {
      look,
      signal: this.#abort.signal,
      files: new FakeFileChanger(this.files, journal, note, async (command) => this.#answer(command)),
      commands: journalledCommands({ run }, journal, systemClock, changed),
      http: journalledHttp(this.http.send, journal, systemClock, changed),
      packages: journalledPackages(
        new FakePackageChanger(this.packages, note, bring),
        look,
        journal,
        changed,
      ),
      services: journalledServices(new FakeServiceChanger(this.services, note), look, journal, changed),
      accounts: journalledAccounts(
        new FakeAccountChanger(this.accounts, note),
        look,
        journal,
        changed,
        this.files.entries,
      ),
    }
  }

  async #run(command: string | readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const line = this.#known(command, options)
    if (this.#abort.signal.aborted) throw new TsaltError('job-killed', { doing: line })
    if (options.runas !== undefined && !(await this.accounts.user(options.runas))) {
      throw new TsaltError('command-user-unknown', { command: line, user: options.runas, kind: 'user' })
    }
    this.ran.push(line)
    this.actions.push(`run ${line}`)
    const found = this.#commands[line]
    if (found === undefined && this.#undoing) return this.#takeBack()
    await this.#takeTime(line, (typeof found === 'object' && found.takes) || 0)
    for (const [path, text] of Object.entries((typeof found === 'object' && found.writes) || {})) {
      const content = new Uint8Array(Buffer.from(text))
      if (!this.#written.has(path)) this.#written.set(path, this.files.inodes.get(path))
      this.files.put(path, { type: 'file', mode: 0o644, uid: 0, gid: 0, target: '', content })
    }
    const answer = this.#answer(command, options)
    Object.assign(this.#commands, (typeof found === 'object' && found.then) || {})
    return answer
  }

  /** What takes a command back is not in the case: what commands wrote goes. */
  #takeBack(): CommandResult {
    for (const [path, before] of this.#written) {
      if (before) this.files.inodes.set(path, before)
      else this.files.inodes.delete(path)
    }
    return { code: 0, stdout: '', stderr: '', timedOut: false, pid: 4242, dropped: 0 }
  }

  async #takeTime(line: string, milliseconds: number): Promise<void> {
    if (milliseconds === 0) return
    const { signal } = this.#abort
    await pause(milliseconds, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) throw new TsaltError('job-killed', { doing: line })
  }

  /** What is told a program by its standard input counts where a case names it: `psql <<< SELECT 1`. */
  #known(command: string | readonly string[], { stdin }: CommandOptions): string {
    const line = lineOf(command)
    const fed = stdin === undefined ? line : `${line} <<< ${Buffer.from(stdin).toString('utf8')}`
    const begins = (key: string) => key.endsWith('…') && fed.startsWith(key.slice(0, -1))
    return Object.hasOwn(this.#commands, fed) ? fed : (Object.keys(this.#commands).find(begins) ?? line)
  }

  #answer(command: string | readonly string[], options: CommandOptions = {}): CommandResult {
    const line = this.#known(command, options)
    const found = this.#commands[line]
    const notFound: CommandData = { code: 127, stderr: `${line.split(' ', 1)[0]}: command not found\n` }
    const data: CommandData = typeof found === 'string' ? { stdout: found } : (found ?? notFound)
    const { code = 0, stdout = '', stderr = '', timedOut = false } = data
    return { code, stdout, stderr, timedOut, pid: found === undefined ? 0 : 4242, dropped: 0 }
  }

  #which(program: string): string | undefined {
    const directories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
    const path = directories
      .map((directory) => `${directory}/${program}`)
      .find((at) => this.files.inodes.has(at))
    if (path !== undefined) return path
    const known = Object.keys(this.#commands).some((line) => line.split(' ', 1)[0] === program)
    return known ? `/usr/bin/${program}` : undefined
  }
}

function lineOf(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : command.join(' ')
}

function fakeSources(
  sources: Readonly<Record<string, string | SourceData>>,
  files: FakeFiles,
  render: SourceReader['render'] | undefined,
): SourceReader {
  const find = (url: string) => {
    const found = sources[url.split('?', 1)[0] ?? url]
    return typeof found === 'string' ? { content: found } : found
  }
  return {
    exists: async (url) => find(url) !== undefined,
    download: async (url) => {
      const found = find(url)
      if (!found) throw new TsaltError('url-unreachable', { url, reason: 'the server answers 404' })
      const content = new Uint8Array(Buffer.from(found.content))
      return { content, sha256: sha256(content), mode: 0o644 }
    },
    fetch: async (url) => {
      // As the real one: the network is asked with `download` alone.
      if (/^\w+:\/\//.test(url) && !url.startsWith('salt://'))
        throw new TsaltError('source-scheme-unknown', { url })
      const found: SourceData | undefined = find(url)
      const local = found || !url.startsWith('/') ? undefined : await files.infoFollowed(url)
      if (local?.type === 'file') {
        const content = await files.read(url)
        return { content, sha256: sha256(content), mode: local.mode }
      }
      if (!found) throw missing(url, Object.keys(sources))
      const content = new Uint8Array(Buffer.from(found.content))
      return { content, sha256: sha256(content), mode: found.mode ?? 0o644 }
    },
    tree: async (url) => {
      const prefix = `${url.replace(/\/$/, '')}/`
      const urls = Object.keys(sources)
        .filter((key) => key.startsWith(prefix))
        .sort()
      const isFolder = (key: string) => key.endsWith('/')
      const empty = urls.filter(isFolder).map((key) => key.slice(prefix.length, -1))
      const filled = urls.filter((key) => !isFolder(key))
      const files = filled.map((key) => {
        const found: SourceData = find(key) ?? { content: '' }
        const content = Buffer.from(found.content)
        return {
          path: key.slice(prefix.length),
          sha256: sha256(content),
          mode: found.mode ?? 0o644,
          size: content.length,
        }
      })
      if (urls.length === 0) throw missing(url, Object.keys(sources))
      return { files, empty }
    },
    render: render ?? (async (_engine, { text }) => text),
  }
}

function sha256(content: Uint8Array): Sha256 {
  return createHash('sha256').update(content).digest('hex') as Sha256
}

function missing(url: string, urls: readonly string[]): Error {
  const near = nearest(url, urls)
  return new TsaltError(
    'source-missing',
    { url, environment: 'base' },
    near === undefined ? {} : { hint: `Did you mean "${near}"?` },
  )
}
