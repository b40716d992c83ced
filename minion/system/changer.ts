/**
 * The only way to change the machine. A dry run never holds one. The real one is os-changer.ts; before every
 * change it writes how to undo it into the job's undo journal.
 */
import type { HttpChanger } from './http-port.ts'
import type { Account, CommandOptions, CommandResult, Reader } from './reader.ts'

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

export interface Ownership {
  /** Names or ids; absent: unchanged on an existing entry, the minion's own on a new one. */
  readonly user?: string | number
  readonly group?: string | number
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

export interface FileTimes {
  readonly accessed?: number
  readonly modified?: number
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

export interface CommandChanger {
  /** argv, or one string for a shell. The process is in a group of its own that ends with the job. */
  run(command: string | readonly string[], options?: RunOptions): Promise<CommandResult>
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

export interface PackageChanger {
  refresh(): Promise<void>
  /** One transaction for all. @throws TsaltError `package-failed` with the manager's own words */
  install(packages: readonly PackageRequest[], options?: PackageOptions): Promise<void>
  /** Of the whole machine. @param options.dist packages may come and go for it */
  upgrade(options?: PackageOptions & { readonly dist?: boolean }): Promise<void>
  /** Into the package manager's cache, without installing. */
  download(packages: readonly PackageRequest[], options?: PackageOptions): Promise<void>
  /** What came as a dependency and is needed no more. */
  autoremove(options?: { readonly purge?: boolean }): Promise<void>
  /** Local package files. */
  installFiles(paths: readonly string[], options?: PackageOptions): Promise<void>
  remove(names: readonly string[]): Promise<void>
  purge(names: readonly string[]): Promise<void>
  hold(names: readonly string[]): Promise<void>
  unhold(names: readonly string[]): Promise<void>
}

export interface StartOptions {
  /** False: not waited for. Default true. */
  readonly block?: boolean
}

export interface MaskOptions {
  /** Until the next start of the machine. */
  readonly runtime?: boolean
}

export interface ServiceChanger {
  /** @throws TsaltError `service-failed` with the last lines of the log */
  start(name: string, options?: StartOptions): Promise<void>
  stop(name: string, options?: StartOptions): Promise<void>
  restart(name: string, options?: StartOptions): Promise<void>
  reload(name: string, options?: StartOptions): Promise<void>
  /** Reloads where the service can, else restarts it. Absent: the init system has no such verb. */
  forceReload?(name: string): Promise<void>
  enable(name: string): Promise<void>
  disable(name: string): Promise<void>
  mask(name: string, options?: MaskOptions): Promise<void>
  unmask(name: string, options?: MaskOptions): Promise<void>
  /** Makes the init system read its unit files again. */
  daemonReload(): Promise<void>
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

export interface AccountChanger {
  addUser(name: string, options: UserOptions): Promise<void>
  changeUser(name: string, options: UserOptions): Promise<void>
  removeUser(name: string, options?: { readonly purge?: boolean; readonly force?: boolean }): Promise<void>
  addGroup(name: string, options?: NumberOptions & { readonly system?: boolean }): Promise<void>
  changeGroup(name: string, options: NumberOptions & { readonly members?: readonly string[] }): Promise<void>
  removeGroup(name: string): Promise<void>
}
