/** Packages on RHEL and CentOS up to 7 and Amazon Linux up to 2: rpm's database, yum. */
import type { PackageProvider } from '../../provider.ts'
import { DnfChanger } from '../dnf/change.ts'
import { yumDialect } from '../dnf/dialect.ts'
import { DnfReader } from '../dnf/look.ts'

export const yum: PackageProvider = {
  id: 'yum',
  kind: 'package',
  fits: {
    os_family: ['RedHat'],
    osmajorrelease: ['5', '6', '7', '2', '2014', '2015', '2016', '2017', '2018'],
  },
  commands: ['yum', 'rpm'],
  open({ query, root }) {
    const look = new DnfReader(query, yumDialect, root)
    return { look, forget: () => look.forget(), change: (run) => new DnfChanger(run, look, yumDialect) }
  },
}
