/**
 * What a check may do to the machine: look. No method here changes anything. The real one is os-reader.ts,
 * the one made of plain data is test/fake-machine/; both pass test/contracts/system.ts.
 */
import type { Dict, Value } from '../../shared/data/value.ts'
import type { Sha256 } from '../../shared/ids.ts'
import type { HttpReader } from './http-port.ts'

export interface Reader {
  /** This minion's grains and pillar, as compiled for the run. */
  readonly grains: Dict
  readonly pillar: Dict
  readonly files: FileReader
  readonly commands: CommandReader
  readonly packages: PackageReader
  readonly services: ServiceReader
  readonly accounts: AccountReader
  readonly sources: SourceReader
  readonly http: HttpReader
}

export type FileType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'fifo'
  | 'socket'
  | 'character-device'
  | 'block-device'

export interface FileInfo {
  readonly type: FileType
  /** Permission bits, 0o7777 at most. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Names; the number as text where no account has it. */
  readonly user: string
  readonly group: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
  /** The same: when it was read, and when anything of it, its owner or mode changed. */
  readonly accessed: number
  readonly changed: number
  /** Tells whether two names are of one file. */
  readonly identity: string
  /** How many names the file has. */
  readonly links: number
  /** Of a symlink: where it points, unresolved. */
  readonly target?: string
}

export interface FileReader {
  /** The entry itself, a symlink not followed. undefined: nothing there. */
  info(path: string): Promise<FileInfo | undefined>
  /** What a symlink leads to; undefined where nothing is there. */
  infoFollowed(path: string): Promise<FileInfo | undefined>
  /** What a path leads to, without waiting: templates are rendered again for each answer that they wait for. */
  typeOf(path: string): FileType | undefined
  /** Whole content, following links. @throws TsaltError `file-unreadable`, `file-too-large` (over `limit` bytes). */
  read(path: string, limit?: number): Promise<Uint8Array>
  /** Bytes from an offset on, following links; fewer where the file ends. @throws TsaltError `file-unreadable` */
  readPart(path: string, offset: number, length: number): Promise<Uint8Array>
  /** SHA-256 of the content, streamed. */
  hash(path: string): Promise<Sha256>
  /** Names in a directory, sorted by code unit. @throws TsaltError `file-unreadable` */
  list(path: string): Promise<string[]>
}

export interface CommandReader {
  /** Runs a command that is known to change nothing. argv only, never a shell. */
  query(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>
  /** Runs a guard (`onlyif`, `unless`, `check_cmd`) that the user wrote. Never called in a dry run. */
  guard(command: string | readonly string[], options?: CommandOptions): Promise<CommandResult>
  /** Absolute path of a program in PATH. */
  which(program: string): Promise<string | undefined>
}

export interface CommandOptions {
  readonly cwd?: string
  /** User name to run as. */
  readonly runas?: string
  readonly group?: string
  /** Added to a clean environment (PATH, HOME, LANG=C.UTF-8, ...). */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds; the whole process group is ended then. */
  readonly timeout?: number
  readonly umask?: number
  readonly stdin?: string | Uint8Array
  /** Of a command given as one string: the shell that gets it with -c. Default /bin/sh. */
  readonly shell?: string
  /** Bytes kept of each stream, default 1 MiB; what comes after is counted and dropped. */
  readonly maxOutput?: number
}

export interface CommandResult {
  /** Exit code; 128 + number for a signal; 127 where the program does not exist. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly pid: number
  readonly timedOut: boolean
  /** Bytes dropped beyond `maxOutput`. */
  readonly dropped: number
}

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly held: boolean
}

/** What happens to one package. */
export interface PackageStep {
  readonly name: string
  /** Installed version; '' for none. */
  readonly from: string
  /** '' where it goes. */
  readonly to: string
}

/** Names of the members of a group of packages, by how much they belong to it. */
export interface PackageGroup {
  readonly mandatory: readonly string[]
  readonly standard: readonly string[]
  readonly optional: readonly string[]
}

export interface PackageReader {
  /** Every installed package, read from the package database once in a run and again after a change. */
  installed(): Promise<ReadonlyMap<string, InstalledPackage>>
  /** Removed with configuration left behind. */
  configurationLeft(): Promise<ReadonlySet<string>>
  /**
   * Newest version that the sources offer, and the versions to be had, newest first.
   * @param fromrepo the release (apt) or repository that counts most
   */
  available(
    name: string,
    fromrepo?: string,
  ): Promise<{ readonly candidate: string | undefined; readonly versions: readonly string[] }>
  /** False: no list of what the sources offer was ever fetched, so `available` knows nothing. Absent: always true. */
  sourcesRead?(): Promise<boolean>
  /** The offered or installed package whose name is closest to one that does not exist. */
  similar?(name: string): Promise<string | undefined>
  /** The version that the content of a package file has; undefined: it cannot be told. */
  versionInFile?(content: Uint8Array): Promise<string | undefined>
  /** <0, 0, >0 as the package manager orders versions. */
  compareVersions(a: string, b: string): Promise<number>
  /** Name of a package that provides this virtual one, if any installed does. */
  providedBy(name: string): Promise<string | undefined>
  /** All that would go where these are removed: them and what needs them. Absent: it cannot be told. */
  removedWith?(names: readonly string[]): Promise<readonly string[]>
  /**
   * What an upgrade of the whole machine would do now.
   * @param options.dist also what needs other packages to come or go
   */
  upgrades(options?: { readonly dist?: boolean }): Promise<readonly PackageStep[]>
  /** Versions of which the package manager keeps a file to install from. */
  downloaded(): Promise<ReadonlyMap<string, readonly string[]>>
  /** Seconds since the lists of what the sources offer were fetched; undefined: never, or it cannot be told. */
  listsAge?(): Promise<number | undefined>
  /** Absent: this package manager has no groups. undefined: no such group. */
  group?(name: string): Promise<PackageGroup | undefined>
  /** Paths that an installed package owns; undefined: it is not installed. */
  filesOf?(name: string): Promise<readonly string[] | undefined>
  /** Name of the package that a path belongs to. */
  ownerOf?(path: string): Promise<string | undefined>
  /** Fields of installed packages in Salt's words: `version`, `arch`, `summary`, `license`, … */
  describe?(names: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>
}

export interface ServiceState {
  readonly exists: boolean
  readonly running: boolean
  /** `failed`, `active`, `inactive`, `activating`, … as the init system says. */
  readonly active: string
  readonly enabled: boolean
  /** `enabled`, `disabled`, `static`, `masked`, … */
  readonly enablement: string
  readonly masked: boolean
}

export interface ServiceReader {
  /** Many in one query. `nginx` means `nginx.service`. */
  states(
    names: readonly string[],
    options?: { /** Whatever was known a moment ago. */ readonly fresh?: boolean },
  ): Promise<ReadonlyMap<string, ServiceState>>
  /** True where a unit file on disk is newer than what the init system has loaded. */
  needsReload(name: string): Promise<boolean>
  /** Last lines of the service's log, for a failed start. */
  recentLog(name: string, lines: number): Promise<string>
  /** Names of all units of type service that exist. */
  list(): Promise<string[]>
  /** All that the init system says of a service, by its own names. Absent: it says no more than `states`. */
  properties?(name: string): Promise<Readonly<Record<string, string>>>
  /**
   * What the init system has against a unit with these files (`app.service`, `app.service.d/limits.conf`) in the place
   * of those that are there; undefined: nothing, or it cannot tell. Absent: units are not files here.
   */
  verify?(unit: string, files: ReadonlyMap<string, string>): Promise<string | undefined>
}

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly fullname: string
  readonly home: string
  readonly shell: string
  /** Names of supplementary groups, sorted. */
  readonly groups: readonly string[]
  /** Hash as in the shadow file; undefined where it can't be read. */
  readonly passwordHash?: string
}

export interface AccountGroup {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

export interface AccountReader {
  user(name: string): Promise<Account | undefined>
  group(name: string): Promise<AccountGroup | undefined>
  users(): Promise<Account[]>
  groups(): Promise<AccountGroup[]>
  /** What this machine's own files know, without waiting; others may know further accounts. */
  userNow?(name: string): Account | undefined
  groupNow?(key: string | number): AccountGroup | undefined
}

export interface Source {
  readonly content: Uint8Array
  readonly sha256: Sha256
  /** Permission bits on the master, for `keep`. */
  readonly mode: number
}

export interface SourceReader {
  /** `salt://path?saltenv=env` or an absolute path. @throws TsaltError `source-missing` with the nearest name */
  fetch(url: string, environment: string): Promise<Source>
  /**
   * `http://` or `https://`, once in a run; with the digest that it must have, not at all where an earlier run left it
   * in the cache. The caller compares the digest: here it only tells what need not be fetched.
   * @throws TsaltError `url-unreachable`
   */
  download(url: string, digest?: ExpectedDigest): Promise<Source>
  /** Paths under `salt://dir`, relative to it, sorted: of files and links, with mode; and of directories that hold nothing. */
  tree(
    url: string,
    environment: string,
  ): Promise<{ readonly files: readonly TreeFile[]; readonly empty?: readonly string[] }>
  exists(url: string, environment: string): Promise<boolean>
  /** Renders a managed file's template with the run's grains, pillar, opts and this context. `name` is for errors. */
  render(engine: string, source: RenderSource, context: Readonly<Record<string, Value>>): Promise<string>
  /** The data of a file through a pipeline (`jinja|yaml`, unless its first line names another). */
  load?(renderer: string, source: RenderSource, context: Readonly<Record<string, Value>>): Promise<Value>
}

export interface ExpectedDigest {
  /** `sha256`, `md5`, … */
  readonly algorithm: string
  /** Lower case. */
  readonly hex: string
}

export interface RenderSource {
  readonly text: string
  /** `salt://redis/redis.conf`, or the state's id for inline contents. */
  readonly name: string
  readonly environment: string
  /** SLS that asked. */
  readonly sls: string
}

export interface TreeFile {
  readonly path: string
  readonly sha256: Sha256
  readonly mode: number
  readonly size: number
  /** A symlink's target. */
  readonly target?: string
}
