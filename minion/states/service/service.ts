/** service.*: services of the init system. */
import { stateModule } from '../contract.ts'
import { dead } from './dead.ts'
import { running } from './running.ts'
import { disabled, enabled, masked, unmasked } from './switches.ts'

export const service = stateModule({
  summary: 'Services of the init system.',
  functions: { running, dead, enabled, disabled, masked, unmasked },
})
