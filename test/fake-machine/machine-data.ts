/** A machine as plain data: what a case file writes down before and expects after. */

import type { FileType, SourceReader } from '../../minion/system/reader.ts'
import type { Dict } from '../../shared/data/value.ts'

export interface MachineData {
  /** By absolute path; a text is the content of a file. Parents that are not named are made (root, 0755). */
  readonly files?: Readonly<Record<string, string | FileData>>
  readonly packages?: PackagesData
  /** By name without `.service`. */
  readonly services?: Readonly<Record<string, ServiceData>>
  readonly users?: Readonly<Record<string, UserData>>
  readonly groups?: Readonly<Record<string, GroupData>>
  /**
   * By the command line (argv joined by blanks), with ` <<< TEXT` where its standard input tells it apart, or
   * ` <<< TEXT…` for how that begins. A command that is not here does not exist (127).
   */
  readonly commands?: Readonly<Record<string, CommandData | string>>
  /** By `GET url`, or `GET /socket /path` behind a Unix socket: what the server answers. */
  readonly http?: Readonly<Record<string, HttpData | string>>
  /** By `salt://path` (or another URL): the content. */
  readonly sources?: Readonly<Record<string, string | SourceData>>
}

export interface FileData {
  /** Default `file`. */
  readonly type?: FileType
  readonly content?: string
  /** Instead of content, for binaries. */
  readonly base64?: string
  /** Default 0o644, directories 0o755, links 0o777. */
  readonly mode?: number
  /** Default root. */
  readonly user?: string
  readonly group?: string
  readonly target?: string
  /** Milliseconds since the epoch. */
  readonly modified?: number
  readonly accessed?: number
  /** An earlier path of which this is a further name. */
  readonly sameAs?: string
}

export interface PackagesData {
  readonly installed?: Readonly<Record<string, string | InstalledData>>
  /** Versions to be had, newest first, or the only one. */
  readonly available?: Readonly<Record<string, string | readonly string[]>>
  /** No list of what the sources offer was ever fetched. */
  readonly neverRefreshed?: boolean
  /** What becomes available by a refresh. */
  readonly afterRefresh?: Readonly<Record<string, string | readonly string[]>>
  readonly configurationLeft?: readonly string[]
  /** Versions whose files are in the cache of the package manager. */
  readonly downloaded?: Readonly<Record<string, readonly string[]>>
  /** Seconds since the lists were fetched. */
  readonly listsAge?: number
  readonly groups?: Readonly<Record<string, Partial<Record<'mandatory' | 'standard' | 'optional', string[]>>>>
  /** Package → why its installation fails. */
  readonly broken?: Readonly<Record<string, string>>
  /** Package → services that it brings, running and enabled, as Debian does. */
  readonly services?: Readonly<Record<string, readonly string[]>>
}

export interface InstalledData {
  readonly version: string
  readonly held?: boolean
  readonly architecture?: string
  readonly provides?: readonly string[]
  /** Packages that go where it goes. */
  readonly neededBy?: readonly string[]
}

export interface ServiceData {
  readonly running?: boolean
  readonly enabled?: boolean
  readonly masked?: boolean
  /** As systemd says, where `enabled` is not enough: `static`. */
  readonly enablement?: string
  readonly active?: string
  readonly needsReload?: boolean
  /** Why it does not start. */
  readonly broken?: string
  readonly log?: string
}

export interface UserData {
  readonly uid?: number
  readonly gid?: number
  readonly fullname?: string
  readonly home?: string
  readonly shell?: string
  readonly passwordHash?: string
  /** A process of the user runs, so it cannot be removed without force. */
  readonly busy?: boolean
  /** The home directory is not there. */
  readonly homeless?: boolean
}

export interface GroupData {
  readonly gid?: number
  readonly members?: readonly string[]
}

export interface CommandData {
  readonly code?: number
  readonly stdout?: string
  readonly stderr?: string
  readonly timedOut?: boolean
  /** Files that it writes when it is run by a Changer. */
  readonly writes?: Readonly<Record<string, string>>
  /** What commands answer once a Changer has run it. */
  readonly then?: Readonly<Record<string, CommandData | string>>
  /** Milliseconds that it takes when it is run by a Changer. */
  readonly takes?: number
}

export interface HttpData {
  /** Default 200. */
  readonly status?: number
  readonly reason?: string
  /** Text, or data that is sent as JSON. */
  readonly body?: unknown
  /** What servers answer once a Changer has sent it. */
  readonly then?: Readonly<Record<string, HttpData | string>>
}

export interface SourceData {
  readonly content: string
  /** Default 0o644. */
  readonly mode?: number
}

export interface FakeMachineOptions {
  readonly grains?: Dict
  readonly pillar?: Dict
  /** Renders templates; default: the text as it stands. */
  readonly render?: SourceReader['render']
}
