/** Local users and groups, by the programs of the shadow suite (useradd, usermod, …). */
import type { AccountProvider } from '../../provider.ts'
import { ShadowChanger } from './change.ts'

export const shadow: AccountProvider = {
  id: 'shadow',
  kind: 'account',
  fits: { kernel: ['Linux'] },
  commands: ['useradd', 'usermod', 'userdel', 'groupadd', 'groupmod', 'groupdel', 'gpasswd', 'chpasswd'],
  open({ accounts }) {
    const forget = () => accounts.forget()
    return { look: undefined, forget, change: (run) => new ShadowChanger(run, accounts, forget) }
  },
}
