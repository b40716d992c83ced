/** Packages on Arch and its relatives: pacman. Not verified on a real host. */
import type { PackageProvider } from '../../provider.ts'
import { PacmanChanger } from './change.ts'
import { PacmanReader } from './look.ts'

export const pacman: PackageProvider = {
  id: 'pacman',
  kind: 'package',
  fits: { os_family: ['Arch'] },
  commands: ['pacman', 'vercmp'],
  open({ query, root }) {
    const look = new PacmanReader(query, root)
    return { look, forget: () => look.forget(), change: (run) => new PacmanChanger(run, look) }
  },
}
