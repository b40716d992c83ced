/** Packages on Fedora, RHEL 8 and later and their relatives: rpm's database, dnf. */
import type { PackageProvider } from '../../provider.ts'
import { DnfChanger } from './change.ts'
import { dnfDialect } from './dialect.ts'
import { DnfReader } from './look.ts'

export const dnf: PackageProvider = {
  id: 'dnf',
  kind: 'package',
  fits: { os_family: ['RedHat'] },
  commands: ['dnf', 'rpm'],
  open({ query, root }) {
    const look = new DnfReader(query, dnfDialect, root)
    return { look, forget: () => look.forget(), change: (run) => new DnfChanger(run, look, dnfDialect) }
  },
}
