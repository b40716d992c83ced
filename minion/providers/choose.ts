/** Chooses a provider of each kind by the grains, or as the configuration says. */
import { nearest } from '../../shared/data/nearest.ts'
import type { Dict, Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { accountProviders } from './account/registry.ts'
import { packageProviders } from './package/registry.ts'
import type { AccountProvider, PackageProvider, ProviderDescription, ServiceProvider } from './provider.ts'
import { serviceProviders } from './service/registry.ts'

export interface Providers {
  /** undefined: there is none for this system; what needs it says so when it is used. */
  readonly package: PackageProvider | undefined
  readonly service: ServiceProvider | undefined
  readonly account: AccountProvider | undefined
}

/** Other names under which configurations know the kinds; Salt's `providers: {pkg: …}` among them. */
const kindNames: Readonly<Record<ProviderDescription['kind'], readonly string[]>> = {
  package: ['package', 'pkg'],
  service: ['service'],
  account: ['account', 'user', 'group'],
}

/**
 * @param configured the option `providers` of the minion, e.g. `{ service: 'systemd' }`
 * @throws TsaltError `provider-unknown`
 */
export function chooseProviders(grains: Dict, configured: Readonly<Record<string, string>> = {}): Providers {
  return {
    package: choose('package', packageProviders, grains, configured),
    service: choose('service', serviceProviders, grains, configured),
    account: choose('account', accountProviders, grains, configured),
  }
}

/** Ids of the providers of a kind, for errors and listings. */
export function providerIds(kind: ProviderDescription['kind']): string[] {
  const all = { package: packageProviders, service: serviceProviders, account: accountProviders }
  return all[kind].map((provider) => provider.id)
}

function choose<Kind extends ProviderDescription>(
  kind: ProviderDescription['kind'],
  providers: readonly Kind[],
  grains: Dict,
  configured: Readonly<Record<string, string>>,
): Kind | undefined {
  const name = kindNames[kind].map((key) => configured[key]).find((value) => value !== undefined)
  if (name === undefined) return providers.find((provider) => fits(provider, grains))
  const found = providers.find((provider) => provider.id === name)
  if (found) return found
  const ids = providers.map((provider) => provider.id)
  const near = nearest(name, ids)
  throw new TsaltError(
    'provider-unknown',
    { kind, name, available: ids.join(', ') },
    near === undefined ? {} : { hint: `Did you mean "${near}"?` },
  )
}

function fits(provider: ProviderDescription, grains: Dict): boolean {
  return Object.entries(provider.fits).every(([grain, values]) => values.includes(text(grains.get(grain))))
}

function text(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
