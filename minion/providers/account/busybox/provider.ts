/** Local users and groups by busybox (Alpine). Not verified on a real host: Debian's busybox has no such applets. */
import type { AccountProvider } from '../../provider.ts'
import { BusyboxChanger } from './change.ts'

export const busybox: AccountProvider = {
  id: 'busybox',
  kind: 'account',
  fits: { os_family: ['Alpine'] },
  commands: ['adduser', 'deluser', 'addgroup', 'delgroup', 'chpasswd'],
  open({ accounts }) {
    const forget = () => accounts.forget()
    return { look: undefined, forget, change: (run) => new BusyboxChanger(run, accounts, forget) }
  },
}
