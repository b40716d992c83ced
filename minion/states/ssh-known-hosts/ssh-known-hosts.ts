/** ssh_known_hosts.*: keys by which SSH of a user, or of the whole machine, knows other hosts. */
import { stateModule } from '../contract.ts'
import { absent } from './absent.ts'
import { present } from './present.ts'

export const sshKnownHosts = stateModule({
  summary: 'Keys by which SSH knows other hosts.',
  functions: { present, absent },
})
