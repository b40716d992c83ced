/** git.*: clones of repositories, and the configuration of git. */
import { stateModule } from '../contract.ts'
import { cloned } from './cloned.ts'
import { config, configSet, configUnset } from './config.ts'
import { detached } from './detached.ts'
import { latest } from './latest.ts'
import { present } from './present.ts'

export const git = stateModule({
  summary: 'Clones of repositories, and the configuration of git.',
  functions: { latest, cloned, detached, present, config, config_set: configSet, config_unset: configUnset },
})
