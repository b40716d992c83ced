/** Packages on Debian and its relatives: dpkg's database, apt-get and apt-mark. */
import type { PackageProvider } from '../../provider.ts'
import { AptChanger } from './change.ts'
import { AptReader } from './look.ts'

export const apt: PackageProvider = {
  id: 'apt',
  kind: 'package',
  fits: { os_family: ['Debian'] },
  commands: ['apt-get', 'apt-cache', 'apt-mark', 'dpkg'],
  open({ query, root }) {
    const look = new AptReader(query, root)
    const forget = () => look.forget()
    return { look, forget, change: (run) => new AptChanger(run, look, forget) }
  },
}
