/** git.*: clones of repositories, and the configuration of git. */
import { stateModule } from '../contract.ts'
import { cloned } from './cloned.ts'
import { configSet, configUnset } from './config.ts'
import { latest } from './latest.ts'

export const git = stateModule({
  summary: 'Clones of repositories, and the configuration of git.',
  functions: { latest, cloned, config_set: configSet, config_unset: configUnset },
})
