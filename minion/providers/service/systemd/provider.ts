/** Services of systemd, by systemctl. */
import type { ServiceProvider } from '../../provider.ts'
import { SystemdChanger } from './change.ts'
import { SystemdReader } from './look.ts'

export const systemd: ServiceProvider = {
  id: 'systemd',
  kind: 'service',
  fits: { kernel: ['Linux'] },
  commands: ['systemctl'],
  open({ query, root }) {
    const look = new SystemdReader(query, root)
    return { look, forget: () => look.forget(), change: (run) => new SystemdChanger(run, look) }
  },
}
