/**
 * The machine that this process runs on, opened once: account files, provider caches. Readers and changers of
 * jobs are made from it, so that what was read stays known from one run to the next as long as nothing changed.
 */
import type { Dict } from '../../shared/data/value.ts'
import { chooseProviders } from '../providers/choose.ts'
import type { Opened } from '../providers/provider.ts'
import { AccountFiles } from './account-files.ts'
import type { AccountChanger, PackageChanger, ServiceChanger } from './changer.ts'
import { commandRunner, type RunCommand } from './command.ts'
import { missingAccountChanger, missingPackages, missingServices } from './missing-provider.ts'
import type { PackageReader, ServiceReader } from './reader.ts'

export interface Machine {
  readonly accounts: AccountFiles
  readonly packages: Opened<PackageReader, PackageChanger>
  readonly services: Opened<ServiceReader, ServiceChanger>
  readonly accountChange: Opened<undefined, AccountChanger>
  /** Bytes kept of each stream of a job's command. */
  readonly maxOutput: number | undefined
  /** For looking: not bound to a job. */
  readonly query: RunCommand
  /** Forgets everything that was cached of the machine. */
  forget(): void
}

export interface MachineParts {
  /** Choose the providers: os_family, kernel, … */
  readonly grains: Dict
  /** The minion's option `providers`. */
  readonly providers?: Readonly<Record<string, string>>
  /** The minion's option `max_output`. */
  readonly maxOutput?: number
  /** Put before the paths of system databases, for tests. */
  readonly root?: string
}

/** @throws TsaltError `provider-unknown` where the configuration names one that does not exist */
export function openMachine({ grains, providers = {}, root = '', maxOutput }: MachineParts): Machine {
  const accounts = new AccountFiles(root)
  const query = commandRunner(accounts)
  const chosen = chooseProviders(grains, providers)
  const parts = { query, accounts, root }
  const packages = chosen.package?.open(parts) ?? missingPackages(grains)
  const services = chosen.service?.open(parts) ?? missingServices(grains)
  const accountChange = chosen.account?.open(parts) ?? missingAccountChanger(grains)
  return {
    accounts,
    packages,
    services,
    accountChange,
    maxOutput,
    query,
    forget: () => {
      accounts.forget()
      packages.forget()
      services.forget()
    },
  }
}
