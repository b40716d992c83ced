/**
 * What a provider is: the way of one family of systems to see to packages, services or accounts. Where it fits
 * is data, so it can be listed and chosen without running anything.
 */

import type { AccountFiles } from '../system/account-files.ts'
import type { AccountChanger, PackageChanger, ServiceChanger } from '../system/changer.ts'
import type { RunCommand } from '../system/command.ts'
import type { PackageReader, ServiceReader } from '../system/reader.ts'

export interface ProviderDescription {
  /** `apt`: what `providers:` in the minion's configuration names. */
  readonly id: string
  readonly kind: 'package' | 'service' | 'account'
  /** Grain by grain, the values of which one must be there. */
  readonly fits: Readonly<Record<string, readonly string[]>>
  /** Programs without which it can do nothing. */
  readonly commands: readonly string[]
}

/** What a provider may use. */
export interface ProviderMachine {
  /** For looking: commands that change nothing. */
  readonly query: RunCommand
  readonly accounts: AccountFiles
  /** Put before absolute paths that are read (`/var/lib/dpkg/status`): '' but in tests. */
  readonly root: string
}

/** A provider opened on a machine. Looking and changing share its caches. */
export interface Opened<Look, Change> {
  readonly look: Look
  /** Forgets what was cached, because something on the machine changed. */
  forget(): void
  /** `run` ends with the job. */
  change(run: RunCommand): Change
}

export interface Provider<Look, Change> extends ProviderDescription {
  open(machine: ProviderMachine): Opened<Look, Change>
}

export type PackageProvider = Provider<PackageReader, PackageChanger> & { readonly kind: 'package' }
export type ServiceProvider = Provider<ServiceReader, ServiceChanger> & { readonly kind: 'service' }
/** Looking at accounts needs no provider: the files are the same on every system. */
export type AccountProvider = Provider<undefined, AccountChanger> & { readonly kind: 'account' }
