/** apache_conf.*: configurations of Apache, enabled or not. */
import { switches } from './apache/switch.ts'
import { stateModule } from './contract.ts'

export const apacheConf = stateModule({
  summary: 'Configurations of Apache, enabled by links as Debian does it.',
  functions: switches('conf', 'configuration', 'security'),
})
