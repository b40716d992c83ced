/** apache_module.*: modules of Apache, enabled or not. */
import { switches } from './apache/switch.ts'
import { stateModule } from './contract.ts'

export const apacheModule = stateModule({
  summary: 'Modules of Apache, enabled by links as Debian does it.',
  functions: switches('module', 'module', 'rewrite'),
})
