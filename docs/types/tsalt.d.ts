// Written by "npm run docs" from the code. Changes made here are lost.
// Types for _states/*.ts and _modules/*.ts of a tree: docs/guide/custom-modules.md says how to use them.

type Sha256 = string

/** Plain data as a program writes it; `toValue` makes a Value of it. Object keys keep the engine's order. */
export type Plain =
  | Scalar
  | undefined
  | readonly Plain[]
  | { readonly [key: string]: Plain }
  | ReadonlyMap<Key, Plain>

export interface Dict extends Map<Key, Value> {}

export type Value = Scalar | Value[] | Dict

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

export interface Changer {
  /** The machine as it is now, after what was changed so far. */
  readonly look: Reader
  readonly files: FileChanger
  readonly commands: CommandChanger
  readonly packages: PackageChanger
  readonly services: ServiceChanger
  readonly accounts: AccountChanger
  readonly http: HttpChanger
  /** Aborted when an operator kills the job. Long work watches it; commands are ended by it. */
  readonly signal: AbortSignal
}

export type Decision = InSync | Drift | Unknown | Failed

export interface RelatedState {
  readonly state: string
  readonly fun: string
  readonly id: string
  readonly name: string
}

/** In a dry run: a change that an earlier state would make. */
export interface PredictedChange extends RelatedState {
  readonly changes: Plain
}

export type Scalar = null | boolean | number | bigint | string

/** What a mapping can have as a key. A float key that is integral is held as the int, as in Python `1.0 == 1`. */
export type Key = string | number | bigint | boolean | null

export interface FileReader {
  /** The entry itself, a symlink not followed. undefined: nothing there. */
  info(path: string): Promise<FileInfo | undefined>
  /** What a symlink leads to; undefined where nothing is there. */
  infoFollowed(path: string): Promise<FileInfo | undefined>
  /** Whole content, following links. @throws TsaltError `file-unreadable`, `file-too-large` (over `limit` bytes). */
  read(path: string, limit?: number): Promise<Uint8Array>
  /** SHA-256 of the content, streamed. */
  hash(path: string): Promise<Sha256>
  /** Names in a directory, sorted by code unit. @throws TsaltError `file-unreadable` */
  list(path: string): Promise<string[]>
}

export interface CommandReader {
  /** Runs a command that is known to change nothing. argv only, never a shell. */
  query(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>
  /** Absolute path of a program in PATH. */
  which(program: string): Promise<string | undefined>
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
  /** <0, 0, >0 as the package manager orders versions. */
  compareVersions(a: string, b: string): Promise<number>
  /** Name of a package that provides this virtual one, if any installed does. */
  providedBy(name: string): Promise<string | undefined>
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
}

export interface AccountReader {
  user(name: string): Promise<Account | undefined>
  group(name: string): Promise<AccountGroup | undefined>
  users(): Promise<Account[]>
  groups(): Promise<AccountGroup[]>
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
}

export interface HttpReader {
  /** A request that is known to change nothing. @throws TsaltError `url-unreachable` */
  ask(request: HttpRequest): Promise<HttpAnswer>
}

export interface FileChanger {
  /** Replaces or makes a regular file, crash-safely as security.md says. Parents must exist. */
  write(path: string, content: Uint8Array, options?: WriteOptions): Promise<void>
  /** Makes a directory; parents too where `parents` is set (with the same owner and mode where `mode` is given). */
  makeDirectory(
    path: string,
    options?: Ownership & { readonly mode?: number; readonly parents?: boolean },
  ): Promise<void>
  setMode(path: string, mode: number): Promise<void>
  setOwner(path: string, owner: Ownership): Promise<void>
  /** Makes or atomically replaces a symlink. */
  symlink(path: string, target: string, owner?: Ownership): Promise<void>
  /** Milliseconds since the epoch; what is not given stays. Of what a link leads to. */
  setTimes(path: string, times: FileTimes): Promise<void>
  /** Makes or atomically replaces a further name of the regular file `target`. */
  hardLink(path: string, target: string): Promise<void>
  /**
   * Gives an entry with all it holds another name, where nothing may be yet.
   * @returns false where the two are on different file systems; nothing was done then
   */
  move(from: string, to: string): Promise<boolean>
  /** Removes whatever is there, a directory with all it holds; never leaves through a link. */
  remove(path: string): Promise<void>
}

export interface CommandChanger {
  /** argv, or one string for a shell. The process is in a group of its own that ends with the job. */
  run(command: string | readonly string[], options?: RunOptions): Promise<CommandResult>
}

export interface PackageChanger {
  refresh(): Promise<void>
  /** One transaction for all. @throws TsaltError `package-failed` with the manager's own words */
  install(packages: readonly PackageRequest[], options?: PackageOptions): Promise<void>
  /** Local package files. */
  installFiles(paths: readonly string[], options?: PackageOptions): Promise<void>
  remove(names: readonly string[]): Promise<void>
  purge(names: readonly string[]): Promise<void>
  hold(names: readonly string[]): Promise<void>
  unhold(names: readonly string[]): Promise<void>
}

export interface ServiceChanger {
  /** @throws TsaltError `service-failed` with the last lines of the log */
  start(name: string, options?: StartOptions): Promise<void>
  stop(name: string, options?: StartOptions): Promise<void>
  restart(name: string, options?: StartOptions): Promise<void>
  reload(name: string, options?: StartOptions): Promise<void>
  enable(name: string): Promise<void>
  disable(name: string): Promise<void>
  mask(name: string, options?: MaskOptions): Promise<void>
  unmask(name: string, options?: MaskOptions): Promise<void>
  /** Makes the init system read its unit files again. */
  daemonReload(): Promise<void>
}

export interface AccountChanger {
  addUser(name: string, options: UserOptions): Promise<void>
  changeUser(name: string, options: UserOptions): Promise<void>
  removeUser(name: string, options?: { readonly purge?: boolean; readonly force?: boolean }): Promise<void>
  addGroup(name: string, options?: NumberOptions & { readonly system?: boolean }): Promise<void>
  changeGroup(name: string, options: NumberOptions & { readonly members?: readonly string[] }): Promise<void>
  removeGroup(name: string): Promise<void>
}

export interface HttpChanger {
  /** @param options how an undo of the job takes it back @throws TsaltError `url-unreachable` */
  send(request: HttpRequest, options?: { readonly undo?: readonly UndoStep[] }): Promise<HttpAnswer>
}

export interface InSync {
  readonly kind: 'in-sync'
  readonly comment: string
}

export interface Drift {
  readonly kind: 'drift'
  /** Predicted changes, in the very shape that the real run reports. Empty where the function reports none. */
  readonly changes: Plain
  /** For a dry run: what would be done. */
  readonly comment: string
  /** For a real run, unless `apply` answers another. */
  readonly done: string
  apply(act: Changer): Promise<Applied | undefined>
}

/** Can't be told yet, because it depends on an earlier change that a dry run does not make. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly reason: string
}

/** The machine is in a state from which this can't be done; nothing was changed. */
export interface Failed {
  readonly kind: 'failed'
  readonly comment: string
}

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

export interface Source {
  readonly content: Uint8Array
  readonly sha256: Sha256
  /** Permission bits on the master, for `keep`. */
  readonly mode: number
}

export interface ExpectedDigest {
  /** `sha256`, `md5`, … */
  readonly algorithm: string
  /** Lower case. */
  readonly hex: string
}

export interface TreeFile {
  readonly path: string
  readonly sha256: Sha256
  readonly mode: number
  readonly size: number
  /** A symlink's target. */
  readonly target?: string
}

export interface RenderSource {
  readonly text: string
  /** `salt://redis/redis.conf`, or the state's id for inline contents. */
  readonly name: string
  readonly environment: string
  /** SLS that asked. */
  readonly sls: string
}

export interface HttpRequest {
  /** `http://` or `https://`; behind a socket the host is only a name. */
  readonly url: string
  /** Path of a Unix socket. */
  readonly socket?: string
  /** Default GET. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Milliseconds for the whole, default 30,000. */
  readonly timeout?: number
  /** False: a certificate of whomever passes. */
  readonly verify?: boolean
  /** Files in PEM: who signs servers, and our own certificate with its key. */
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
}

export interface HttpAnswer {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface WriteOptions extends Ownership {
  /** Permission bits. Absent: those of the file that is replaced, else 0o644 for a new file. */
  readonly mode?: number
  /** Run on the temporary file's path, appended to the argv or command; non-zero refuses the write. */
  readonly checkCommand?: string
  /** What the command gets instead: a private copy, in this folder (default /tmp) and with a name that ends so. */
  readonly checkCopy?:
    | { readonly folder?: string | undefined; readonly ending?: string | undefined }
    | undefined
  /** Where the replaced file is kept: a directory. */
  readonly backupTo?: string
}

export interface Ownership {
  /** Names or ids; absent: unchanged on an existing entry, the minion's own on a new one. */
  readonly user?: string | number
  readonly group?: string | number
}

export interface FileTimes {
  readonly accessed?: number
  readonly modified?: number
}

export interface RunOptions extends CommandOptions {
  /**
   * What an undo of the job runs, in this order, where the command was run and ended with 0. Empty: there is nothing to
   * take back (a daemon reads its files again). Absent: it cannot be taken back.
   */
  readonly undo?: readonly UndoStep[]
  /** What brings the effect again once it was taken back; absent: the command itself. */
  readonly redo?: readonly UndoStep[]
  /** What it does, for those who read the undo, where argv does not say it: `psql: DROP DATABASE "a"`. No secrets. */
  readonly told?: string
  /** Why it cannot be taken back; absent: `a command ran`. */
  readonly lost?: string
}

export interface PackageRequest {
  readonly name: string
  /** Exact version; absent: the newest that the sources offer. */
  readonly version?: string
}

export interface PackageOptions {
  /** Install what the packages recommend. */
  readonly recommends?: boolean
  /** Release (apt), or the only repository (dnf, zypper). */
  readonly fromrepo?: string
  readonly downgrade?: boolean
  /** Also what is installed in this version. */
  readonly reinstall?: boolean
  /** Take packages whose signature is missing or wrong. */
  readonly skipVerify?: boolean
  /** Repositories that are turned on or off for this transaction. */
  readonly enablerepo?: readonly string[]
  readonly disablerepo?: readonly string[]
  /** Only what is installed already is changed. */
  readonly onlyUpgrade?: boolean
}

export interface StartOptions {
  /** False: not waited for. Default true. */
  readonly block?: boolean
}

export interface MaskOptions {
  /** Until the next start of the machine. */
  readonly runtime?: boolean
}

export interface UserOptions extends Partial<Omit<Account, 'name' | 'gid' | 'groups'>> {
  /** Primary group, by name or id. */
  readonly primaryGroup?: string | number
  readonly groups?: readonly string[]
  readonly system?: boolean
  readonly createHome?: boolean
  /** The number may be another user's as well. */
  readonly nonUnique?: boolean
  /** Of a new user: keep it out of lastlog and faillog, which grow with its number. */
  readonly noLogInit?: boolean
}

export interface NumberOptions {
  readonly gid?: number
  /** The number may be another group's as well. */
  readonly nonUnique?: boolean
}

/** A command that takes back what another one did; argv only, never a shell. */
export interface UndoStep {
  readonly argv: readonly string[]
  readonly cwd?: string
  readonly runas?: string
  readonly group?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly umask?: number
}

/** What a change turned out to be, where it differs from the prediction. */
export interface Applied {
  /** Not given: those that were predicted; with `ok: false` none. */
  readonly changes?: Plain
  readonly comment?: string
  /** False: the change was made but did not work; the state fails. */
  readonly ok?: boolean
}

export type FileType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'fifo'
  | 'socket'
  | 'character-device'
  | 'block-device'

/** What a check may know about the run that it is part of. */
export interface StateRun {
  /** A dry run. */
  readonly test: boolean
  /** In a dry run: what earlier states predicted, so that what is missing now may be there in the real run. */
  readonly predicted: readonly PredictedChange[]
  readonly id: string
  readonly sls: string
  readonly environment: string
  readonly required?: readonly RelatedState[]
}

/** How a value of YAML is read. */
export interface ArgumentType<Output> {
  readonly type: string
  /** Only for the type. */
  readonly reads?: Output
}

export interface Argument<Output> extends ArgumentType<Output> {
  readonly description: string
  readonly need: 'needed' | 'optional' | 'defaulted'
}

export const text: ArgumentType<string>
export const nonEmptyText: ArgumentType<string>
export const flag: ArgumentType<boolean>
/** 0 or more. */
export const whole: ArgumentType<number>
export const seconds: ArgumentType<number>
export const absolutePath: ArgumentType<string>
/** Permission bits: '0644'. */
export const mode: ArgumentType<number>
/** A user or group by name or number. */
export const account: ArgumentType<string | number>
/** A list of text; one text stands for a list of one. */
export const textList: ArgumentType<string[]>
export const mapping: ArgumentType<Dict>
export const environment: ArgumentType<Readonly<Record<string, string>>>
export const anything: ArgumentType<Value>
export function choice<const Words extends readonly string[]>(words: Words): ArgumentType<Words[number]>

export function needed<Output>(type: ArgumentType<Output>, description: string): Argument<Output>
export function optional<Output>(type: ArgumentType<Output>, description: string): Argument<Output | undefined>
export function defaulted<Output>(type: ArgumentType<Output>, fallback: Output, description: string): Argument<Output>

type Arguments = Readonly<Record<string, Argument<unknown>>>
type Read<Args extends Arguments> = { readonly [Name in keyof Args]: Args[Name] extends Argument<infer Output> ? Output : never }

export interface StateFunction<Args extends Arguments> {
  /** One sentence: "Makes sure that …" */
  readonly summary: string
  /** `name` is among them. */
  readonly args: Args
  /** SLS texts. */
  readonly examples?: readonly string[]
  /** Does something at every run; a second run is not expected to be silent. */
  readonly repeats?: true
  /** Name of the argument that takes all others, a Dict. */
  readonly restArguments?: string
  /** Looks and decides; the change itself is a closure over a Changer, which a dry run does not have. */
  check(args: Read<Args>, look: Reader, run: StateRun): Promise<Decision> | Decision
  /** What `watch` and `listen` do when a target changed. */
  refresh?(args: Read<Args>, look: Reader, run: StateRun): Promise<Decision> | Decision
}

export interface ModuleContext {
  readonly look: Reader
  readonly act: Changer
  /** The minion's. */
  readonly id: string
}

export interface ExecFunction<Args extends Arguments> {
  readonly summary: string
  /** In the order in which they may be given by position. */
  readonly args: Args
  readonly examples?: readonly string[]
  /** Changes nothing: may run beside a state run, and templates may call it in a dry run. */
  readonly readOnly?: boolean
  /** Name of the argument that takes all further positional ones, as a list. */
  readonly rest?: string
  /** Any other `name=value` is collected under this argument, a Dict. */
  readonly restKeywords?: string
  /** Templates may call it in a dry run although it could change something. */
  readonly whileRendering?: true
  run(args: Read<Args>, context: ModuleContext): Promise<Plain> | Plain
}

export function inSync(comment: string): InSync
/** @param hint what to do about it */
export function failed(comment: string, hint?: string): Failed
/** A dry run can't tell. */
export function unknown(reason: string): Unknown
export function drift(
  changes: Plain,
  comments: { readonly would: string; readonly done: string },
  apply: (act: Changer) => Promise<Applied | undefined | void>,
): Drift

export function stateFunction<const Args extends Arguments>(definition: StateFunction<Args>): StateFunction<Args>
export function execFunction<const Args extends Arguments>(definition: ExecFunction<Args>): ExecFunction<Args>

export interface StateModule {
  readonly summary: string
  readonly functions: Readonly<Record<string, StateFunction<any>>>
}

export interface ExecModule {
  readonly summary: string
  readonly functions: Readonly<Record<string, ExecFunction<any>>>
}

export function stateModule(definition: StateModule): StateModule
export function execModule(definition: ExecModule): ExecModule
