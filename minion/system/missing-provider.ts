/** What a system without a provider gets: every use says by name what is missing. */
import type { Dict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { providerIds } from '../providers/choose.ts'
import type { Opened, ProviderDescription } from '../providers/provider.ts'
import type { AccountChanger, PackageChanger, ServiceChanger } from './changer.ts'
import type { PackageReader, ServiceReader } from './reader.ts'

type Refuse = (doing: string) => () => Promise<never>

function refusal(kind: ProviderDescription['kind'], grains: Dict): Refuse {
  const name = (grain: string) => String(grains.get(grain) ?? '')
  const system = [name('os') || name('os_family') || name('kernel') || 'unknown', name('osrelease')]
    .join(' ')
    .trim()
  return (doing) => async () => {
    const available = providerIds(kind).join(', ')
    throw new TsaltError('provider-missing', { kind, system, doing, available })
  }
}

export function missingPackages(grains: Dict): Opened<PackageReader, PackageChanger> {
  const refuse = refusal('package', grains)
  const look: PackageReader = {
    installed: refuse('list packages'),
    configurationLeft: refuse('list packages'),
    available: refuse('ask what can be installed'),
    compareVersions: refuse('compare versions'),
    providedBy: refuse('list packages'),
    upgrades: refuse('ask what can be upgraded'),
    downloaded: refuse('list downloaded packages'),
  }
  const change: PackageChanger = {
    refresh: refuse('refresh the package sources'),
    install: refuse('install packages'),
    installFiles: refuse('install packages'),
    upgrade: refuse('upgrade packages'),
    download: refuse('download packages'),
    autoremove: refuse('remove packages'),
    remove: refuse('remove packages'),
    purge: refuse('purge packages'),
    hold: refuse('hold packages'),
    unhold: refuse('unhold packages'),
  }
  return { look, forget: () => undefined, change: () => change }
}

export function missingServices(grains: Dict): Opened<ServiceReader, ServiceChanger> {
  const refuse = refusal('service', grains)
  const look: ServiceReader = {
    states: refuse('look at services'),
    needsReload: refuse('look at services'),
    recentLog: refuse('read the log of a service'),
    list: refuse('list services'),
  }
  const change: ServiceChanger = {
    start: refuse('start a service'),
    stop: refuse('stop a service'),
    restart: refuse('restart a service'),
    reload: refuse('reload a service'),
    enable: refuse('enable a service'),
    disable: refuse('disable a service'),
    mask: refuse('mask a service'),
    unmask: refuse('unmask a service'),
    daemonReload: refuse('reload unit files'),
  }
  return { look, forget: () => undefined, change: () => change }
}

export function missingAccountChanger(grains: Dict): Opened<undefined, AccountChanger> {
  const refuse = refusal('account', grains)
  const change: AccountChanger = {
    addUser: refuse('add a user'),
    changeUser: refuse('change a user'),
    removeUser: refuse('remove a user'),
    addGroup: refuse('add a group'),
    changeGroup: refuse('change a group'),
    removeGroup: refuse('remove a group'),
  }
  return { look: undefined, forget: () => undefined, change: () => change }
}
