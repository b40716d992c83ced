/** Packages on Alpine: apk. Not verified on a real host. */
import type { PackageProvider } from '../../provider.ts'
import { ApkChanger } from './change.ts'
import { ApkReader } from './look.ts'

export const apk: PackageProvider = {
  id: 'apk',
  kind: 'package',
  fits: { os_family: ['Alpine'] },
  commands: ['apk'],
  open({ query, root }) {
    const look = new ApkReader(query, root)
    return { look, forget: () => look.forget(), change: (run) => new ApkChanger(run, look) }
  },
}
