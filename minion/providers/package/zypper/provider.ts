/** Packages on SUSE and its relatives: rpm's database, zypper. */
import type { PackageProvider } from '../../provider.ts'
import { ZypperChanger } from './change.ts'
import { ZypperReader } from './look.ts'

export const zypper: PackageProvider = {
  id: 'zypper',
  kind: 'package',
  fits: { os_family: ['Suse'] },
  commands: ['zypper', 'rpm'],
  open({ query, root }) {
    const look = new ZypperReader(query, root)
    return { look, forget: () => look.forget(), change: (run) => new ZypperChanger(run, look) }
  },
}
